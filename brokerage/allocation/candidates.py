"""Answers as candidates for awards: everything that awards rest on, read in a few statements for as many as there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, exists, func, select

from app import clock
from app.calendar.deadlines import local_date, local_text
from app.database import db
from app.database.many import among, listed
from app.errors import Conflict
from app.parties.models import User, UserRole
from app.parties.roles import Role
from brokerage.allocation import rules
from brokerage.allocation.models import Award
from brokerage.allocation.rules import (
    HOLDING_STATES,
    PROPOSAL_LASTS_WORKING_DAYS,
    AwardChoice,
    AwardFacts,
    AwardState,
    ReasonAgainst,
    is_above_limit,
)
from brokerage.allocation.times import TimesSaid, reason_against_day, reasons_against_times, visits_agreed
from brokerage.ranking.queries import ReplayedRanking, declared_conflict, newest_replayed, why_unranked
from brokerage.ranking.rules import PlaceList, RankedAnswer
from contracts.agreements.rules import Cost
from contracts.agreements.services import cost_of_week, visits_of
from marketplace.applications.models import Application
from marketplace.applications.rules import ApplicationState
from marketplace.holidays.queries import calendar_of
from marketplace.membership.services import CapacityInHand
from marketplace.packages.listing import need_confirmed_at
from marketplace.packages.models import Package, PackageVisit
from marketplace.packages.visits import Visit, parse_weekly_visits, weekly_minutes
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.queries import reasons_now, rounds_entered_by
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
    "agreed_visits": "agreed_visits",
    "agreed_on": "agreed_on",
    "second_person": "second_person",
}
"""Reasons against an award that somebody can mend on the form, and the field for it."""

UNDECIDED = (ApplicationState.SUBMITTED, ApplicationState.CHECKING, ApplicationState.WAITING)


@dataclass(frozen=True, slots=True)
class WantedAward:
    """An answer that somebody wants to award, and the words for it.

    `held` is the proposed award that is being approved: it holds its hours already, and its proposer and its approver
    are the two persons.
    """

    line: OfferLine
    choice: AwardChoice
    held: Award | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wanted answer with its place in the newest ranking, and what the week would cost."""

    wanted: WantedAward
    response: Response
    policy: SchemePolicy
    ranking: ReplayedRanking
    number: int
    cost: Cost
    said: TimesSaid
    visits: tuple[Visit, ...]

    @property
    def minutes(self) -> int:
        """Minutes of care a week, as agreed."""
        return weekly_minutes(self.visits)

    @property
    def agreed_on(self) -> date:
        """The day on which it was agreed with the person."""
        return self.wanted.choice.agreed_on or clock.today()

    @property
    def line(self) -> OfferLine:
        """The answer's line of its offer."""
        return self.wanted.line

    @property
    def package(self) -> Package:
        """The package of the round."""
        return self.line.round.package

    @property
    def issue(self) -> Issue:
        """The issue of the round."""
        return self.line.round.issue

    @property
    def answer(self) -> RankedAnswer:
        """The answer as it was ranked."""
        return self.ranking.order.answers[self.number - 1]

    @property
    def below_minimum(self) -> bool:
        """Whether the quality is below the scheme's minimum."""
        return self.answer.place_list is PlaceList.BELOW

    @property
    def changed(self) -> bool:
        """Whether the yes has another start or other times than asked, or less is agreed than it said yes to."""
        asked, agreed = ([visit.timing for visit in sorted(visits)] for visits in (self.said.asked, self.visits))
        return not self.answer.entry.firm or agreed != asked

    @property
    def is_only_proposed(self) -> bool:
        """Whether a second person must approve: below the quality minimum, or above the scheme's limit."""
        return self.below_minimum or is_above_limit(self.cost.pence, self.policy.award_limit_pence)

    @property
    def starts_on(self) -> date:
        """The first day of care: when it is wanted and possible, and not in the past."""
        return max(self.response.earliest_start or clock.today(), self.package.planned_start, clock.today())

    def field_of(self, reason: ReasonAgainst) -> str:
        """The field of the form at which a reason can be mended; empty when nobody can mend it there."""
        if reason.field == "reason":
            return "below_minimum_reason" if self.below_minimum else "skip_reason"
        return ASKED_FOR.get(reason.field, "")


class AwardBasis:
    """All that awards to answers of one issue rest on, as things stand; locked where hours are to be taken.

    Each is judged by itself, and finds less capacity than the one before it where that took some.
    """

    def __init__(self, wanted: Sequence[WantedAward], by: UUID | None, *, lock: bool = False) -> None:
        lines = [each.line for each in wanted]
        packages = [line.round.package for line in lines]
        which = listed(line.round_id for line in lines)
        self._by, (self._issue,) = by, {line.round.issue for line in lines}
        self._policy = policy_on(self._issue.scheme_id, clock.today())
        self._responses = _responses_on(lines)
        self._rankings = newest_replayed(which)
        self._visits = visits_of(package.id for package in packages)
        self._standing = _standing_answers(which)
        members = {line.offer.provider_id for line in lines} | self._earlier_members(lines)
        self._reasons = reasons_now(self._issue.scheme_id, packages, members)
        self.capacity = CapacityInHand(self._issue.scheme_id, members, lock=lock)
        self._confirmed = need_confirmed_at(package.id for package in packages)
        self._entered = rounds_entered_by(which, by) if by else set()
        self._declared = declared_conflict(by, self._issue) if by else None
        self._reopened = reopened_until(which, self._policy)
        self._regime = reasons_against_award_under(self._issue.scheme.regime, clock.today())
        self._applications = _undecided_applications(self._issue)

    def candidate(self, wanted: WantedAward) -> Candidate:
        """This answer as a candidate. Raises Conflict when the ranking is missing, does not replay or leaves it out."""
        line, round_ = wanted.line, wanted.line.round
        ranking, response = self._rankings.get(round_.id), self._responses.get(line.id)
        if ranking is None:
            raise Conflict(why_unranked(round_))
        if not ranking.holds:
            raise Conflict(
                "This ranking no longer follows from its frozen inputs, so nothing can be awarded on it. Tell an auditor."
            )
        number = _number_of(ranking, line)
        if response is None or response.kind is not ResponseKind.ACCEPT or number is None:
            raise Conflict("This provider has no place in the ranking of this package, so it cannot be awarded.")
        said = _times_said(response, self._visits[round_.package_id])
        visits = visits_agreed(wanted.choice.agreed_visits, said)
        cost = cost_of_week(visits, response.price_pence or 0, self._issue.lot.unit)
        return Candidate(wanted, response, self._policy, ranking, number, cost, said, visits)

    def reasons_against(self, candidate: Candidate) -> tuple[ReasonAgainst, ...]:
        """Every reason why this award may not be made (or proposed) now."""
        return rules.reasons_against_award(self._facts(candidate))

    def passed_over(self, candidate: Candidate) -> tuple[str, ...]:
        """The providers on earlier places that could be awarded now, by name: taking this answer skips them."""
        package = candidate.package
        standing, reasons = self._standing[candidate.line.round_id], self._reasons[package.id]
        return tuple(
            answer.entry.name
            for answer in candidate.ranking.order.answers[: candidate.number - 1]
            if answer.entry.member in standing
            and not reasons.get(answer.entry.member)
            and self.capacity.left(UUID(answer.entry.member), package.zone_id) >= package.weekly_minutes
        )

    def capacity_left(self, candidate: Candidate) -> int:
        """Minutes a week that the provider can still take; an award that is being approved holds its own already."""
        held = candidate.wanted.held.held_minutes if candidate.wanted.held else 0
        return self.capacity.left(candidate.line.offer.provider_id, candidate.package.zone_id) + held

    def take_hours(self, candidate: Candidate) -> None:
        """Takes the package's hours of the provider's capacity; those that a proposed award holds are taken already."""
        if candidate.wanted.held is None:
            self.capacity.take(candidate.line.offer.provider_id, candidate.package.zone_id, candidate.minutes)

    def _facts(self, candidate: Candidate) -> AwardFacts:
        now, wanted, package = clock.now(), candidate.wanted, candidate.package
        choice, by, key = wanted.choice, str(self._by or ""), package.id
        round_, against = wanted.line.round, self._reasons[key].get(str(wanted.line.offer.provider_id), ())
        return AwardFacts(
            now=now,
            deadline=self._issue.deadline,
            round_open=round_.state is RoundState.OPEN,
            round_awardable=round_.state is RoundState.CLOSED,
            response_stands=candidate.response.state in AWARDABLE_ANSWERS,
            responded_at=candidate.response.submitted_at,
            eligibility=tuple(reason.sentence for reason in against),
            capacity_left_minutes=self.capacity_left(candidate),
            package_minutes=candidate.minutes,
            need_confirmed_at=now if choice.need_confirmed_with.strip() else self._confirmed.get(key),
            regime=self._regime,
            pending_applications=self._pending(candidate),
            skipped=len(self.passed_over(candidate)),
            reason=choice.below_minimum_reason if candidate.below_minimum else choice.skip_reason,
            changed_yes=candidate.changed,
            agreed_with_person=bool(choice.agreed_with_person.strip()),
            below_quality_minimum=candidate.below_minimum,
            second_person=str(wanted.held.made_by) if wanted.held else _second_person(choice, package.authority_id),
            awarded_by=by,
            answer_entered_by=by if round_.id in self._entered else "",
            conflict_declared=self._declared,
            reopening_over=round_.id in self._reopened and clock.today() > self._reopened[round_.id],
            words_alone=candidate.said.words_alone,
            against_times=tuple(reasons_against_times(choice.agreed_visits, candidate.said)),
            against_day=reason_against_day(candidate.agreed_on, local_date(self._issue.issued_at), clock.today()),
        )

    def _earlier_members(self, lines: Sequence[OfferLine]) -> set[UUID]:
        """Everybody on a place before one of these whose yes stands."""
        found: set[str] = set()
        for line in lines:
            ranking = self._rankings.get(line.round_id)
            answers = ranking.order.answers[: (_number_of(ranking, line) or 1) - 1] if ranking else ()
            found |= self._standing[line.round_id] & {answer.entry.member for answer in answers}
        return {UUID(member) for member in found}

    def _pending(self, candidate: Candidate) -> tuple[str, ...]:
        """Only a dynamic market waits for undecided applications of providers that cover the area (H2)."""
        pending = sum(_would_cover(waiting, candidate.package) for waiting in self._applications)
        exception = candidate.wanted.choice.exception_reason
        return reasons_to_wait_for_applications(self._issue.scheme.regime, pending, exception)


def live_awards(rounds: Sequence[Round]) -> dict[UUID, Award]:
    """The awards that hold these rounds, proposed or made, by the round's id."""
    of_rounds = among(Award.round_id, [round_.id for round_ in rounds])
    query = select(Award).where(of_rounds, Award.state.in_(HOLDING_STATES))
    live = db.session.scalars(query.execution_options(populate_existing=True)).unique()
    return {award.round_id: award for award in live}


def decided_sentence(live: Award) -> str:
    """Who decided a round, when, and for whom."""
    user = db.session.get(User, live.made_by) if live.made_by else None
    who = f"{user.name} ({live.made_by_label})" if user else live.made_by_label
    done = "awarded" if live.state is AwardState.AWARDED else "proposed for an award"
    when = local_text(live.awarded_at or live.proposed_at)
    return f"{live.round.package.reference} was {done} to {live.provider.name} by {who} on {when}."


def reopened_until(which: Select[UUID], policy: SchemePolicy) -> Mapping[UUID, date]:
    """The last day on which rankings that opened again can be used, by round; not where nobody stepped back."""
    query = select(Award.round_id, func.max(Award.ended_at)).where(
        Award.round_id.in_(which), Award.state == AwardState.PULLED_OUT
    )
    last = db.session.execute(query.group_by(Award.round_id)).all()
    days = policy.reopen_working_days
    calendar = calendar_of(policy.authority_id)
    return {key: calendar.working_days_after(local_date(at), days) for key, at in last if at is not None}


def last_day_of(award: Award) -> date:
    """The last day on which a proposed award can be approved."""
    return calendar_of(award.authority_id).working_days_after(
        local_date(award.proposed_at), PROPOSAL_LASTS_WORKING_DAYS
    )


def has_lapsed(award: Award) -> bool:
    """Whether that day has passed."""
    return clock.today() > last_day_of(award)


def _number_of(ranking: ReplayedRanking, line: OfferLine) -> int | None:
    """The place of a line's provider, counted over all lists."""
    member, numbered = str(line.offer.provider_id), enumerate(ranking.order.answers, 1)
    return next((number for number, answer in numbered if answer.entry.member == member), None)


def _times_said(response: Response, asked: Sequence[PackageVisit]) -> TimesSaid:
    offered = parse_weekly_visits(response.other_visits) if response.other_visits else ()
    words_alone = bool(response.alternative_times.strip()) and not offered
    return TimesSaid(tuple(visit.value for visit in asked), offered, words_alone)


def _responses_on(lines: Sequence[OfferLine]) -> dict[UUID, Response]:
    query = select(Response).where(among(Response.line_id, [line.id for line in lines]))
    answers = db.session.scalars(query.execution_options(populate_existing=True))
    return {response.line_id: response for response in answers}


def _standing_answers(which: Select[UUID]) -> Mapping[UUID, set[str]]:
    """The members whose yes stands, by round."""
    query = (
        select(OfferLine.round_id, Offer.provider_id)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .join(Response, Response.line_id == OfferLine.id)
        .where(OfferLine.round_id.in_(which), Response.kind == ResponseKind.ACCEPT)
        .where(Response.state.in_(AWARDABLE_ANSWERS))
    )
    standing: defaultdict[UUID, set[str]] = defaultdict(set)
    for round_id, provider_id in db.session.execute(query):
        standing[round_id].add(str(provider_id))
    return standing


def _undecided_applications(issue: Issue) -> Sequence[Application]:
    if issue.scheme.regime is not Regime.PA2023_DM:
        return ()
    query = select(Application).where(Application.scheme_id == issue.scheme_id, Application.state.in_(UNDECIDED))
    return db.session.scalars(query).unique().all()


def _would_cover(application: Application, package: Package) -> bool:
    if application.lot_ids and str(package.lot_id) not in application.lot_ids:
        return False
    return not {package.outcode, package.sector}.isdisjoint(application.areas)


def _second_person(choice: AwardChoice, authority_id: UUID) -> str:
    """The id of the colleague named, if there is such an approver in the authority; empty otherwise."""
    if not choice.second_person:
        return ""
    named = approvers_in(authority_id).where(User.email == choice.second_person.strip().lower())
    user = db.session.scalars(named).unique().one_or_none()
    return str(user.id) if user else ""


def approvers_in(authority_id: UUID) -> Select[User]:
    """Who may be the second person in an authority."""
    may_approve = exists().where(UserRole.user_id == User.id, UserRole.role.in_(APPROVERS))
    return select(User).where(User.organisation_id == authority_id, User.disabled_at.is_(None), may_approve)
