"""What changes a round once it is out: more time, taking back, closing at the deadline or early, and a suspension.

Everybody who was asked is told. Whoever changes anything locks the issue first, so that answers under way are finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, select, true

from app import audit, clock
from app.audit import SYSTEM, Actor
from app.audit.moves import move, set_state, set_state_where
from app.calendar.deadlines import local_date, local_text
from app.database import db, in_bulk, locked, new_id
from app.database.bulk import insert_rows
from app.errors import Conflict, Invalid, reason_given
from app.values.days import date_text
from marketplace.batches.models import Batch
from marketplace.batches.moves import settle
from marketplace.disclosure.rules import findings_in
from marketplace.holidays.models import BankHoliday
from marketplace.holidays.queries import calendar_of
from marketplace.invitations.queries import lot_names, suspension_as_value, zone_names
from marketplace.membership.models import Suspension
from marketplace.membership.rules import holds_on, suspension_sentence
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.packages.services import await_award, mark_unsourced, take_off_offer
from marketplace.people.models import Person
from marketplace.people.queries import records_of
from marketplace.rounds import letters
from marketplace.rounds.letters import asked_in, holders_of
from marketplace.rounds.models import DeadlineChange, Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import OfferState, ResponseKind, ResponseState, RoundState, is_open_at
from marketplace.schemes.queries import deadline_of, policy_on

LONGEST_EXTENSION = timedelta(days=60)
TAKEN_BACK = "The council took the package back."


def extend(issue: Issue, deadline: datetime, reason: str, *, by: Actor) -> None:
    """Gives everybody more time. Raises Invalid at `deadline` or `reason`, and Conflict at the old deadline or after.

    Only later is possible: an earlier deadline would take time away from those who rely on it.
    """
    told = reason_given(reason, "reason")
    lock_open(issue)
    _refuse_after_deadline(issue)
    _refuse_identity(issue, told, "reason")
    if deadline <= issue.deadline:
        raise Invalid({"deadline": f"Choose a time after the deadline as it is now, {local_text(issue.deadline)}."})
    if deadline > clock.now() + LONGEST_EXTENSION:
        raise Invalid({"deadline": f"Choose a time within {LONGEST_EXTENSION.days} days from now."})
    _give_time(issue, deadline, told, by)


def extend_for_holiday(holiday: BankHoliday, by: Actor) -> None:
    """Moves the deadlines of the authority's open offers that a newly entered bank holiday makes later.

    For the hook `holiday.entered`. What somebody has moved beyond that already stays, unless it lies on the day itself.
    """
    query = select(Issue).where(Issue.authority_id == holiday.authority_id, Issue.state == OfferState.OPEN)
    reason = f"{date_text(holiday.day)} has become a bank holiday."
    calendar = calendar_of(holiday.authority_id)
    for issue in db.session.scalars(locked(query.where(Issue.deadline > clock.now()).order_by(Issue.id))).unique():
        policy = policy_on(issue.scheme_id, local_date(issue.issued_at))
        later = deadline_of(policy, issue.window, issue.issued_at, calendar)
        if issue.deadline != issue.first_deadline and local_date(issue.deadline) == holiday.day:
            later = max(later, issue.deadline + (calendar.next_working_day(holiday.day) - holiday.day))
        if later > issue.deadline:
            _give_time(issue, later, reason, by)


def _give_time(issue: Issue, deadline: datetime, reason: str, by: Actor) -> None:
    """Moves the deadline to later and tells everybody who was asked."""
    was = issue.deadline
    move_deadline(issue, deadline, reason, by)
    audit.record("issue:extended", issue, by=by, reason=reason, was=local_text(was), becomes=local_text(deadline))
    letters.tell(asked_in(issue), letters.EXTENDED, issue.authority_id, deadline=deadline, reason=reason)


def withdraw_issue(issue: Issue, because: str, *, by: Actor) -> None:
    """Takes the whole offer back before its deadline; its packages are ready again. The reason is told to those asked."""
    reason = reason_given(because)
    lock_open(issue)
    _refuse_after_deadline(issue)
    _refuse_identity(issue, reason, "because")
    rounds = open_rounds(issue)
    on_offer = [round_.package for round_ in rounds if round_.package.status is PackageStatus.ON_OFFER]
    take_off_offer(on_offer, by=by, because=reason)
    set_state(rounds, RoundState.WITHDRAWN, values=ended(reason))
    ends = ended(reason)
    move([issue], OfferState.WITHDRAWN, "issue:withdrawn", by=by, reason=reason, values=ends, rounds=len(rounds))
    letters.tell(asked_in(issue), letters.WITHDRAWN, issue.authority_id, reason=reason)
    let_batch_settle(issue, by=by)


def withdraw_round_of(package: Package, because: str, by: Actor) -> None:
    """A package was withdrawn or put on hold: its round ends, and those asked are told that it did, never why.

    For the hooks `package.withdrawn` and `package.held`, which say no more themselves: why can be about the person.
    """
    round_ = _locked_live_round(package)
    if round_ is None:
        return
    issue = round_.issue
    audit.record("round:package_withdrawn", round_, by=by, reason=because, number=round_.number)
    end_rounds({round_: TAKEN_BACK}, RoundState.WITHDRAWN, by=by)
    if issue.state is OfferState.OPEN and not open_rounds(issue):
        set_state([issue], OfferState.WITHDRAWN, values=ended(TAKEN_BACK))
    asked = holders_of(select(OfferLine.offer_id).where(OfferLine.round_id == round_.id))
    letters.tell(asked, letters.PACKAGE_WITHDRAWN, issue.authority_id, package=package.reference)


def _locked_live_round(package: Package) -> Round | None:
    """The package's open or closed round, its issue locked first: answers lock in that order too."""
    live = select(Round).where(Round.package_id == package.id, Round.state.in_((RoundState.OPEN, RoundState.CLOSED)))
    of_round = select(Issue).where(Issue.id.in_(live.with_only_columns(Round.issue_id)))
    db.session.scalars(locked(of_round)).unique().all()
    return db.session.scalars(locked(live)).unique().one_or_none()


def _refuse_after_deadline(issue: Issue) -> None:
    if not is_open_at(clock.now(), issue.deadline):
        raise Conflict(f"The deadline was {local_text(issue.deadline)}. Nothing about this offer can be changed now.")


def _refuse_identity(issue: Issue, text: str, field: str) -> None:
    """The text goes to providers: it must not say who any of the people is. Raises Invalid at `field`."""
    query = select(Person).join(Package, Package.person_id == Person.id)
    people = db.session.scalars(query.join(Round, Round.package_id == Package.id).where(Round.issue_id == issue.id))
    for finding in findings_in(text, *records_of(people.unique().all())):
        raise Invalid({field: f"{finding.sentence} Providers will read this."})


def close(issue: Issue) -> None:
    """Closes the rounds of an issue whose deadline has come. Raises Conflict before it, or when it is not open."""
    lock_open(issue)
    if is_open_at(clock.now(), issue.deadline):
        raise Conflict(f"Providers can still answer, until {local_text(issue.deadline)}.")
    _close(issue, "issue:closed", SYSTEM, None)


@in_bulk()
def close_early(issue: Issue, because: str, *, by: Actor) -> None:
    """Closes the rounds before the deadline and tells everybody asked. Whether it may be is the ranking's to decide.

    The deadline becomes this instant, so that everything judged "at the deadline" is judged now.
    """
    reason = reason_given(because)
    lock_open(issue)
    _refuse_identity(issue, reason, "because")
    if not is_open_at(clock.now(), issue.deadline):
        raise Conflict("The deadline has passed already. The rounds are being closed; reload the page in a minute.")
    was = issue.deadline
    move_deadline(issue, clock.now(), reason, by)
    _close(issue, "issue:closed_early", by, reason, was=local_text(was))
    letters.tell(asked_in(issue), letters.CLOSED_EARLY, issue.authority_id, deadline=was, reason=reason)


def end_rounds(reasons: Mapping[Round, str], state: RoundState, *, by: Actor) -> None:
    """Ends rounds of one issue, each with its reason: awarded, none suitable or withdrawn.

    Whoever decides has moved their packages before. The order matters to a batch, which lets go of the packages here.
    Raises Conflict when a round has moved on meanwhile: of two who end it at once, one does.
    """
    rounds, because = list(reasons), {round_.id: reason_given(reason) for round_, reason in reasons.items()}
    whens = [(Round.id == round_id, reason) for round_id, reason in because.items()]
    set_state(rounds, state, values=ended(None) | {"ended_because": case(*whens)})
    facts = [(round_, {"state": state.value, "number": round_.number}) for round_ in rounds]
    audit.record_told("round:ended", facts, by=by, reason=because)
    let_batch_settle(rounds[0].issue, by=by)


def reopen_round(round_: Round, because: str, *, by: Actor) -> None:
    """A winner withdrew before care began: its ranking is open again."""
    reason, again = reason_given(because), {"ended_at": None, "ended_because": None}
    to, only = RoundState.CLOSED, {RoundState.AWARDED}
    move([round_], to, "round:reopened", by=by, reason=reason, values=again, starts=only, number=round_.number)


def ended(because: str | None) -> dict[str, object]:
    """What an issue or a round keeps of its end."""
    return {"ended_at": clock.now(), "ended_because": because}


def let_batch_settle(issue: Issue, *, by: Actor) -> None:
    """Lets the batch of an issue go of what has ended; with its last package it is settled."""
    if issue.batch_id is not None:
        settle(db.session.get_one(Batch, issue.batch_id), by=by)


def lock_open(issue: Issue) -> None:
    """Locks the issue and reads it again: answers under way are finished first, later ones find it closed."""
    db.session.flush()
    db.session.scalars(locked(select(Issue).where(Issue.id == issue.id))).one()
    if issue.state is not OfferState.OPEN:
        raise Conflict("This offer is not open any more. Reload the page to see where it stands.")


def move_deadline(issue: Issue, becomes: datetime, reason: str, by: Actor) -> None:
    """Moves the deadline and keeps what it was, when it was moved, by whom and why."""
    change = DeadlineChange(
        authority_id=issue.authority_id,
        issue_id=issue.id,
        was=issue.deadline,
        becomes=becomes,
        reason=reason,
        changed_by_label=by.label,
    )
    db.session.add(change)
    issue.deadline = becomes


def _close(issue: Issue, tag: str, by: Actor, reason: str | None, **facts: object) -> None:
    set_state([issue], OfferState.CLOSED, values=ended(reason))
    rounds = open_rounds(issue)
    _note_silence(issue, [round_.id for round_ in rounds])
    _leave_what_is_not_on_offer(rounds, by)
    on_offer = [round_ for round_ in rounds if round_.package.status is PackageStatus.ON_OFFER]
    yeses = _with_a_yes([round_.id for round_ in on_offer])
    accepted = [round_ for round_ in on_offer if round_.id in yeses]
    set_state(accepted, RoundState.CLOSED, values={"closed_at": issue.deadline})
    await_award([round_.package for round_ in accepted], by=by)
    _end_without_a_yes([round_ for round_ in on_offer if round_.id not in yeses], by)
    audit.record(tag, issue, by=by, reason=reason, rounds=len(rounds), with_yes=len(accepted), **facts)
    let_batch_settle(issue, by=by)


def open_rounds(issue: Issue) -> list[Round]:
    """The rounds that are still open, with their packages as they are now."""
    query = select(Round).where(Round.issue_id == issue.id, Round.state == RoundState.OPEN).order_by(Round.id)
    packages = select(Package).where(Package.id.in_(query.with_only_columns(Round.package_id).order_by(None)))
    db.session.scalars(locked(packages.order_by(Package.id))).unique().all()
    return list(db.session.scalars(query.execution_options(populate_existing=True)).unique())


def _note_silence(issue: Issue, round_ids: Sequence[UUID]) -> None:
    """At the deadline a draft, or nothing at all, is no response: an answer counts only when it was sent."""
    lines = select(OfferLine.id).where(OfferLine.round_id.in_(round_ids))
    now = clock.now()
    set_state_where(Response, Response.line_id.in_(lines), to=ResponseState.NO_RESPONSE, updated_at=now)
    values = {"state": ResponseState.NO_RESPONSE, "updated_at": now}
    silent = lines.outerjoin(Response, Response.line_id == OfferLine.id).where(Response.id.is_(None))
    rows: list[dict[str, Any]] = [
        {"id": new_id(), "authority_id": issue.authority_id, "line_id": line_id, "came_by": "none", **values}
        for line_id in db.session.scalars(silent)
    ]
    insert_rows(Response, rows)


def _with_a_yes(round_ids: Sequence[UUID]) -> set[UUID]:
    yes = Response.state == ResponseState.SUBMITTED, Response.kind == ResponseKind.ACCEPT
    query = select(OfferLine.round_id).join(OfferLine.response).where(OfferLine.round_id.in_(round_ids), *yes)
    return set(db.session.scalars(query.distinct()))


def _end_without_a_yes(rounds: Sequence[Round], by: Actor) -> None:
    set_state(rounds, RoundState.NONE_ACCEPTED, values=ended("Nobody said yes."))
    for number in sorted({round_.number for round_ in rounds}):
        packages = [round_.package for round_ in rounds if round_.number == number]
        mark_unsourced(packages, by=by, because=f"Nobody said yes in round {number}.")


def _leave_what_is_not_on_offer(rounds: Sequence[Round], by: Actor) -> None:
    """A package that went another way meanwhile is left where it is; its round ends."""
    reasons = {
        round_: f"The package was {round_.package.status.label.lower()} at the deadline."
        for round_ in rounds
        if round_.package.status is not PackageStatus.ON_OFFER
    }
    if reasons:
        end_rounds(reasons, RoundState.WITHDRAWN, by=by)


def stop_offers_of(suspension: Suspension) -> None:
    """Notes on every open offer in the scope of a suspension that it is stopped, and tells the provider.

    For the hook `membership.suspended`. Nothing is taken away: an answer is judged when it comes and when it is
    awarded, so an offer goes on by itself when the suspension ends or is lifted.
    """
    value = suspension_as_value(suspension, lot_names(suspension.scheme_id), zone_names(suspension.scheme_id))
    offers = _open_offers_in(suspension) if holds_on(value, clock.today()) else []
    if not offers:
        return
    sentence, holders = suspension_sentence(value), holders_of([offer.id for offer in offers])
    audit.record_each("offer:stopped", offers, by=SYSTEM, reason=sentence)
    letters.tell(holders, letters.STOPPED, suspension.authority_id, sentence=sentence)


def _open_offers_in(suspension: Suspension) -> list[Offer]:
    """The provider's open offers that hold at least one package in the suspension's lot and zone."""
    query = (
        select(Offer)
        .join(Offer.issue)
        .join(Offer.lines)
        .join(OfferLine.round)
        .join(Round.package)
        .where(
            Offer.provider_id == suspension.provider_id,
            Issue.scheme_id == suspension.scheme_id,
            Issue.state == OfferState.OPEN,
            Round.state == RoundState.OPEN,
            true() if suspension.lot_id is None else Issue.lot_id == suspension.lot_id,
            true() if suspension.zone_id is None else Package.zone_id == suspension.zone_id,
        )
        .order_by(Offer.reference)
    )
    return list(db.session.scalars(query).unique())
