"""Break-glass: an identity that is outside somebody's scope, opened with a reason for 60 minutes, in front of the auditors.

Who can reach whom, opening, and what was opened. What is open now is a matter of scope: `queries.open_now`.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app import audit, clock
from app.audit.models import AccessLog
from app.database import db, locked, only_one
from app.errors import Conflict, Invalid
from app.http.paging import Page, paged
from app.messages import LetterTemplate, Recipient, send_many
from app.parties.models import Organisation, User
from app.parties.queries import to_role
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.values.nhs_number import NhsNumber
from app.values.reference import parse_reference
from marketplace.people.models import BreakGlass, Person
from marketplace.people.queries import grant_of, in_scope
from marketplace.schemes.models import Scheme

LASTS = timedelta(minutes=60)
SHORTEST_REASON = 10
IDENTITY_OPENED = LetterTemplate(
    "identity_opened", "break_glass", folder="marketplace.people.letters", about="break_glass", link="/people/opened"
)


def _is_within_reach(viewer: Viewer, authority_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The own council, and for an ICB the councils that name it."""
    own = authority_id == viewer.authority_id
    if not viewer.has(Role.HEALTH_ASSESSOR):
        return own
    return or_(
        own, authority_id.in_(select(Scheme.authority_id).where(Scheme.default_icb_id == viewer.organisation_id))
    )


def within_reach(viewer: Viewer) -> Select[Person]:
    """The people whose identity the viewer could open."""
    return select(Person).where(_is_within_reach(viewer, Person.authority_id))


def person_to_open(viewer: Viewer, person_id: UUID) -> Person:
    """Somebody within reach, of whom nothing is shown yet but the reference; raises NotFoundForViewer."""
    return only_one(within_reach(viewer).where(Person.id == person_id))


def person_called(viewer: Viewer, typed: str) -> Person | None:
    """Somebody within reach by reference or NHS number, typed in any spacing."""
    try:
        reference = parse_reference(typed, "PER")
        named = Person.reference == reference if reference else Person.nhs_number == NhsNumber.parse(typed).digits
    except ValueError:
        return None
    first = Person.known_record_id.is_not(None)
    return db.session.scalars(within_reach(viewer).where(named).order_by(first).limit(1)).first()


def open_called(viewer: Viewer, typed: str, reason: str) -> BreakGlass | None:
    """Opens whoever has this reference or NHS number; None where nobody within reach has.

    The reason is judged before anybody is looked for, and a look that finds nobody is recorded without what was typed:
    so nobody learns unseen whether a number is known here. Raises as open_identity does.
    """
    _judge(reason)
    person = person_called(viewer, typed)
    if person is not None:
        return open_identity(viewer, person, reason)
    searched = db.session.scalars(select(Organisation).where(_is_within_reach(viewer, Organisation.id))).all()
    audit.record_each("person:not_found_out_of_scope", searched, by=viewer.actor, reason=reason.strip())
    return None


def open_identity(viewer: Viewer, person: Person, reason: str) -> BreakGlass:
    """Opens it for 60 minutes. Raises Invalid without a reason, Conflict where it is open or was never closed."""
    _judge(reason)
    if in_scope(viewer, person):
        raise Conflict("You can open this person's record as it is; no reason is needed.")
    db.session.scalars(locked(select(User).where(User.id == viewer.user_id))).one()
    if (before := grant_of(viewer, person.id)) is not None:
        raise Conflict(f"You have opened this already, until {before.until.astimezone(clock.LONDON):%H:%M}.")
    opened = BreakGlass(
        authority_id=person.authority_id,
        person_id=person.id,
        user_id=viewer.user_id,
        opened_by_label=viewer.actor.label,
        reason=reason.strip(),
        opened_at=clock.now(),
        until=clock.now() + LASTS,
    )
    db.session.add(opened)
    db.session.flush()
    audit.record("person:opened_out_of_scope", person, by=viewer.actor, reason=opened.reason)
    _tell_auditors(opened, person.reference)
    return opened


def _judge(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid({"reason": "Say why you must know who this is now. The auditors read it."})


def _tell_auditors(opened: BreakGlass, reference: str) -> None:
    """Every auditor of the council that leads, by inbox and email; where there is none, the council's own inbox."""
    letter = IDENTITY_OPENED.write(
        opened.id, opened.authority_id, opened_by=opened.opened_by_label, reference=reference
    )
    auditors = to_role(opened.authority_id, Role.AUDITOR)
    send_many((recipient, letter) for recipient in auditors or [Recipient(opened.authority_id)])


def opened_page(viewer: Viewer) -> Page[tuple[BreakGlass, str, int]]:
    """What was opened of the authority's people, the newest first: with the reference and how often it was read."""
    reads = (
        select(func.count())
        .where(
            AccessLog.person_id == BreakGlass.person_id,
            AccessLog.actor_id == BreakGlass.user_id,
            AccessLog.at >= BreakGlass.opened_at,
            AccessLog.at < BreakGlass.until,
        )
        .scalar_subquery()
    )
    query = (
        select(BreakGlass, Person.reference, reads)
        .join(Person, Person.id == BreakGlass.person_id)
        .where(BreakGlass.authority_id == viewer.authority_id)
    )
    return paged(query.order_by(BreakGlass.opened_at.desc(), BreakGlass.id))
