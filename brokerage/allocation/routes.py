"""Pages of awards: what waits, how an award stands, and the proposal for a whole batch."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app.audit.queries import timeline
from app.auth import allows, current_viewer
from app.database import db
from app.parties.viewer import Viewer
from app.ui.forms import HomewardForm, ReasonForm
from brokerage.allocation import queries
from brokerage.allocation.candidates import has_lapsed
from brokerage.allocation.forms import ApprovalForm, edit_names
from brokerage.allocation.models import AllocationProposal, Award
from brokerage.allocation.rules import AwardState, BatchProposalState
from brokerage.ranking.queries import NOT_DECLARED, declared_by, reads_answers, reason_against_seeing, refuse_seeing
from contracts.agreements.models import Agreement
from contracts.agreements.queries import audience_of, may_read
from contracts.agreements.rules import AgreementState
from marketplace.answers.views import answer_on, answers_to
from marketplace.packages.queries import reads_reasons
from marketplace.rounds.models import Issue, Response, Round
from marketplace.rounds.rules import ResponseKind

bp = Blueprint("allocation", __name__)


@bp.get("/awards")
@allows("awards:read")
def show_list() -> str:
    """What waits for an award or an approval, and the awards made."""
    viewer = current_viewer()
    waiting = [] if viewer.is_provider else queries.waiting_issues(viewer)
    return render_template(
        "brokerage/allocation/list.html",
        page=queries.awards_page(viewer),
        to_approve=[] if viewer.is_provider else db.session.scalars(queries.proposed_awards(viewer)).unique().all(),
        waiting=waiting,
        declared=declared_by(viewer.user_id, [issue.id for issue, _ in waiting]),
    )


@bp.get("/awards/<uuid:award_id>")
@allows("awards:read")
def show(award_id: UUID) -> str | AnyResponse:
    """How an award stands. A proposed one is seen only by those who have declared their interests."""
    viewer = current_viewer()
    award = queries.award_for(viewer, award_id)
    if award.state is AwardState.PROPOSED and (elsewhere := declaration_first(viewer, award.round)):
        return elsewhere
    return award_page(viewer, award)


def said_under_agreement(viewer: Viewer, agreement_id: UUID) -> Markup:
    """What the provider answered when it was awarded what the agreement binds, for those who may read answers."""
    query = select(Award).join(Agreement, Agreement.award_id == Award.id)
    award = db.session.scalars(query.where(Agreement.id == agreement_id)).one_or_none()
    if award is None or not reads_answers(viewer, award.round.issue):
        return Markup()
    unit, said = award.round.issue.lot.unit.value, answer_on(award.line_id)
    internal = reads_reasons(viewer, award.round.package)
    shown = render_template("brokerage/allocation/said.html", said=said, unit=unit, award=award, internal=internal)
    return Markup(shown)  # noqa: S704 (a template of our own, which escapes)


@bp.get("/proposals/<uuid:proposal_id>")
@allows("awards:propose-batch")
def show_proposal(proposal_id: UUID) -> str:
    """The proposal, line by line, with what each gives up in score."""
    return proposal_page(proposal_seen(current_viewer(), proposal_id))


def declaration_first(viewer: Viewer, round_: Round) -> AnyResponse | None:
    """The way to the declaration of interests, where it is still to be made; refuses where it forbids seeing."""
    return None if viewer.is_provider else declaration_of_issue(viewer, round_.issue, round_)


def declaration_of_issue(viewer: Viewer, issue: Issue, round_: Round | None = None) -> AnyResponse | None:
    """The same for a whole issue; with a round, its ranking is what comes after the declaration."""
    if reason_against_seeing(viewer, issue) == NOT_DECLARED:
        return redirect(url_for("ranking_steps.declare", issue_id=issue.id, round=round_ and round_.id))
    refuse_seeing(viewer, issue)
    return None


def award_page(
    viewer: Viewer, award: Award, approval: HomewardForm | None = None, reason: HomewardForm | None = None
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
        said=answer_on(award.line_id) if reads_answers(viewer, award.round.issue) else None,
        history=[] if viewer.is_provider else timeline(award.id, audience_of(viewer), reasons=internal),
    )


def proposal_seen(viewer: Viewer, proposal_id: UUID) -> AllocationProposal:
    """A proposal for a whole batch, to those who may see the answers."""
    proposal = queries.proposal_for(viewer, proposal_id)
    refuse_seeing(viewer, db.session.get_one(Issue, proposal.issue_id))
    return proposal


def proposal_page(
    proposal: AllocationProposal, form: HomewardForm | None = None, reason: HomewardForm | None = None
) -> str:
    """The page of a proposal, with everything typed, and what each provider that said yes answered."""
    of_issue = Round.issue_id == proposal.issue_id, Response.kind == ResponseKind.ACCEPT
    said = {str(each.line_id): each for answers in answers_to(*of_issue).values() for each in answers}
    return render_template(
        "brokerage/allocation/proposal.html",
        proposal=proposal,
        issue=db.session.get_one(Issue, proposal.issue_id),
        form=form or HomewardForm(),
        reason=reason or ReasonForm(),
        is_open=proposal.state is BatchProposalState.OPEN,
        typed=request.form,
        said=said,
        names=edit_names,
    )
