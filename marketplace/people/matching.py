"""One NHS number in two records: a match opens nothing and says nothing to whoever may not read the record.

They begin a record of their own, as for somebody unknown. Those who hold the known one compare the two, and say that they
are one person's, whose packages are then the known record's, or another person's.
"""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, inspect, select
from sqlalchemy.orm import aliased

from app import audit, clock
from app.audit import Actor, access
from app.database import db
from app.errors import Conflict, NotFoundForViewer, reason_given
from app.hooks import Hook
from app.parties.viewer import Viewer
from marketplace.people.models import AdvocacyTest, Person, Representative
from marketplace.people.moves import take_over
from marketplace.people.queries import in_scope, known_before, may_read_record, people_in_scope, whereabouts_of
from marketplace.people.rules import PersonDetails, Whereabouts

Told = TypeVar("Told", Representative, AdvocacyTest)

records_joined: Hook[[Person, Person, bool, Actor]] = Hook(
    "person.records_joined",
    "What was told of somebody joins the record of the same person: its packages go there, with the address that holds.",
)


def known_as_told(
    authority_id: UUID, details: PersonDetails, viewer: Viewer | None
) -> tuple[Person | None, Person | None]:
    """The record with this NHS number that the viewer may read, and the one with it that they may not.

    Without a viewer every record may be read.
    """
    if details.nhs_number is None:
        return None, None
    numbered = (Person.authority_id == authority_id, Person.nhs_number == details.nhs_number.digits)
    known = db.session.scalars(select(Person).where(*numbered, Person.known_record_id.is_(None))).one_or_none()
    if known is None or viewer is None or may_read_record(viewer, known):
        return known, None
    beside = select(Person).where(Person.known_record_id == known.id, Person.joined_at.is_(None), *numbered)
    told = db.session.scalars(beside.order_by(Person.created_at, Person.id))
    return next((record for record in told if may_read_record(viewer, record)), None), known


def to_compare(viewer: Viewer) -> Select[Person]:
    """What was told of people whom the viewer holds, by others who could not know them; the oldest first."""
    known = aliased(Person)
    query = select(Person).join(known, known.id == Person.known_record_id)
    held = people_in_scope(viewer, known)
    return query.where(Person.joined_at.is_(None), held).order_by(Person.created_at, Person.id)


def compares(viewer: Viewer, told: Person) -> bool:
    """Whether it is the viewer's to say whether this is about somebody known."""
    known = known_before(told)
    return known is not None and in_scope(viewer, known)


def told_beside(viewer: Viewer, known: Person) -> list[Person]:
    """What waits to be compared with a record that the viewer holds."""
    waits = select(Person).where(Person.known_record_id == known.id, Person.joined_at.is_(None))
    return list(db.session.scalars(waits.order_by(Person.created_at))) if in_scope(viewer, known) else []


def told_to_compare(viewer: Viewer, person_id: UUID) -> Person:
    """What was told of somebody whom the viewer holds; the reads of both are logged. Raises NotFoundForViewer."""
    told = db.session.get(Person, person_id)
    if told is None or not compares(viewer, told):
        raise NotFoundForViewer
    for read in filter(None, (told.id, told.known_record_id)):
        access.note_read(read)
    return told


def differences(told: Person) -> list[tuple[str, str, str]]:
    """What was told and what is known of the same: the name of each thing, and both."""
    known = db.session.get_one(Person, told.known_record_id)
    born = [_day(one.date_of_birth) for one in (told, known)]
    own, other = whereabouts_of(told), whereabouts_of(known)
    rows = [("Name", own.name, other.name), ("Date of birth", *born), ("Address", own.address, other.address)]
    rows += [("Postcode", own.postcode, other.postcode), ("Telephone", own.telephone, other.telephone)]
    return [(name, one, another) for name, one, another in rows]


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


def join(told: Person, *, takes_over: bool, holds_from: date, because: str, by: Actor) -> Person:
    """Says that both records are one person's; where what was told holds, the known one takes it over from a day on.

    Raises Conflict when somebody has compared them meanwhile, Invalid without a reason.
    """
    reason, known = reason_given(because), _locked_pair(told)
    told.joined_at = clock.now()
    for representative in told.representatives:
        db.session.add(_copied(representative, known))
    tests = db.session.scalars(select(AdvocacyTest).where(AdvocacyTest.person_id == told.id)).all()
    db.session.add_all(_copied(test, known) for test in tests)
    db.session.flush()
    audit.record(
        "person:joined", known, by=by, reason=reason, told=told.reference, holds="told" if takes_over else "record"
    )
    if takes_over:
        as_told = Whereabouts(told.address or "", told.postcode, told.telephone or "", told.name)
        take_over(known, as_told, holds_from, by=by, because=reason)
    records_joined(told, known, takes_over, by)
    return known


def keep_apart(told: Person, *, because: str, by: Actor) -> Person:
    """Says that what was told is about somebody else: it keeps all but the NHS number, which is another person's.

    Raises as `join` does.
    """
    reason, known = reason_given(because), _locked_pair(told)
    told.known_record_id = told.nhs_number = None
    db.session.flush()
    audit.record("person:kept_apart", told, by=by, reason=reason, known=known.reference)
    return told


def _locked_pair(told: Person) -> Person:
    db.session.refresh(told, with_for_update=True)
    known = known_before(told)
    if known is None:
        raise Conflict("Somebody has compared these records meanwhile. Reload the page.")
    return known


def _copied(row: Told, known: Person) -> Told:
    columns = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs if column.key != "id"}
    return type(row)(**{**columns, "person_id": known.id})
