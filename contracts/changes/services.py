"""Commands on changes: wanted, decided, taken back, taking effect; and handing back, which follows the successor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import lazyload

from app import audit, clock
from app.audit import SYSTEM, Actor
from app.audit.moves import move
from app.database import Owned, db, locked
from app.database.many import among, rows_changed
from app.errors import Conflict, Invalid, NotAllowed, Refusal, reason_given
from app.parties.viewer import Viewer
from contracts.agreements import services as agreements
from contracts.agreements.models import Agreement
from contracts.changes import letters, rules
from contracts.changes.models import AGREED, AgreementChange
from contracts.changes.rules import ChangeKind, ChangeState, Wanted
from marketplace.packages import services as packages
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Source
from marketplace.rounds.issuing import issue_package

Thing = TypeVar("Thing", bound=Owned)
HANDED_BACK = "The provider hands the package back."
STILL_CARES = "The present provider gives the care today."
STILL_AWAY = "The person was away when the care was handed over."
SUCCEEDED = "Another provider has taken over."
HOLD_EXPIRED = "The place was held until this day, and care has not gone on."
NO_LONGER_HANDED_BACK = "The provider goes on with the care, so no other is needed."


def want(viewer: Viewer, agreement: Agreement, wanted: Wanted) -> AgreementChange:
    """Writes down a change: agreed where a commissioner makes it, asked for where the provider wants it.

    Handing back is agreed by itself, and sends the successor to market. Raises Invalid by field, Conflict.
    """
    agreement = _as_it_stands(agreement)
    asked_by = rules.whose_wish(wanted.asked_by, is_provider=viewer.is_provider)
    wanted = replace(wanted, asked_by=asked_by, reason=reason_given(wanted.reason, "reason"))
    errors = rules.errors_against(wanted, agreement.starts_on, clock.today(), is_provider=viewer.is_provider)
    if errors:
        raise Invalid(errors)
    if refusal := rules.reason_against(wanted.kind, agreement.state):
        raise Conflict(refusal)
    back = wanted.kind is ChangeKind.HAND_BACK
    asks = viewer.is_provider and not back
    successor_id = _successor(agreement, wanted.on, viewer.actor).id if back else None
    change = _written(viewer, agreement, wanted, ChangeState.ASKED if asks else ChangeState.AGREED, successor_id)
    if asks:
        letters.tell_asked(change)
    else:
        _begin(change, by=viewer.actor)
    return change


def _written(
    viewer: Viewer, agreement: Agreement, wanted: Wanted, state: ChangeState, successor_id: UUID | None
) -> AgreementChange:
    change = AgreementChange(
        **asdict(wanted),
        authority_id=agreement.authority_id,
        agreement_id=agreement.id,
        state=state,
        ends_on=wanted.on if wanted.kind is ChangeKind.END else None,
        successor_id=successor_id,
        made_by=viewer.user_id,
        made_by_label=viewer.actor.label,
    )
    try:
        with db.session.begin_nested():
            db.session.add(change)
    except IntegrityError as twice:
        raise Conflict("Such a change is open already. Settle that one first.") from twice
    facts = {"kind": wanted.kind.value, "on": wanted.on.isoformat(), "cause": wanted.cause.value}
    audit.record(f"change:{state.value}", change, by=viewer.actor, reason=wanted.reason, **facts)
    return change


def decide(viewer: Viewer, change: AgreementChange, *, agree: bool, note: str) -> AgreementChange:
    """Agrees to what the provider asked for, or refuses it with a reason. Raises NotAllowed, Invalid, Conflict."""
    if refusal := rules.reason_against_deciding(change.made_by, viewer.user_id):
        raise NotAllowed(refusal)
    agreement = _as_it_stands(change.agreement)
    said = note.strip() or None if agree else reason_given(note, "note")
    moot = rules.reason_against_agreeing(change.kind, agreement.state, change.hold_until, clock.today())
    if agree and moot:
        raise Conflict(moot)
    to = ChangeState.AGREED if agree else ChangeState.REFUSED
    decided = {"decided_by": viewer.user_id, "decided_by_label": viewer.actor.label, "decided_at": clock.now()}
    move([change], to, f"change:{to.value}", by=viewer.actor, reason=said, values=decided | {"decision_note": said})
    if agree:
        _begin(change, by=viewer.actor)
    else:
        letters.tell_provider(letters.CHANGE_REFUSED, change)
    return change


def take_back(viewer: Viewer, change: AgreementChange, because: str) -> AgreementChange:
    """Gives up a change before it takes effect; a successor that nobody was awarded is withdrawn.

    A provider takes back what it asked for or handed back itself. Raises NotAllowed, Invalid, and Conflict once the
    change has taken effect or the successor's provider is found.
    """
    reason, by, successor = reason_given(because), viewer.actor, change.successor
    if refusal := rules.reason_against_taking_back(
        change.kind, change.asked_by, change.state, is_provider=viewer.is_provider
    ):
        raise NotAllowed(refusal)
    _as_it_stands(change.agreement)
    if successor and _as_it_stands(successor).status in {PackageStatus.AWARDED, PackageStatus.RUNNING}:
        raise Conflict("Another provider has been awarded the package, so it cannot be taken back any more.")
    _settle(change, ChangeState.TAKEN_BACK, reason, by)
    _date_end(change.agreement, by)
    if successor and successor.status is not PackageStatus.WITHDRAWN:
        packages.withdraw(successor, because=NO_LONGER_HANDED_BACK, by=by)
    return change


def take_effect(change: AgreementChange, *, by: Actor) -> bool:
    """Does what was agreed once its day has come; whether it has."""
    if not rules.takes_effect(change.kind, change.on, clock.today()):
        return False
    agreement, reason = _as_it_stands(change.agreement), change.cause.label
    if moot := rules.reason_against(change.kind, agreement.state):
        _settle(change, ChangeState.TAKEN_BACK, moot, by)
        return False
    _settle(change, ChangeState.DONE, None, by)
    if change.kind is ChangeKind.END:
        agreements.end(agreement, change.on, reason, by=by)
    elif change.kind is ChangeKind.SUSPEND and change.hold_until is not None:
        agreements.suspend(agreement, change.hold_until, reason, by=by)
    else:
        agreements.resume(agreement, by=by)
    return True


def end_of_hold(agreement: Agreement) -> None:
    """The place is held no longer: the agreement ends, and the package waits on hold until the person comes home."""
    if agreement.hold_until is None or agreement.hold_until >= clock.today():
        raise Conflict("The place is still held.")
    last_day = agreement.hold_until
    successor = packages.succeed(agreement.package, clock.today(), because=HOLD_EXPIRED, by=SYSTEM)
    packages.hold(successor, because=HOLD_EXPIRED, by=SYSTEM)
    agreements.end(agreement, last_day, HOLD_EXPIRED, by=SYSTEM)
    letters.tell_of_agreement(letters.PLACE_LET_GO, agreement, last_day)


def move_first_day(agreement: Agreement, starts_on: date, because: str, *, by: Actor) -> None:
    """Moves the first day of care, and with it the last of what is handed back; both providers are told."""
    agreements.move_start(agreement, starts_on, because, by=by)
    letters.tell_of_agreement(letters.FIRST_DAY_MOVED, agreement, starts_on)


# ------------------------------------------------------------------------- what follows from others' steps (hooks)


def follow_successors(successors: Sequence[Agreement], by: Actor) -> None:
    """Hangs on `agreement.agreed`: what is handed back ends on the day before its successor's first.

    Today the present provider cares, so a successor that was awarded for today begins tomorrow; both are told the day.
    """
    handed_back = _handed_back(successor.package_id for successor in successors)
    for successor in successors:
        if change := handed_back.get(successor.package_id):
            _follow_successor(change, successor, by)


def _follow_successor(change: AgreementChange, successor: Agreement, by: Actor) -> None:
    earliest = rules.earliest_hand_over(clock.today())
    if refusal := rules.reason_against_successor(successor.provider_id, change.agreement.provider_id):
        raise Conflict(refusal)
    if successor.starts_on >= earliest:
        _know_last_day(change, rules.last_day_before(successor.starts_on), by)
    elif change.ends_on is None:
        move_first_day(successor, earliest, STILL_CARES, by=by)
    else:
        raise Invalid({"starts_on": "Care must not begin before tomorrow: the present provider gives it today."})


def refuse_split_of_successor(package: Package) -> None:
    """Hangs on `package.splitting`: who hands back goes on until one provider begins with all of the care."""
    if _handed_back_for(package.id):
        raise Conflict("The present provider goes on until another begins with all of the care, so it cannot be split.")


def go_on_without_successor(successor: Agreement, by: Actor) -> None:
    """Hangs on `agreement.cancelled`: what is handed back goes on until another provider is found."""
    if change := _handed_back_for(successor.package_id):
        _know_last_day(change, None, by)


def _know_last_day(change: AgreementChange, last_day: date | None, by: Actor) -> None:
    change.ends_on = last_day
    _date_end(change.agreement, by)
    letters.tell_provider(letters.LAST_DAY, change)


def _date_end(agreement: Agreement, by: Actor) -> None:
    """Writes into the agreement which day will be the last: the first of those that follow from what is agreed."""
    db.session.flush()
    agreed = select(func.min(AgreementChange.ends_on)).where(AgreementChange.agreement_id == agreement.id, AGREED)
    agreements.date_end(agreement, db.session.scalar(agreed), by=by)


def end_predecessor(successor: Agreement, by: Actor) -> None:
    """Hangs on `agreement.started`: the agreement handed back ends, on the day before."""
    if change := _handed_back_for(successor.package_id):
        _settle(change, ChangeState.DONE, None, by)
        hold_until = change.agreement.hold_until
        _carry_over(change.agreement, successor)
        agreements.end(change.agreement, rules.last_day_before(successor.starts_on), SUCCEEDED, by=by)
        _date_end(successor, by)
        if hold_until is not None and hold_until >= clock.today():
            agreements.suspend(successor, hold_until, STILL_AWAY, by=by)


def _carry_over(agreement: Agreement, successor: Agreement) -> None:
    """What is agreed for the person from the hand-over on holds for whoever gives the care then."""
    theirs = AgreementChange.agreement_id == agreement.id, AgreementChange.on >= successor.starts_on, AGREED
    rows_changed(update(AgreementChange).where(*theirs).values(agreement_id=successor.id))


def fall_with_successor(package: Package, because: str, by: Actor) -> None:
    """Hangs on `package.withdrawn`: a hand back whose successor is given up falls, and the provider is told."""
    if change := _handed_back_for(package.id):
        _settle(change, ChangeState.TAKEN_BACK, because, by)
        _date_end(change.agreement, by)


def drop_open_changes(agreement: Agreement, reason: str, by: Actor) -> None:
    """Hangs on `agreement.ended`: what was open is moot, and a successor that nobody was awarded is withdrawn."""
    still_open = AgreementChange.agreement_id == agreement.id, AgreementChange.state.in_(rules.OPEN_STATES)
    for change in db.session.scalars(select(AgreementChange).where(*still_open)).unique():
        _settle(change, ChangeState.TAKEN_BACK, reason, by)
        if change.successor and change.successor.status is not PackageStatus.WITHDRAWN:
            packages.withdraw(change.successor, because=reason, by=by)


def _begin(change: AgreementChange, *, by: Actor) -> None:
    """What an agreed change does at once: its day is written into the agreement, and if it has come, it takes effect."""
    letters.tell_provider(letters.CHANGE_AGREED, change)
    if change.kind is ChangeKind.HAND_BACK:
        letters.tell_asked(change)
    if change.kind is ChangeKind.END:
        _date_end(change.agreement, by)
    take_effect(change, by=by)


def _settle(change: AgreementChange, to: ChangeState, reason: str | None, by: Actor) -> None:
    move([change], to, f"change:{to.value}", by=by, reason=reason, values={"settled_at": clock.now()})
    if to is ChangeState.TAKEN_BACK:
        letters.tell_provider(letters.CHANGE_TAKEN_BACK, change)


def _as_it_stands(thing: Thing) -> Thing:
    """An agreement or a package as it stands, locked for this change alone until it is kept."""
    query = select(type(thing)).where(type(thing).id == thing.id).options(lazyload("*"))
    stands: Thing = db.session.scalars(locked(query)).one()
    return stands


def _successor(agreement: Agreement, last_day: date, by: Actor) -> Package:
    """A package for the same person and visits, offered at once; where it cannot be offered, it waits on the board."""
    successor = packages.succeed(agreement.package, last_day + timedelta(days=1), because=HANDED_BACK, by=by)
    successor.source, successor.incumbent_provider_id = Source.REALLOCATION, agreement.provider_id
    if successor.status is PackageStatus.READY:
        try:
            with db.session.begin_nested():
                issue_package(successor, by=SYSTEM, is_covered=True)
        except Refusal:
            db.session.refresh(successor)
    return successor


def _handed_back_for(package_id: UUID) -> AgreementChange | None:
    return _handed_back([package_id]).get(package_id)


def _handed_back(package_ids: Iterable[UUID]) -> dict[UUID | None, AgreementChange]:
    """The agreed changes by which agreements are handed back, by the package of the successor."""
    query = select(AgreementChange).where(among(AgreementChange.successor_id, package_ids), AGREED)
    return {change.successor_id: change for change in db.session.scalars(query).unique()}
