"""Questions about awards and proposals, asked on behalf of a viewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.database import db, only_one
from app.errors import NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.models import User
from app.parties.viewer import Viewer
from app.values.reference import parse_reference
from brokerage.allocation.candidates import AwardBasis, Candidate, WantedAward, approvers_in
from brokerage.allocation.models import AllocationProposal, Award
from brokerage.allocation.rules import HOLDING_STATES, AwardChoice, AwardState
from contracts.agreements.models import Agreement
from marketplace.providers.models import Provider
from marketplace.rounds.models import Issue, Offer, OfferLine, Round
from marketplace.rounds.rules import RoundState


@dataclass(frozen=True, slots=True)
class AwardPreview:
    """What awarding an answer would do: what is asked, what stands against it, and what follows."""

    candidate: Candidate
    fields_asked_for: frozenset[str]
    against: tuple[str, ...]
    passed_over: tuple[str, ...]
    is_only_proposed: bool
    capacity_left: int

    @property
    def capacity_after(self) -> int:
        """Minutes a week that the provider has left afterwards."""
        return self.capacity_left - self.candidate.minutes


def scope(viewer: Viewer) -> ColumnElement[bool]:
    """Awards of the viewer's authority; a provider's own once they were really made."""
    if viewer.is_provider:
        own = select(Provider.id).where(Provider.organisation_id == viewer.organisation_id)
        return Award.provider_id.in_(own) & Award.awarded_at.is_not(None)
    return Award.authority_id == viewer.authority_id


def award_for(viewer: Viewer, award_id: UUID) -> Award:
    """One award; NotFoundForViewer outside the viewer's scope."""
    return only_one(select(Award).where(Award.id == award_id, scope(viewer)).options(joinedload(Award.line)))


def awards_page(viewer: Viewer) -> Page[Award]:
    """The awards the viewer may read, newest first."""
    query = select(Award).where(scope(viewer)).order_by(Award.proposed_at.desc(), Award.id)
    return paged(query.options(joinedload(Award.round).joinedload(Round.package)))


def proposed_awards(viewer: Viewer) -> Select[Award]:
    """Proposed awards of the authority that this viewer may approve: those that somebody else proposed."""
    return (
        select(Award)
        .where(
            Award.authority_id == viewer.authority_id,
            Award.state == AwardState.PROPOSED,
            Award.made_by.is_distinct_from(viewer.user_id),
        )
        .order_by(Award.proposed_at, Award.id)
    )


def waiting_issues(viewer: Viewer) -> Sequence[tuple[Issue, int]]:
    """The issues of the authority with packages that wait for an award, and how many."""
    held = select(Award.round_id).where(Award.state.in_(HOLDING_STATES))
    query = (
        select(Issue.id, func.count(Round.id))
        .join(Round, Round.issue_id == Issue.id)
        .where(Issue.authority_id == viewer.authority_id, Round.state == RoundState.CLOSED, Round.id.not_in(held))
        .group_by(Issue.id)
        .order_by(Issue.deadline, Issue.id)
        .limit(100)
    )
    counts = dict(db.session.execute(query).all())
    issues = db.session.scalars(select(Issue).where(Issue.id.in_(counts)).order_by(Issue.deadline, Issue.id)).unique()
    return [(issue, counts[issue.id]) for issue in issues]


def agreement_of(award: Award) -> Agreement | None:
    """The agreement an award made, if it was made."""
    return db.session.scalars(select(Agreement).where(Agreement.award_id == award.id)).unique().one_or_none()


def award_with_reference(viewer: Viewer, text: str) -> UUID | None:
    """The award that people call by this reference, if the viewer may read it."""
    if not (reference := parse_reference(text, "AWD")):
        return None
    return db.session.scalars(select(Award.id).where(Award.reference == reference, scope(viewer))).one_or_none()


def proposal_for(viewer: Viewer, proposal_id: UUID) -> AllocationProposal:
    """One whole-batch proposal of the authority."""
    query = select(AllocationProposal).where(
        AllocationProposal.id == proposal_id, AllocationProposal.authority_id == viewer.authority_id
    )
    return only_one(query)


def line_of_provider(round_: Round, provider_id: UUID) -> OfferLine:
    """A provider's line of a round; NotFoundForViewer when it was not invited."""
    query = select(OfferLine).join(Offer, Offer.id == OfferLine.offer_id)
    line = db.session.scalars(
        query.where(OfferLine.round_id == round_.id, Offer.provider_id == provider_id)
    ).one_or_none()
    if line is None:
        raise NotFoundForViewer("This provider was not offered this package.")
    return line


def approvers(viewer: Viewer) -> Sequence[User]:
    """Colleagues who may be the second person."""
    query = approvers_in(viewer.organisation_id).where(User.id != viewer.user_id)
    return db.session.scalars(query.order_by(User.name_key, User.id)).unique().all()


def preview_of(viewer: Viewer, line: OfferLine) -> AwardPreview:
    """What awarding this answer would ask and do, as things stand. Raises Conflict where it has no place at all."""
    wanted = WantedAward(line, AwardChoice())
    basis = AwardBasis([wanted], viewer.user_id)
    candidate = basis.candidate(wanted)
    reasons = basis.reasons_against(candidate)
    return AwardPreview(
        candidate=candidate,
        fields_asked_for=frozenset(map(candidate.field_of, reasons)) - {""},
        against=tuple(reason.sentence for reason in reasons if not candidate.field_of(reason)),
        passed_over=basis.passed_over(candidate),
        is_only_proposed=candidate.is_only_proposed,
        capacity_left=basis.capacity_left(candidate),
    )
