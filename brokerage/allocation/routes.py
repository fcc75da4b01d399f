"""Pages of awards: what waits, the award of one answer with everything that will happen, and how it came out."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.audit.queries import timeline
from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from app.parties.viewer import Viewer
from app.ui.drawing import visit_grid
from brokerage.allocation import queries, services
from brokerage.allocation.approving import has_lapsed
from brokerage.allocation.forms import ApprovalForm, AwardForm, NoneSuitableForm, ReasonForm
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardState, NextStep
from brokerage.ranking.queries import NOT_DECLARED, reason_against_seeing, refuse_seeing
from contracts.agreements.queries import audience_of, may_read
from contracts.agreements.rules import AgreementState
from marketplace.packages.queries import reads_reasons
from marketplace.rounds.models import Issue, OfferLine, Round
from marketplace.rounds.queries import line_for, round_for
from marketplace.schemes.regime_rules import Regime

bp = Blueprint("allocation", __name__)


@bp.get("/awards")
@allows("awards:read")
def show_list() -> str:
    """What waits for an award or an approval, and the awards made."""
    viewer = current_viewer()
    return render_template(
        "brokerage/allocation/list.html",
        page=queries.awards_page(viewer),
        to_approve=[] if viewer.is_provider else db.session.scalars(queries.proposed_awards(viewer)).unique().all(),
        waiting=[] if viewer.is_provider else queries.waiting_issues(viewer),
    )


@bp.get("/offer-lines/<uuid:line_id>/award")
@allows("awards:make")
def award_form(line_id: UUID) -> str | AnyResponse:
    """Everything that awarding this answer will do, and what it asks for."""
    viewer, line = current_viewer(), line_for(current_viewer(), line_id)
    return declaration_first(viewer, line.round) or _award_page(viewer, line, AwardForm())


@bp.post("/offer-lines/<uuid:line_id>/award")
@allows("awards:make")
def make_award(line_id: UUID) -> AnyResponse:
    """Awards, or proposes the award."""
    viewer, line = current_viewer(), line_for(current_viewer(), line_id)
    refuse_seeing(viewer, line.round.issue)
    form = AwardForm()
    try:
        preview = queries.preview_of(viewer, line)
        form.ask_for(preview.asked, queries.approvers(viewer), exception=_may_be_exception(line.round.issue))
        if not form.validate():
            return Response(_award_page(viewer, line, form), status=422)
        made = services.award(line.round, line, form.choice, by=viewer.actor)
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(_award_page(viewer, line_for(viewer, line_id), form), status=refusal.status)
    flash(made.state.sentence, "success")
    return redirect(url_for("allocation.show", award_id=made.id))


@bp.get("/awards/<uuid:award_id>")
@allows("awards:read")
def show(award_id: UUID) -> str | AnyResponse:
    """How an award stands. A proposed one is seen only by those who have declared their interests."""
    viewer = current_viewer()
    award = queries.award_for(viewer, award_id)
    if award.state is AwardState.PROPOSED and (elsewhere := declaration_first(viewer, award.round)):
        return elsewhere
    return award_page(viewer, award)


@bp.get("/rounds/<uuid:round_id>/none-suitable")
@allows("awards:make")
def none_suitable_form(round_id: UUID) -> str | AnyResponse:
    """Ends a round without an award."""
    viewer, round_ = current_viewer(), round_for(current_viewer(), round_id)
    return declaration_first(viewer, round_) or _none_suitable_page(round_, NoneSuitableForm())


@bp.post("/rounds/<uuid:round_id>/none-suitable")
@allows("awards:make")
def none_suitable(round_id: UUID) -> AnyResponse:
    """Ends a round without an award, with what comes next."""
    viewer, round_, form = current_viewer(), round_for(current_viewer(), round_id), NoneSuitableForm()
    refuse_seeing(viewer, round_.issue)
    if not form.validate_on_submit():
        return Response(_none_suitable_page(round_, form), status=422)
    try:
        services.none_suitable(round_, form.because.data or "", NextStep(form.next_step.data), by=viewer.actor)
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(_none_suitable_page(round_for(viewer, round_id), form), status=refusal.status)
    flash("The round has ended, and everybody who answered is told.", "success")
    return redirect(url_for("allocation.show_list"))


def declaration_first(viewer: Viewer, round_: Round) -> AnyResponse | None:
    """The way to the declaration of interests, where it is still to be made; refuses where it forbids seeing."""
    if viewer.is_provider:
        return None
    if reason_against_seeing(viewer, round_.issue) == NOT_DECLARED:
        return redirect(url_for("ranking_steps.declare", issue_id=round_.issue_id, round=round_.id))
    refuse_seeing(viewer, round_.issue)
    return None


def award_page(
    viewer: Viewer, award: Award, approval: ApprovalForm | None = None, reason: ReasonForm | None = None
) -> str:
    """The page of one award, as the viewer's side may read it."""
    agreement = queries.agreement_of(award)
    open_proposal = award.state is AwardState.PROPOSED and not has_lapsed(award)
    internal = not viewer.is_provider and reads_reasons(viewer, award.round.package)
    before_start = agreement is not None and agreement.state is AgreementState.AWAITING_START
    return render_template(
        "brokerage/allocation/show.html",
        award=award,
        agreement=agreement if agreement and may_read(viewer, agreement) else None,
        can_decide=open_proposal and award.made_by != viewer.user_id,
        can_pull_out=award.state is AwardState.AWARDED and before_start,
        approval=approval or ApprovalForm(),
        reason=reason or ReasonForm(),
        internal=internal,
        history=[] if viewer.is_provider else timeline(award.id, audience_of(viewer), reasons=internal),
    )


def _award_page(viewer: Viewer, line: OfferLine, form: AwardForm) -> str:
    """With the preview as things stand; where the answer has no place at all the form says why."""
    preview = None
    try:
        preview = queries.preview_of(viewer, line)
    except Refusal as refusal:
        form.take(refusal)
    asked = preview.asked if preview else ()
    kept = [name for name in asked if name in form] if form.is_submitted() else asked
    if not form.is_submitted() or set(kept) != set(asked):
        form = _fresh(form)
        form.ask_for(asked, queries.approvers(viewer), exception=_may_be_exception(line.round.issue))
    return render_template(
        "brokerage/allocation/award.html",
        line=line,
        form=form,
        preview=preview,
        grid=visit_grid([visit.value for visit in line.round.package.visits]),
    )


def _fresh(form: AwardForm) -> AwardForm:
    """The form again with all its fields, keeping what was refused."""
    again = AwardForm()
    again.refusals = list(form.refusals)
    if form.is_submitted():
        again.renew()
    return again


def _may_be_exception(issue: Issue) -> bool:
    return issue.scheme.regime is Regime.PA2023_DM


def _none_suitable_page(round_: Round, form: NoneSuitableForm) -> str:
    return render_template("brokerage/allocation/none_suitable.html", round=round_, form=form)
