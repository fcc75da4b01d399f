"""Pages of roles that take two people: what is proposed, and the second person's decision."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import proposal_services, queries
from app.accounts.form_routes import answered, form_page
from app.accounts.forms import BecauseForm
from app.accounts.models import ProposalState, RoleProposal
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer

bp = Blueprint("role_proposals", __name__, url_prefix="/role-proposals")


@bp.get("/<uuid:proposal_id>")
@allows("users:read")
def show(proposal_id: UUID) -> str:
    """What is proposed, by whom and why; and what came of it."""
    viewer = current_viewer()
    proposal = queries.proposal_for(viewer, proposal_id)
    return render_template(
        "accounts/proposal.html",
        proposal=proposal,
        is_open=proposal.state is ProposalState.PROPOSED,
        own=viewer.user_id in {proposal.proposed_by, proposal.user_id},
        entries=timeline(proposal.id, Audience.COUNCIL),
    )


@bp.post("/<uuid:proposal_id>/approve")
@allows("roles:approve")
def approve(proposal_id: UUID) -> AnyResponse:
    """Gives the roles."""
    viewer = current_viewer()
    proposal_services.approve(viewer, queries.proposal_for(viewer, proposal_id))
    flash("The roles are given.", "success")
    return redirect(url_for("role_proposals.show", proposal_id=proposal_id))


@bp.get("/<uuid:proposal_id>/refuse")
@allows("roles:approve")
def ask_to_refuse(proposal_id: UUID) -> str:
    """The form of a refusal."""
    return _refusal_page(queries.proposal_for(current_viewer(), proposal_id), BecauseForm())


@bp.post("/<uuid:proposal_id>/refuse")
@allows("roles:approve")
def refuse(proposal_id: UUID) -> AnyResponse:
    """Refuses them."""
    viewer, form = current_viewer(), BecauseForm()
    proposal = queries.proposal_for(viewer, proposal_id)
    return answered(
        form,
        lambda: proposal_services.refuse(viewer, proposal, form.because.data or ""),
        lambda: _refusal_page(proposal, form),
        lambda: url_for("role_proposals.show", proposal_id=proposal_id),
        "The roles are refused, and whoever proposed them has been told.",
    )


def _refusal_page(proposal: RoleProposal, form: BecauseForm) -> str:
    back = url_for("role_proposals.show", proposal_id=proposal.id)
    return form_page(form, "Refuse the roles", "Refuse", back, "Whoever proposed them reads why.", proposal.whose)
