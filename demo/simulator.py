"""Some weeks of work in a county, done by the real services at moved clocks: nothing is written behind their backs.

Mondays the council loads its packages and offers the urgent ones; Tuesdays it offers the others; Wednesdays it gathers
the reallocations into batches. Providers answer as their temper has it; brokers rank and award the next morning.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import partial
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, or_, select

from app import clock
from app.audit import Actor
from app.database import db
from app.errors import Refusal
from brokerage.allocation.candidates import WantedAward
from brokerage.allocation.ending import none_suitable
from brokerage.allocation.rules import AwardChoice, NextStep
from brokerage.allocation.services import award
from brokerage.ranking.queries import lines_by_member, ranking_of
from brokerage.ranking.services import declare_conflict, rank_issue
from demo.behaviour import Intention, intention
from demo.county import Week
from marketplace.answers.lines import LineFacts, locked_lines
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.services import LineAnswer, Manner, record
from marketplace.batches.models import Batch
from marketplace.batches.proposing import propose_batches
from marketplace.batches.queries import WAITING
from marketplace.batches.rules import BatchState
from marketplace.batches.services import seal
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Source, Urgency
from marketplace.packages.services import give_new_start
from marketplace.rounds.issuing import issue_batch, issue_each
from marketplace.rounds.jobs import close_due
from marketplace.rounds.models import Issue, Offer, OfferLine, Round
from marketplace.rounds.rules import ResponseKind, RoundState
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import first_start, policy_on
from marketplace.vocabulary import Window

Action = Callable[[], None]
BATCHES_LEFT_TO_AWARD = timedelta(days=8)
"""Batches whose deadline is no older than this are left for the visitor to award."""
SINGLES_LEFT_TO_AWARD = timedelta(days=7)
ONE_IN = 3
"""Of the last week's single packages, one in so many is left too."""
A_MORNINGS_WORK = 34
LEFT_OVER_AFTER = timedelta(days=5)
"""A reallocation that found no neighbours by then is offered by itself."""


@dataclass
class Cast:
    """Who acts: the navigator, the broker, each provider's coordinator, and each provider's place in the file."""

    navigator: Actor
    broker: Actor
    broker_id: UUID
    coordinators: dict[UUID, Actor]
    places: dict[UUID, int]


@dataclass(frozen=True, slots=True)
class Sitting:
    """One provider's answers to some offers, all sent at one moment."""

    offer_ids: set[UUID]
    intended: dict[UUID, Intention]
    by: Actor


@dataclass(frozen=True, slots=True)
class Decision:
    """A morning's decision about one issue."""

    issue_id: UUID


Entry = Action | Sitting | Decision


@dataclass
class Simulation:
    """An agenda of moments, run in order up to now. Sittings in a row share a transaction, and so do decisions."""

    scheme_id: UUID
    cast: Cast
    until: datetime
    load_week: Callable[[Week], None]
    every_night: Action
    agenda: list[tuple[datetime, int, Entry]] = field(default_factory=list)
    singles: int = 0
    _order: itertools.count[int] = field(default_factory=itertools.count)

    def at(self, when: datetime, entry: Entry) -> None:
        """Notes something to do; what lies after now is left undone."""
        if when <= self.until:
            heapq.heappush(self.agenda, (when.astimezone(UTC), next(self._order), entry))

    def plan(self, weeks: Sequence[Week]) -> None:
        """Fills the agenda with the council's weeks. This week's file is there even early on a Monday."""
        for week in weeks:
            self.at(min(_local(week, 0, 9, 30), self.until), partial(self.load_week, week))
            self.at(_local(week, 0, 11, 0), partial(self.offer_singles, Urgency.URGENT))
            self.at(_local(week, 1, 10, 0), partial(self.offer_singles, Urgency.STANDARD))
            self.at(_local(week, 2, 10, 0), self.propose)
            self.at(_local(week, 2, 10, 30), self.seal_drafts)
            self.at(_local(week, 2, 11, 0), self.offer_batches)
            for day in range(7):
                self.at(_local(week, day, 3, 0), self.every_night)

    def run(self) -> None:
        """Does everything in order, each at its own moment."""
        while self.agenda:
            when, _, entry = heapq.heappop(self.agenda)
            with clock.moved_to(when):
                self.do(entry)
            if not self._goes_on_with(type(entry)):
                db.session.commit()
                db.session.remove()

    def do(self, entry: Entry) -> None:
        """What the agenda says."""
        if isinstance(entry, Sitting):
            self.answer(entry)
        elif isinstance(entry, Decision):
            self.decide(entry.issue_id)
        else:
            entry()

    def _goes_on_with(self, kind: type[Entry]) -> bool:
        return kind in (Sitting, Decision) and bool(self.agenda) and isinstance(self.agenda[0][2], kind)

    # ------------------------------------------------------------------------------------------- the navigator's days

    def offer_singles(self, urgency: Urgency) -> None:
        """Offers ready packages of this urgency by themselves, as many as a morning has room for.

        Reallocations that can wait are gathered into batches instead.
        """
        waiting = [PackageStatus.READY, PackageStatus.UNSOURCED]
        ready = select(Package).where(Package.scheme_id == self.scheme_id, Package.status.in_(waiting))
        wanted = ready.where(Package.urgency == urgency).order_by(Package.created_at, Package.council_reference)
        if urgency is Urgency.STANDARD:
            left_over = Package.created_at < clock.now() - LEFT_OVER_AFTER
            wanted = wanted.where(or_(Package.source != Source.REALLOCATION, left_over))
        packages = db.session.scalars(wanted.limit(A_MORNINGS_WORK)).unique().all()
        if packages:
            self.leave_time(packages, Window.URGENT if urgency is Urgency.URGENT else Window.STANDARD)
            self.follow(issue_each(packages, by=self.cast.navigator, changed_since="Nothing."))

    def propose(self) -> None:
        """Gathers the reallocations into draft batches."""
        waiting = select(Package).where(Package.scheme_id == self.scheme_id, Package.status.in_(WAITING))
        moved = waiting.where(Package.source == Source.REALLOCATION, Package.urgency == Urgency.STANDARD)
        self.leave_time(db.session.scalars(moved).unique().all(), Window.BATCH)
        propose_batches(db.session.get_one(Scheme, self.scheme_id), None, {Source.REALLOCATION}, self.cast.navigator)

    def leave_time(self, packages: Sequence[Package], window: Window) -> None:
        """The navigator gives what would have to begin before it can a new earliest start."""
        first = first_start(policy_on(self.scheme_id, clock.today()), window, clock.now())
        if soon := [package for package in packages if package.planned_start < first]:
            give_new_start(soon, first, by=self.cast.navigator)

    def seal_drafts(self) -> None:
        """Seals every draft."""
        for batch in self._batches(BatchState.DRAFT):
            seal(batch, by=self.cast.navigator)

    def offer_batches(self) -> None:
        """Offers every sealed batch."""
        if batches := self._batches(BatchState.SEALED):
            self.follow([issue_batch(batch, by=self.cast.navigator) for batch in batches])

    def _batches(self, state: BatchState) -> Sequence[Batch]:
        mine = select(Batch).where(Batch.scheme_id == self.scheme_id, Batch.state == state)
        return db.session.scalars(mine.order_by(Batch.created_at, Batch.id)).unique().all()

    def follow(self, issues: Sequence[Issue]) -> None:
        """Notes when each provider answers, when the deadlines are, and when the broker decides."""
        self.expect_answers(issues)
        for deadline in {issue.deadline for issue in issues}:
            self.at(deadline + timedelta(seconds=20), _close)
        for issue in issues:
            if not self.left_to_the_visitor(issue):
                self.at(_next_morning(issue.deadline), Decision(issue.id))

    def left_to_the_visitor(self, issue: Issue) -> bool:
        """Whether the broker of the demo leaves this to be awarded: the newest batches, and some single packages."""
        if issue.batch_id:
            return issue.deadline > self.until - BATCHES_LEFT_TO_AWARD
        self.singles += 1
        return issue.deadline > self.until - SINGLES_LEFT_TO_AWARD and self.singles % ONE_IN == 0

    # ------------------------------------------------------------------------------------------- the providers' answers

    def expect_answers(self, issues: Sequence[Issue]) -> None:
        """A provider answers all offers of one morning in one sitting; those that are open still, one by one."""
        by_id = {issue.id: issue for issue in issues}
        sittings: dict[tuple[UUID, datetime], tuple[datetime, Sitting]] = {}
        lines = db.session.execute(_lines_of(by_id)).all()
        for offer_id, lines_of_one_offer in itertools.groupby(lines, key=attrgetter("offer_id")):
            line, *_ = own = list(lines_of_one_offer)
            issue = by_id[line.issue_id]
            when, intended = self._intentions(issue, own)
            if when < issue.deadline:
                key = (offer_id if issue.deadline > self.until else line.provider_id), issue.deadline
                first = when, Sitting(set(), {}, self.cast.coordinators[line.provider_id])
                so_far, sitting = sittings.get(key, first)
                sitting.offer_ids.add(offer_id)
                sitting.intended.update(intended)
                sittings[key] = max(when, so_far), sitting
        for when, sitting in sittings.values():
            self.at(when, sitting)

    def _intentions(self, issue: Issue, lines: Sequence[Row[Any]]) -> tuple[datetime, dict[UUID, Intention]]:
        """What a provider will say to each package of an offer, and when; at the deadline where it says nothing."""
        window = issue.deadline - issue.issued_at
        intended = {}
        for line in lines:
            place, limits = self.cast.places[line.provider_id], (line.floor_pence, line.ceiling_pence)
            if meant := intention(place, line.council_reference or "", window, *limits):
                intended[line.id] = meant
        return issue.issued_at + max((one.after for one in intended.values()), default=window), intended

    def answer(self, sitting: Sitting) -> None:
        """Sends the answers; what the rules refuse (a suspended member) stays unsent."""
        lines = locked_lines(sitting.offer_ids, sitting.intended.keys())
        answers = [LineAnswer(line, _draft(line, sitting.intended[line.id])) for line in lines]
        try:
            record(answers, Manner(sitting.by))
        except Refusal:
            for answer in answers:
                with suppress(Refusal):
                    record([answer], Manner(sitting.by))

    # --------------------------------------------------------------------------------------------- the broker's mornings

    def decide(self, issue_id: UUID) -> None:
        """Ranks every round of an issue and awards in ranked order, skipping members out of capacity."""
        issue = db.session.get_one(Issue, issue_id)
        open_rounds = select(Round.id).where(Round.issue_id == issue_id, Round.state == RoundState.CLOSED)
        rounds = db.session.scalars(open_rounds.order_by(Round.id)).all()
        if not rounds:
            return
        declare_conflict(issue, False, "", by=self.cast.broker)
        rank_issue(issue, by=self.cast.broker)
        for round_id in rounds:
            self.award_first_that_can(db.session.get_one(Round, round_id))

    def award_first_that_can(self, round_: Round) -> None:
        """Awards to the first place that the rules let have it; the reason says why others were passed over."""
        _, ranking = ranking_of(round_)
        lines = lines_by_member(round_)
        for passed, place in enumerate(ranking.firm):
            choice = AwardChoice(
                skip_reason="Those above have no capacity left for these visits." if passed else "",
                need_confirmed_with="the referring team, by telephone",
            )
            line = db.session.get_one(OfferLine, lines[place.scored.entry.member])
            with suppress(Refusal), db.session.begin_nested():
                award([WantedAward(line, choice)], by=self.cast.broker)
                return
        because = "Nobody who said yes can begin as wanted."
        none_suitable(round_, because, NextStep.OFFER_AGAIN, by=self.cast.broker)


def _lines_of(issue_ids: Collection[UUID]) -> Select[Any]:
    return (
        select(OfferLine.id, OfferLine.offer_id, Offer.issue_id, Offer.provider_id)
        .add_columns(Package.council_reference, Round.floor_pence, Round.ceiling_pence)
        .join(Offer, Offer.id == OfferLine.offer_id)
        .join(Round, Round.id == OfferLine.round_id)
        .join(Package, Package.id == Round.package_id)
        .where(Offer.issue_id.in_(issue_ids))
        .order_by(OfferLine.offer_id, OfferLine.id)
    )


def _close() -> None:
    close_due()


def _draft(line: LineFacts, means: Intention) -> ResponseDraft:
    if not means.accepts:
        return ResponseDraft(ResponseKind.DECLINE, decline_code=means.decline_code)
    return ResponseDraft(
        ResponseKind.ACCEPT,
        price_pence=means.price_pence,
        earliest_start=line.planned_start + timedelta(days=means.starts_late_days),
        people_nearby_count=means.people_nearby,
        people_nearby_text="Our carers are in the next street already." if means.people_nearby > 1 else "",
    )


def _local(week: Week, day: int, hour: int, minute: int) -> datetime:
    return datetime.combine(week.monday + timedelta(days=day), time(hour, minute), clock.LONDON)


def _next_morning(deadline: datetime) -> datetime:
    local = deadline.astimezone(clock.LONDON)
    return datetime.combine(local.date() + timedelta(days=1), time(9, 15), clock.LONDON)
