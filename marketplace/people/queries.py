"""Questions about people, on behalf of a viewer. Whoever gets an identity is noted in the access log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import selectinload

from app import clock
from app.audit import access
from app.audit.models import AccessLog
from app.database import db, only_one
from app.errors import NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.values.reference import parse_reference
from app.values.spelling import same_as_read
from marketplace.disclosure.known import Record
from marketplace.people.models import AdvocacyTest, BreakGlass, Person, Representative
from marketplace.people.rules import PersonDetails, Whereabouts, is_called_otherwise

WHOLE_AUTHORITY = (Role.NAVIGATOR, Role.BROKER)
OWN_TEAM = (Role.SOCIAL_WORKER, Role.TEAM_MANAGER)
MAY_OPEN = (Role.AUDITOR, Role.SOCIAL_WORKER, Role.TEAM_MANAGER, Role.HEALTH_ASSESSOR, Role.REFERRER)
"""Those whose own scope is narrower than an emergency. Administrators, finance and contract managers never need a name."""


def person_for(viewer: Viewer, person_id: UUID) -> Person:
    """The person with representatives; the read is logged. Raises NotFoundForViewer outside the viewer's scope."""
    query = select(Person).where(Person.id == person_id)
    person: Person = only_one(query.options(selectinload(Person.representatives)))
    if not may_see_identity(viewer, person):
        raise NotFoundForViewer
    access.note_read(person.id)
    return person


def person_to_change(viewer: Viewer, person_id: UUID) -> Person:
    """The person, to change what is known of them: only in one's own scope, never by break-glass.

    A record that was joined with another stays as it was told.
    """
    person = person_for(viewer, person_id)
    if not in_scope(viewer, person) or person.joined_at:
        raise NotFoundForViewer
    return person


def person_to_correct(viewer: Viewer, person_id: UUID) -> Person:
    """The same for corrections; a health assessor corrects whom they have opened, with the reason that they gave."""
    person = person_for(viewer, person_id)
    if not corrects(viewer, person):
        raise NotFoundForViewer
    return person


def corrects(viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may say what the record should have said; one that was joined stays as it was told."""
    assesses = viewer.has(Role.HEALTH_ASSESSOR) and is_open(viewer, person.id)
    return not person.joined_at and (in_scope(viewer, person) or assesses)


def may_see_identity(viewer: Viewer, person: Person) -> bool:
    """Whether the person is in the viewer's scope, or was opened by break-glass and is open still."""
    return in_scope(viewer, person) or is_open(viewer, person.id)


def in_scope(viewer: Viewer, person: Person, of_team: tuple[Role, ...] = OWN_TEAM) -> bool:
    """Whether the person is in the viewer's scope.

    Navigators and brokers: their authority. Social workers and team managers: their teams' people and those of no
    team; a role that is bound to no team covers the authority. Nobody else: a health assessor whose organisation is a
    party to a package reads the package, and opens who the person is by break-glass, with a reason.
    """
    if not viewer.is_commissioner or person.authority_id != viewer.authority_id:
        return False
    in_team = not viewer.team_ids or person.team_id is None or person.team_id in viewer.team_ids
    return viewer.has(*WHOLE_AUTHORITY) or (viewer.has(*of_team) and in_team)


def people_in_scope(viewer: Viewer, person: type[Person]) -> ColumnElement[bool]:
    """The same as a condition on people: those whom the viewer holds."""
    if not viewer.is_commissioner or not viewer.has(*WHOLE_AUTHORITY, *OWN_TEAM):
        return false()
    own = person.authority_id == viewer.authority_id
    if viewer.has(*WHOLE_AUTHORITY) or not viewer.team_ids:
        return own
    return and_(own, or_(person.team_id.is_(None), person.team_id.in_(viewer.team_ids)))


def open_now(viewer: Viewer) -> Select[UUID]:
    """The people whose identity this viewer has opened by break-glass and who are still open."""
    return select(BreakGlass.person_id).where(BreakGlass.user_id == viewer.user_id, BreakGlass.until > clock.now())


def is_open(viewer: Viewer, person_id: UUID) -> bool:
    """Whether the viewer has this person's identity open."""
    return grant_of(viewer, person_id) is not None


def grant_of(viewer: Viewer, person_id: UUID) -> BreakGlass | None:
    """What is open for the viewer now, of this person; for roles that cannot open anything, nothing."""
    if not viewer.has(*MAY_OPEN):
        return None
    query = select(BreakGlass).where(BreakGlass.person_id == person_id, BreakGlass.user_id == viewer.user_id)
    return db.session.scalars(query.where(BreakGlass.until > clock.now()).limit(1)).first()


def people_numbered(authority_id: UUID, numbers: Sequence[str]) -> dict[str | None, Person]:
    """The people of the authority with these NHS numbers, by number; not what was told beside a record of the same one."""
    known = Person.known_record_id.is_(None)
    query = select(Person).where(Person.authority_id == authority_id, Person.nhs_number.in_(numbers), known)
    return {person.nhs_number: person for person in db.session.scalars(query)} if numbers else {}


def is_another(person: Person, details: PersonDetails) -> bool:
    """Whether what is told of somebody with the same NHS number is not about this person."""
    if is_called_otherwise(person.name, person.date_of_birth, details):
        return False
    return not same_as_read(person.name, details.name) or person.date_of_birth != details.date_of_birth


def whereabouts_of(person: Person) -> Whereabouts:
    """Where the record says that the person lives and is rung, and what they are called."""
    return Whereabouts(person.address or "", person.postcode, person.telephone or "", person.name)


def may_read_record(viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may be told what is known of the person, or that a text meets it: as `may_see_identity`, and
    referrers of the person's team.
    """
    return in_scope(viewer, person, (*OWN_TEAM, Role.REFERRER)) or is_open(viewer, person.id)


def reads_everybody(viewer: Viewer) -> bool:
    """Whether no record of the council is closed to the viewer, so that no match can tell them anything."""
    return viewer.has(*WHOLE_AUTHORITY) or (viewer.has(*OWN_TEAM, Role.REFERRER) and not viewer.team_ids)


def reads_all_of(viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may read the record and the one with the same NHS number that it waits beside."""
    beside = known_before(person)
    return may_read_record(viewer, person) and (beside is None or may_read_record(viewer, beside))


def known_before(person: Person) -> Person | None:
    """The record with the same NHS number that was there before, while nobody has compared them."""
    return db.session.get(Person, person.known_record_id) if person.waits_to_be_compared else None


def record_shown(viewer: Viewer, person: Person) -> Person | None:
    """The record of the person for those who may read it; for others what their own team told of the person."""
    if may_read_record(viewer, person):
        return person
    query = select(Person).where(Person.known_record_id == person.id, Person.joined_at.is_not(None))
    told = db.session.scalars(query.order_by(Person.created_at.desc(), Person.id))
    return next((record for record in told if may_read_record(viewer, record)), None)


def records_of(people: Collection[Person]) -> list[Record]:
    """Everything that is known of some people, to be looked for in texts that leave the council. It is shown to nobody.

    What is known under the same NHS number and waits to be compared is looked for too.
    """
    beside = {person.known_record_id for person in people if person.waits_to_be_compared}
    more = db.session.scalars(select(Person).where(Person.id.in_(beside))).all() if beside else ()
    return own_records_of([*people, *more])


def own_records_of(people: Collection[Person]) -> list[Record]:
    """What these records alone say."""
    query = select(Representative).where(Representative.person_id.in_({person.id for person in people}))
    speaking = defaultdict(list)
    for one in db.session.scalars(query):
        speaking[one.person_id].append(one)
    return [_record(person, speaking[person.id]) for person in people]


def records_read_by(viewer: Viewer, person: Person) -> list[Record]:
    """What of that the viewer may be told."""
    return own_records_of([one for one in (person, known_before(person)) if one and may_read_record(viewer, one)])


def _record(person: Person, representatives: list[Representative]) -> Record:
    everybody: tuple[Person | Representative, ...] = (person, *representatives)
    return Record(
        names=tuple(filter(None, (person.name, person.known_as))),
        representatives=tuple(one.name for one in representatives),
        born=person.date_of_birth,
        address=person.address or "",
        postcode=person.postcode,
        nhs_number=person.nhs_number or "",
        telephones=tuple(one.telephone for one in everybody if one.telephone),
        emails=tuple(one.email for one in everybody if one.email),
    )


def representative_of(person: Person, representative_id: UUID) -> Representative:
    """One of the person's representatives; raises NotFoundForViewer. The person came through `person_for`."""
    for representative in person.representatives:
        if representative.id == representative_id:
            return representative
    raise NotFoundForViewer


def advocacy_tests_of(person: Person) -> list[AdvocacyTest]:
    """The person's advocacy tests, newest first; of two on one day, the one entered later."""
    query = select(AdvocacyTest).where(AdvocacyTest.person_id == person.id)
    return list(db.session.scalars(query.order_by(AdvocacyTest.made_on.desc(), AdvocacyTest.recorded_at.desc())))


def reference_for(viewer: Viewer, person_id: UUID) -> str:
    """The person's reference, which says nothing of who it is: for auditors and for those who may see the identity."""
    person = db.session.get(Person, person_id)
    if person is None or not _may_audit(viewer, person):
        raise NotFoundForViewer
    return person.reference


def who_looked(viewer: Viewer, person_id: UUID) -> Page[AccessLog]:
    """Who read the person's identity, newest first, as role and organisation; raises NotFoundForViewer."""
    reference_for(viewer, person_id)
    query: Any = select(AccessLog).where(AccessLog.person_id == person_id)
    return paged(query.order_by(AccessLog.at.desc(), AccessLog.id))


def address_of_reference(viewer: Viewer, text: str) -> str | None:
    """The page of the person with a reference, if the viewer may open one; for the search."""
    if not (reference := parse_reference(text, "PER")):
        return None
    person = db.session.scalars(select(Person).where(Person.reference == reference)).one_or_none()
    if person is None or not _may_audit(viewer, person):
        return None
    page = "people.show" if may_see_identity(viewer, person) else "people.looks"
    return url_for(page, person_id=person.id)


def _may_audit(viewer: Viewer, person: Person) -> bool:
    own_auditor = viewer.has(Role.AUDITOR) and person.authority_id == viewer.authority_id
    return own_auditor or may_see_identity(viewer, person)
