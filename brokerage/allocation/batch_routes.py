"""Pages of a whole-batch proposal: make it, edit it line by line, approve or refuse it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from app.ui.forms import HomewardForm
from app.values.words import counted
from brokerage.allocation import queries, services
from brokerage.allocation.forms import ReasonForm, edit_names
from brokerage.allocation.models import AllocationProposal
from brokerage.allocation.rules import ProposalState
from brokerage.allocation.whole_batch import LineEdit
from brokerage.ranking.queries import refuse_seeing
from marketplace.rounds.models import Issue
from marketplace.rounds.queries import issue_for

bp = Blueprint("proposals", __name__)


@bp.post("/issues/<uuid:issue_id>/proposals")
@allows("awards:propose-batch")
def propose(issue_id: UUID) -> AnyResponse:
    """Proposes a provider for each package of an issue that waits."""
    viewer = current_viewer()
    issue = issue_for(viewer, issue_id)
    refuse_seeing(viewer, issue)
    proposal = services.propose_for_batch(issue, by=viewer.actor)
    return redirect(url_for("proposals.show", proposal_id=proposal.id))


@bp.get("/proposals/<uuid:proposal_id>")
@allows("awards:propose-batch")
def show(proposal_id: UUID) -> str:
    """The proposal, line by line, with what each gives up in score."""
    return _page(_seen(proposal_id), HomewardForm(), ReasonForm())


@bp.post("/proposals/<uuid:proposal_id>/approve")
@allows("awards:propose-batch")
def approve(proposal_id: UUID) -> AnyResponse:
    """Awards every line as edited, all or none."""
    proposal, form = _seen(proposal_id), HomewardForm()
    try:
        awards = services.approve_proposal(proposal, _edits(proposal), by=current_viewer().actor)
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(_page(_seen(proposal_id), form, ReasonForm()), status=refusal.status)
    flash(f"Awarded or proposed for an award: {counted(len(awards), 'package')}.", "success")
    return redirect(url_for("allocation.show_list"))


@bp.post("/proposals/<uuid:proposal_id>/refuse")
@allows("awards:propose-batch")
def refuse(proposal_id: UUID) -> AnyResponse:
    """Refuses the whole proposal."""
    proposal, form = _seen(proposal_id), ReasonForm()
    if not form.validate_on_submit():
        return Response(_page(proposal, HomewardForm(), form), status=422)
    try:
        services.refuse_proposal(proposal, form.because.data or "", by=current_viewer().actor)
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(_page(_seen(proposal_id), HomewardForm(), form), status=refusal.status)
    return redirect(url_for("allocation.show_list"))


def _seen(proposal_id: UUID) -> AllocationProposal:
    viewer = current_viewer()
    proposal = queries.proposal_for(viewer, proposal_id)
    refuse_seeing(viewer, db.session.get_one(Issue, proposal.issue_id))
    return proposal


def _edits(proposal: AllocationProposal) -> Mapping[str, LineEdit]:
    """What was chosen for each line; an answer that was not on the page counts as left out."""
    found: dict[str, LineEdit] = {}
    for stored in proposal.lines:
        line, reason, need = edit_names(str(stored["round_id"]))
        known = {member["line_id"] for member in _members(stored)}
        chosen = request.form.get(line, "")
        line_id = UUID(chosen) if chosen in known else None
        found[str(stored["reference"])] = LineEdit(
            line_id, request.form.get(reason, "")[:1000], request.form.get(need, "")[:200]
        )
    return found


def _members(stored: Mapping[str, object]) -> list[dict[str, str]]:
    members = stored["members"]
    return members if isinstance(members, list) else []


def _page(proposal: AllocationProposal, form: HomewardForm, reason: ReasonForm) -> str:
    return render_template(
        "brokerage/allocation/proposal.html",
        proposal=proposal,
        issue=db.session.get_one(Issue, proposal.issue_id),
        form=form,
        reason=reason,
        is_open=proposal.state is ProposalState.OPEN,
        typed=request.form,
        names=edit_names,
    )
