"""Pages of whole organisations: the own domains, the providers of the council's lists, and what is proposed."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from app.accounts.models import ProposalState
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.house import WorkItem, panel_of
from app.http.paging import paged
from app.organisations import queries
from app.organisations.models import OrganisationProposal

bp = Blueprint("organisations", __name__)


@bp.get("/organisations")
@allows("organisations:read")
def index() -> str:
    """The own domains, and the providers that the own lists named, with a search."""
    viewer, words = current_viewer(), request.args.get("q", "").strip()[:100]
    return render_template(
        "organisations/index.html",
        own=queries.own_organisation(viewer),
        page=paged(queries.brought_organisations(viewer, words)),
        words=words,
    )


@bp.get("/organisation-proposals")
@allows("organisations:read")
def proposals() -> str:
    """What was proposed, newest first."""
    return render_template("organisations/proposals.html", page=paged(queries.proposals_of(current_viewer())))


@bp.get("/organisation-proposals/<uuid:proposal_id>")
@allows("organisations:read")
def proposal(proposal_id: UUID) -> str:
    """What is proposed, by whom and why; and what came of it."""
    viewer = current_viewer()
    shown = queries.proposal_for(viewer, proposal_id)
    return render_template(
        "organisations/proposal.html",
        proposal=shown,
        is_open=shown.state is ProposalState.PROPOSED,
        own=viewer.user_id == shown.proposed_by,
        entries=timeline(shown.id, Audience.COUNCIL),
    )


def _to_decide(shown: OrganisationProposal) -> WorkItem:
    url = url_for("organisations.proposal", proposal_id=shown.id)
    told = f"Proposed by {shown.proposed_by_label}. It takes two administrators."
    return WorkItem(shown.act.sentence, told, shown.proposed_at, url, "Decide")


TO_DECIDE = panel_of("Organisations to decide on", "organisations:manage", queries.open_proposals, _to_decide)
