"""An answer as a candidate for the award: everything that an award rests on, read inside the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select

from app import clock
from app.calendar.deadlines import local_date
from app.calendar.working_days import england
from app.database import db
from app.errors import Conflict
from app.parties.models import User, UserRole
from app.parties.roles import Role
from brokerage.allocation import rules
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardChoice, AwardFacts, AwardRoute, AwardState, ReasonAgainst, award_route
from brokerage.ranking.explanations import ExplainedPlace, ExplainedRanking
from brokerage.ranking.models import Ranking
from brokerage.ranking.queries import Declared, declared_by, ranking_of, replays
from brokerage.ranking.rules import PlaceList
from contracts.agreements.rules import Cost
from contracts.agreements.services import cost_of_week
from marketplace.applications.models import Application
from marketplace.applications.rules import ApplicationState
from marketplace.membership.queries import capacity_left
from marketplace.packages.models import Package
from marketplace.packages.queries import need_confirmed_at
from marketplace.rounds.models import Issue, OfferLine, Response, Round
from marketplace.rounds.queries import (
    accepting_lines,
    officer_entered_answer,
    reasons_by_line,
)
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState
from marketplace.schemes.models import SchemePolicy
from marketplace.schemes.queries import policy_on
from marketplace.schemes.regime_rules import Regime, reasons_against_award_under, reasons_to_wait_for_applications

AWARDABLE_ANSWERS = frozenset({ResponseState.SUBMITTED, ResponseState.NOT_AWARDED})
"""States of a yes that stands. NOT_AWARDED stands too: its ranking may be open again."""

ANOTHER_ROUND = "This answer belongs to another round."

APPROVERS = (Role.BROKER, Role.TEAM_MANAGER)
ASKED_FOR = {
    "need": "need_confirmed_with",
    "agreed_with_person": "agreed_with_person",
    "second_person": "second_person",
}
"""Reasons against an award that somebody can mend on the form, and the field for it."""

UNDECIDED = (ApplicationState.SUBMITTED, ApplicationState.CHECKING, ApplicationState.WAITING)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer with its round, its place in the newest ranking, and what the week would cost."""

    round: Round
    line: OfferLine
    response: Response
    policy: SchemePolicy
    ranking: Ranking
    place: ExplainedPlace
    number: int
    earlier: tuple[ExplainedPlace, ...]
    cost: Cost

    @property
    def package(self) -> Package:
        """The package of the round."""
        return self.round.package

    @property
    def issue(self) -> Issue:
        """The issue of the round."""
        return self.round.issue

    @property
    def below_minimum(self) -> bool:
        """Whether the quality is below the scheme's minimum."""
        return self.place.place_list is PlaceList.BELOW

    @property
    def changed(self) -> bool:
        """Whether the yes has another start or other times than asked."""
        return not self.place.scored.entry.firm

    @property
    def is_only_proposed(self) -> bool:
        """Whether a second person must approve: below the quality minimum, or above the scheme's limit."""
        limit = self.policy.award_limit_pence
        return self.below_minimum or award_route(self.cost.pence, limit) is AwardRoute.PROPOSED

    @property
    def starts_on(self) -> date:
        """The first day of care: when it is wanted and possible, and not in the past."""
        return max(self.response.earliest_start or clock.today(), self.package.planned_start, clock.today())


def candidate_of(round_: Round, line: OfferLine) -> Candidate:
    """This answer as a candidate. Raises Conflict when the ranking is missing, does not replay or leaves it out."""
    if line.round_id != round_.id:
        raise Conflict(ANOTHER_ROUND)
    row, ranking = ranking_of(round_)
    if not replays(row):
        raise Conflict(
            "This ranking no longer follows from its frozen inputs, so nothing can be awarded on it. Tell an auditor."
        )
    response = db.session.scalars(
        select(Response).where(Response.line_id == line.id).execution_options(populate_existing=True)
    ).one_or_none()
    number = _number_of(ranking, str(line.offer.provider_id))
    if response is None or response.kind is not ResponseKind.ACCEPT or number is None:
        raise Conflict("This provider has no place in the ranking of this package, so it cannot be awarded.")
    place = ranking.places[number - 1]
    cost = cost_of_week(round_.package.visits, response.price_pence or 0, round_.issue.lot.unit)
    policy = policy_on(round_.issue.scheme_id, clock.today())
    return Candidate(round_, line, response, policy, row, place, number, ranking.places[: number - 1], cost)


def award_facts(candidate: Candidate, choice: AwardChoice, by: UUID | None, *, held: Award | None = None) -> AwardFacts:
    """The facts that the rules judge. `held` is the proposed award that is being approved: it holds its hours already,
    and its proposer and its approver are the two persons.
    """
    now, line, package, issue = clock.now(), candidate.line, candidate.package, candidate.issue
    left = _capacity(line, package, issue) + (held.held_minutes if held else 0)
    second = str(held.made_by) if held else _second_person(choice.second_person, candidate.round.authority_id)
    reason = choice.below_minimum_reason if candidate.below_minimum else choice.skip_reason
    return AwardFacts(
        now=now,
        deadline=issue.deadline,
        round_open=candidate.round.state is RoundState.OPEN,
        round_awardable=candidate.round.state is RoundState.CLOSED,
        response_stands=candidate.response.state in AWARDABLE_ANSWERS,
        responded_at=candidate.response.submitted_at,
        eligibility=tuple(reason.sentence for reason in reasons_by_line([line])[line.id]),
        capacity_left_minutes=left,
        package_minutes=package.weekly_minutes,
        need_confirmed_at=now if choice.need_confirmed_with.strip() else need_confirmed_at(package.id),
        regime=reasons_against_award_under(issue.scheme.regime, clock.today()),
        pending_applications=_pending(candidate, choice),
        skipped=len(passed_over(candidate)),
        reason=reason,
        changed_yes=candidate.changed,
        agreed_with_person=bool(choice.agreed_with_person.strip()),
        below_quality_minimum=candidate.below_minimum,
        second_person=second,
        awarded_by=str(by) if by else "",
        answer_entered_by=str(by) if by and officer_entered_answer(candidate.round, by) else "",
        conflict_declared=_declared(by, issue),
        reopening_over=_reopening_over(candidate),
    )


def field_of(reason: ReasonAgainst, candidate: Candidate) -> str:
    """The field of the form at which a reason can be mended; empty when nobody can mend it there."""
    if reason.field == "reason":
        return "below_minimum_reason" if candidate.below_minimum else "skip_reason"
    return ASKED_FOR.get(reason.field, "")


def reopened_until(round_id: UUID, policy: SchemePolicy) -> date | None:
    """The last day on which a ranking that opened again can be used; None when nobody stepped back."""
    query = select(Award.ended_at).where(Award.round_id == round_id, Award.state == AwardState.PULLED_OUT)
    last = db.session.scalars(query.order_by(Award.ended_at.desc()).limit(1)).one_or_none()
    return england().working_days_after(local_date(last), policy.reopen_working_days) if last else None


def has_lapsed(award: Award) -> bool:
    """Whether the last day on which the proposal could be approved has passed."""
    return rules.has_lapsed(local_date(award.proposed_at), clock.today(), england().working_days_after)


def passed_over(candidate: Candidate) -> tuple[str, ...]:
    """The providers on earlier places that could be awarded now, by name: taking this answer skips them."""
    if not candidate.earlier:
        return ()
    earlier = {place.scored.entry.member: place.scored.entry.name for place in candidate.earlier}
    lines = {line.offer.provider_id: line for line in accepting_lines(candidate.round)}
    open_lines = [
        line
        for key, line in lines.items()
        if str(key) in earlier and line.response is not None and line.response.state in AWARDABLE_ANSWERS
    ]
    reasons, package = reasons_by_line(open_lines), candidate.package
    left = capacity_left(candidate.issue.scheme_id, [line.offer.provider_id for line in open_lines], package.zone_id)
    able = {
        str(line.offer.provider_id)
        for line in open_lines
        if not reasons[line.id] and left[line.offer.provider_id] >= package.weekly_minutes
    }
    return tuple(name for member, name in earlier.items() if member in able)


def _number_of(ranking: ExplainedRanking, member: str) -> int | None:
    numbered = enumerate(ranking.places, 1)
    return next((number for number, place in numbered if place.scored.entry.member == member), None)


def _capacity(line: OfferLine, package: Package, issue: Issue) -> int:
    provider_id = line.offer.provider_id
    return capacity_left(issue.scheme_id, [provider_id], package.zone_id)[provider_id]


def _pending(candidate: Candidate, choice: AwardChoice) -> tuple[str, ...]:
    """Only a dynamic market waits for undecided applications of providers that cover the area (H2)."""
    scheme = candidate.issue.scheme
    if scheme.regime is not Regime.PA2023_DM:
        return ()
    query = select(Application).where(Application.scheme_id == scheme.id, Application.state.in_(UNDECIDED))
    pending = [waiting for waiting in db.session.scalars(query).unique() if _would_cover(waiting, candidate)]
    return reasons_to_wait_for_applications(scheme.regime, len(pending), choice.exception_reason)


def _would_cover(application: Application, candidate: Candidate) -> bool:
    package = candidate.package
    if application.lot_ids and str(package.lot_id) not in application.lot_ids:
        return False
    return not {package.outcode, package.sector}.isdisjoint(application.areas)


def _declared(by: UUID | None, issue: Issue) -> bool | None:
    declared = declared_by(by, issue) if by else Declared.NOTHING
    return None if declared is Declared.NOTHING else declared is Declared.CONFLICT


def _second_person(email: str, authority_id: UUID) -> str:
    """The id of the colleague named, if there is such an approver in the authority; empty otherwise."""
    may_approve = exists().where(UserRole.user_id == User.id, UserRole.role.in_(APPROVERS))
    query = select(User.id).where(
        User.email == email.strip().lower(),
        User.organisation_id == authority_id,
        User.disabled_at.is_(None),
        may_approve,
    )
    user_id = db.session.scalars(query).one_or_none()
    return str(user_id) if user_id else ""


def _reopening_over(candidate: Candidate) -> bool:
    until = reopened_until(candidate.round.id, candidate.policy)
    return until is not None and clock.today() > until
