"""Commands on packages: one function for each change of state, the answer to "still needed?", splitting and succeeding.

What is asked for is entered and changed in `needs`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, inspect, select, update

from app import audit, clock
from app.audit import Actor, moves
from app.database import Owned, db, new_id
from app.database.many import FreeReferences, among, rows_changed
from app.errors import Conflict, Invalid, reason_given
from app.hooks import Hook
from app.parties.viewer import Viewer
from app.values.days import date_text
from marketplace.disclosure.rules import key_of
from marketplace.packages.models import (
    MOST_CLEARANCE_REASON,
    BlindText,
    FundingShare,
    NeedConfirmation,
    Package,
    PackageParty,
    PackageSkill,
    PackageVisit,
    TextClearance,
    ToldAddress,
)
from marketplace.packages.queries import asks_about_birth, errors_against_ready, verdict_on
from marketplace.packages.rules import EDITABLE, SPLITTABLE, TAKEN_BACK, PackageStatus
from marketplace.people import services as people
from marketplace.people.queries import reads_everybody

_S = PackageStatus

# What slices above do when something has happened to a package; `wsgi.py` says who. The sentence that they are handed is
# one of `rules.TAKEN_BACK`, never what somebody typed: that can be about the person.
package_withdrawn: Hook[[Package, str, Actor]] = Hook(
    "package.withdrawn", "The care is no longer asked for; whoever offers or awards it stops and tells those asked."
)
package_held: Hook[[Package, str, Actor]] = Hook(
    "package.held", "The package waits; whoever gathers, offers or awards it lets go of it and tells those asked."
)
package_splitting: Hook[[Package]] = Hook(
    "package.splitting", "Visits are about to be split off; whoever rests on the package as a whole refuses."
)

Row = TypeVar("Row", bound=Owned)

# What the new package does not share with the one it was part of; the rest of the columns is the same plan.
OWN = frozenset(
    {"id", "reference", "council_reference", "parent_id", "status", "status_since", "status_reason", "version"}
)
# Everything that hangs on a package and holds for both parts; visits are divided, not shared.
SHARED = (PackageSkill, FundingShare, PackageParty, NeedConfirmation, TextClearance, BlindText, ToldAddress)


def move(
    packages: Sequence[Package],
    to: PackageStatus,
    tag: str,
    *,
    by: Actor,
    because: str | None = None,
    starts: frozenset[PackageStatus] | None = None,
    **facts: Any,
) -> None:
    """Moves every package to a state and records it, or raises Conflict naming one that cannot go there.

    `starts` narrows the states from which this move is meant; without it the lifecycle decides.
    """
    values = {"status_since": clock.now(), "status_reason": because, "version": Package.version + 1}
    moves.move(packages, to, tag, by=by, reason=because, values=values, starts=starts, **facts)


def move_told(told: Sequence[tuple[Package, Mapping[str, object]]], to: PackageStatus, tag: str, *, by: Actor) -> None:
    """The same for packages of each of which something of its own is told."""
    values = {"status_since": clock.now(), "status_reason": None, "version": Package.version + 1}
    moves.set_state([package for package, _ in told], to, values=values)
    audit.record_told(tag, told, by=by)


def mark_ready(package: Package, *, by: Actor, viewer: Viewer | None = None) -> None:
    """A draft of which everything is known may be offered; whoever reads every record says so of texts that waited too.

    Raises Invalid naming, field by field, what is wanting.
    """
    if package.status is _S.DRAFT and (errors := errors_against_ready(package, viewer)):
        raise Invalid(errors)
    if viewer is not None and reads_everybody(viewer):
        note_texts_read(package, by=by)
    move([package], _S.READY, "package:ready", by=by, starts=frozenset({_S.DRAFT}))


def ready_if_complete(package: Package, *, by: Actor) -> bool:
    """Calls a draft ready when nothing is against it; whether it did."""
    if package.status is not PackageStatus.DRAFT or errors_against_ready(package):
        return False
    move([package], PackageStatus.READY, "package:ready", by=by)
    return True


def put_on_offer(packages: Sequence[Package], *, by: Actor) -> None:
    """Providers are asked about these packages, at one instant."""
    move(packages, _S.ON_OFFER, "package:offered", by=by)


def take_off_offer(packages: Sequence[Package], *, by: Actor, because: str) -> None:
    """An offer was withdrawn before its deadline: the packages are ready again."""
    only = frozenset({_S.ON_OFFER})
    move(packages, _S.READY, "package:offer_ended", by=by, because=reason_given(because), starts=only)


def await_award(packages: Sequence[Package], *, by: Actor) -> None:
    """The deadline has passed and somebody accepted; or a winner stepped back and its ranking is open again."""
    move(packages, _S.AWAITING_AWARD, "package:awaiting_award", by=by)


def mark_awarded(packages: Sequence[Package], *, by: Actor) -> None:
    """A provider is chosen for each, out of its answers."""
    move(packages, _S.AWARDED, "package:awarded", by=by, starts=frozenset({_S.AWAITING_AWARD}))


def award_outside(package: Package, *, by: Actor) -> None:
    """A provider is chosen outside the system, while no offer of the package waits for answers or an award."""
    move([package], _S.AWARDED, "package:awarded", by=by, starts=frozenset({_S.READY, _S.UNSOURCED}))


def start(package: Package, *, by: Actor) -> None:
    """The first visit takes place."""
    move([package], _S.RUNNING, "package:started", by=by)


def end(package: Package, *, by: Actor, because: str) -> None:
    """The agreement is over."""
    move([package], _S.ENDED, "package:ended", by=by, because=reason_given(because))


def mark_unsourced(packages: Sequence[Package], *, by: Actor, because: str) -> None:
    """Nobody could be asked, nobody accepted, or nobody suited: the packages need a new offer."""
    move(packages, _S.UNSOURCED, "package:unsourced", by=by, because=reason_given(because))


def hold(package: Package, *, by: Actor, because: str) -> None:
    """Nothing happens to the package until it is released; possible in every state before the award.

    Slices above let go of it in the same transaction: it leaves its batch, and its round ends. They are not told why.
    """
    reason = reason_given(because)
    move([package], _S.ON_HOLD, "package:held", by=by, because=reason)
    package_held(package, TAKEN_BACK[_S.ON_HOLD], by)


def release(package: Package, *, by: Actor) -> None:
    """Takes a package off hold: ready when still everything is known, else a draft."""
    end_state = _S.DRAFT if errors_against_ready(package) else _S.READY
    move([package], end_state, "package:released", by=by, starts=frozenset({_S.ON_HOLD}))


def withdraw(package: Package, *, by: Actor, because: str) -> None:
    """The care is no longer asked for. Slices above stop what they do with it, in the same transaction.

    The reason can be about the person, so it stays with the package: slices above are handed a fixed sentence.
    """
    reason = reason_given(because)
    move([package], _S.WITHDRAWN, "package:withdrawn", by=by, because=reason)
    package_withdrawn(package, TAKEN_BACK[_S.WITHDRAWN], by)


def confirm_need(packages: Sequence[Package], *, needed: bool, with_whom: str, by: Actor) -> list[NeedConfirmation]:
    """Notes the answer to "still needed?", now, on somebody's word. A "no" is followed by withdrawing, by a person."""
    whom = with_whom.strip()
    if not whom or len(whom) > 200:
        raise Invalid({"with_whom": "Say with whom you confirmed it, in at most 200 characters."})
    answers = [
        NeedConfirmation(
            authority_id=package.authority_id,
            package_id=package.id,
            needed=needed,
            confirmed_at=clock.now(),
            confirmed_with=whom,
            recorded_by_label=by.label,
        )
        for package in packages
    ]
    db.session.add_all(answers)
    db.session.flush()
    audit.record_each("package:need_confirmed", packages, by=by, needed="yes" if needed else "no")
    return answers


def note_blind_text(package: Package, *, by: Actor) -> None:
    """What was written waits until somebody who reads every record has read it, whatever is typed over it meanwhile."""
    db.session.add(BlindText(authority_id=package.authority_id, package_id=package.id, user_id=by.id))
    db.session.flush()


def note_texts_read(package: Package, *, by: Actor) -> None:
    """Somebody who reads every record has read the texts: they wait no longer for that."""
    waiting = update(BlindText).where(BlindText.package_id == package.id, BlindText.read_by_label.is_(None))
    db.session.execute(waiting.values(read_by_label=by.label).execution_options(synchronize_session=False))


def clear_word(package: Package, word: str, reason: str, *, by: Actor) -> None:
    """Notes that words in a text give nobody away, who says so and why. Raises Invalid without a reason."""
    reason = reason_given(reason, "reason", what="Say why it gives nobody away", most=MOST_CLEARANCE_REASON)
    if key_of(word) not in {key_of(question.word) for question in verdict_on(package).questions}:
        raise Invalid({"word": "Nobody asks about this word any more. Reload the page."})
    row = {"package_id": package.id, "word": key_of(word), "reason": reason, "cleared_by_label": by.label}
    db.session.add(TextClearance(authority_id=package.authority_id, **row))
    db.session.flush()
    audit.record("package:word_cleared", package, by=by, reason=reason)


def confirm_birth(package: Package, because: str, *, by: Actor) -> None:
    """Notes that the person's date of birth is right; a package that only waited for that becomes ready."""
    if not asks_about_birth(package):
        raise Conflict("Nobody asks about the date of birth any more.")
    people.confirm_birth(package.person, because, by=by)
    ready_if_complete(package, by=by)


def give_new_start(
    packages: Sequence[Package], start: date, *, by: Actor, states: frozenset[PackageStatus] = EDITABLE
) -> None:
    """Gives packages a new earliest start, later than the one they have; the first one is kept and shown beside it.

    Raises Invalid at `start`, Conflict when one of them is past the states in which it may be. A draft that only waited
    for this becomes ready.
    """
    if not packages:
        return
    if start < clock.today():
        raise Invalid({"start": "The new earliest start is in the past. Enter today or a later day."})
    for package in packages:
        if start <= package.planned_start:
            was = date_text(package.planned_start)
            raise Invalid({"start": f"{package.reference} is to start on {was} already. Enter a later day."})
    told = [(package, {"was": package.planned_start.isoformat(), "becomes": start.isoformat()}) for package in packages]
    _move_starts(packages, start, states)
    audit.record_told("package:start_given", told, by=by)
    for package in packages:
        ready_if_complete(package, by=by)


def _move_starts(packages: Sequence[Package], start: date, states: frozenset[PackageStatus]) -> None:
    first = func.coalesce(Package.first_wanted_start, Package.planned_start)
    moved = (
        update(Package)
        .where(among(Package.id, [package.id for package in packages]), Package.status.in_(sorted(states)))
        .values(planned_start=start, first_wanted_start=first, version=Package.version + 1)
    )
    if rows_changed(moved) != len(packages):
        raise Conflict("One of the packages has moved on meanwhile. Reload the page to see where it stands.")


def split(package: Package, visit_ids: Collection[UUID], *, because: str, by: Actor) -> Package:
    """Moves some visits into a new package of the same person; hours and cost ceiling are divided with them.

    The new one is ready when everything is known of it, else a draft. Raises Invalid at `visits` unless some go and some
    stay, and Conflict when providers have been asked, the visits changed since they were seen, or a slice above refuses.
    """
    reason = reason_given(because)
    chosen = set(visit_ids)
    _lock(package)
    package_splitting(package)
    going = [visit for visit in package.visits if visit.id in chosen]
    if len(going) < len(chosen):
        raise Conflict("The visits were changed since you opened this page. Reload it and choose again.")
    if not going or len(going) == len(package.visits):
        raise Invalid({"visits": "Choose at least one visit to split off, and leave at least one."})
    child = _child_of(package, sum(visit.minutes * visit.carers for visit in going))
    _copy_parts(package, child, SHARED)
    moved = update(PackageVisit).where(PackageVisit.id.in_([visit.id for visit in going])).values(package_id=child.id)
    db.session.execute(moved.execution_options(synchronize_session="fetch"))
    for part in (package, child):
        db.session.refresh(part)
    facts = {"visits": len(going), "weekly_minutes": child.weekly_minutes}
    audit.record("package:split", package, by=by, reason=reason, into=child.reference, **facts)
    audit.record("package:split_off", child, by=by, reason=reason, parent=package.reference, **facts)
    ready_if_complete(child, by=by)
    return child


def succeed(package: Package, planned_start: date, *, because: str, by: Actor) -> Package:
    """Makes the successor of a running package, whose provider hands it back: same person, same visits, a new start.

    It is ready when everything is known of it, else a draft. The package itself goes on until its care ends.
    """
    successor = _copy_of(package, planned_start=planned_start, first_wanted_start=None)
    _copy_parts(package, successor, (*SHARED, PackageVisit))
    audit.record("package:handed_on", package, by=by, reason=reason_given(because), into=successor.reference)
    audit.record("package:succeeds", successor, by=by, parent=package.reference)
    ready_if_complete(successor, by=by)
    return successor


def _lock(package: Package) -> None:
    """Takes the package for this change, so that it is neither edited nor offered meanwhile, and reads it again."""
    db.session.flush()
    statement = (
        update(Package)
        .where(Package.id == package.id, Package.status.in_(sorted(SPLITTABLE)))
        .values(version=Package.version + 1)
        .returning(Package.id)
        .execution_options(synchronize_session=False)
    )
    taken = db.session.scalars(statement).one_or_none()
    db.session.refresh(package)
    if taken is None:
        raise Conflict(f"This package is {package.status.label.lower()}, so it cannot be split.")


def _child_of(package: Package, minutes: int) -> Package:
    ceiling = package.cost_ceiling_pence
    part = None if ceiling is None else (2 * ceiling * minutes + package.weekly_minutes) // (2 * package.weekly_minutes)
    package.weekly_minutes -= minutes
    if ceiling is not None and part is not None:
        package.cost_ceiling_pence = ceiling - part
    return _copy_of(package, parent_id=package.id, weekly_minutes=minutes, cost_ceiling_pence=part)


def _copy_of(package: Package, **changes: Any) -> Package:
    """A draft with the package's own columns but for the changes; its parts come next."""
    own = {"id": new_id(), "reference": FreeReferences("PKG", Package.reference).take(1)[0], **changes}
    copy = Package(**{**_copied(package, OWN), "status": PackageStatus.DRAFT, **own})
    db.session.add(copy)
    db.session.flush()
    return copy


def _copy_parts(package: Package, other: Package, kinds: Iterable[type[Owned]]) -> None:
    for kind in kinds:
        of_package: Any = kind
        rows = db.session.scalars(select(kind).where(of_package.package_id == package.id)).all()
        db.session.add_all(kind(**{**_copied(row, frozenset({"id"})), "package_id": other.id}) for row in rows)
    db.session.flush()
    db.session.refresh(other)


def _copied(row: Row, without: frozenset[str]) -> dict[str, object]:
    return {
        column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs if column.key not in without
    }
