"""Where a person lives, from which day on: what held before stays to be seen, and what is to come waits for its day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import delete, select

from app import audit, clock
from app.audit import SYSTEM, Actor
from app.database import db
from app.database.sweep import sweep, taken
from app.errors import Invalid
from app.hooks import Hook
from marketplace.people.models import DatedAddress, Person
from marketplace.people.rules import Whereabouts, problem_with_first_day

# What slices above do; `wsgi.py` says who.
record_changed: Hook[[Person, bool, Actor]] = Hook(
    "person.record_changed",
    "What providers read of a person was changed, or will hold from a day on; whether it waits until somebody who reads "
    "every record has looked at it.",
)
person_moved: Hook[[Person, str, Actor]] = Hook(
    "person.moved", "The person lives at another postcode from today on; visits at the one of before go there."
)

TO_COME = DatedAddress.held_until.is_(None)


def move_to(person: Person, address: str, postcode: str, holds_from: date, *, by: Actor, because: str | None) -> None:
    """The person lives there from a day on; one that lies ahead takes the place of what was to come so far.

    Raises Invalid for a day that cannot be.
    """
    if problem := problem_with_first_day(holds_from, clock.today()):
        raise Invalid({"holds_from": problem})
    audit.record("person:moved", person, by=by, reason=because, from_day=holds_from.isoformat())
    if holds_from <= clock.today():
        _live_at(person, address, postcode, holds_from, by)
    else:
        db.session.execute(delete(DatedAddress).where(DatedAddress.person_id == person.id, TO_COME))
        _note(person, address or None, postcode, holds_from, None, by)
    db.session.expire(person, ["other_addresses"])


def take_over(person: Person, told: Whereabouts, holds_from: date, *, by: Actor, because: str | None = None) -> None:
    """The person is called, lives and is rung as was told. A street is never kept with the postcode of another one."""
    changed = []
    for name, text in (("name", told.name), ("telephone", told.telephone)):
        if text and getattr(person, name) != text:
            setattr(person, name, text)
            changed.append(name)
    if changed:
        audit.record("person:contact_changed", person, by=by, fields=", ".join(changed))
    address = told.address or (person.address or "" if told.postcode == person.postcode else "")
    if (address, told.postcode) != (person.address or "", person.postcode):
        move_to(person, address, told.postcode, holds_from, by=by, because=because)
    db.session.flush()
    record_changed(person, False, by)


def addresses_to_come() -> int:
    """Lets every address hold whose day has come; how many."""
    due = select(DatedAddress.id).where(TO_COME, DatedAddress.holds_from <= clock.today())
    return sweep(due.order_by(DatedAddress.holds_from, DatedAddress.id), _let_hold)


def _let_hold(address_id: UUID) -> bool:
    to_come = taken(select(DatedAddress).where(DatedAddress.id == address_id, TO_COME))
    if to_come is None:
        return False
    person = db.session.get_one(Person, to_come.person_id)
    address, postcode, holds_from = to_come.address or "", to_come.postcode, to_come.holds_from
    db.session.delete(to_come)
    _live_at(person, address, postcode, holds_from, SYSTEM)
    return True


def _live_at(person: Person, address: str, postcode: str, holds_from: date, by: Actor) -> None:
    before = person.postcode
    _note(person, person.address, before, min(person.address_from, holds_from), holds_from, by)
    person.address, person.postcode, person.address_from = address or None, postcode, holds_from
    db.session.flush()
    if before != postcode:
        person_moved(person, before, by)


def _note(
    person: Person, address: str | None, postcode: str, holds_from: date, held_until: date | None, by: Actor
) -> None:
    place = {"address": address, "postcode": postcode, "holds_from": holds_from, "held_until": held_until}
    owned = {"authority_id": person.authority_id, "person_id": person.id, "noted_by_label": by.label}
    db.session.add(DatedAddress(**owned, **place))
    db.session.flush()
