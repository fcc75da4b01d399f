"""Break-glass: an identity that is outside somebody's scope, opened with a reason for 60 minutes, in front of the auditors.

The one place that says who may, of whom, and what is open now. It lets them read and nothing else.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app import clock
from app.audit.models import AccessLog
from app.database import db
from app.errors import NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.models import Organisation
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.values.nhs_number import NhsNumber
from app.values.reference import parse_reference
from marketplace.people.models import BreakGlass, Person
from marketplace.schemes.models import Scheme

LASTS = timedelta(minutes=60)
MAY_OPEN = (Role.AUDITOR, Role.SOCIAL_WORKER, Role.TEAM_MANAGER, Role.HEALTH_ASSESSOR)
"""Those whose own scope is narrower than an emergency. Administrators, finance and contract managers never need a name."""


def open_now(viewer: Viewer) -> Select[UUID]:
    """The people whose identity this viewer has opened and who are still open."""
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


def within_reach(viewer: Viewer) -> Select[Person]:
    """The people whose identity the viewer could open: of the own council, and for an ICB of councils that name it."""
    named = select(Scheme.authority_id).where(Scheme.default_icb_id == viewer.organisation_id)
    own = Person.authority_id == viewer.authority_id
    assessor = viewer.has(Role.HEALTH_ASSESSOR)
    return select(Person).where(or_(own, Person.authority_id.in_(named)) if assessor else own)


def houses_within_reach(viewer: Viewer) -> Select[Organisation]:
    """The organisations among whose people the viewer can look for somebody."""
    named = select(Scheme.authority_id).where(Scheme.default_icb_id == viewer.organisation_id)
    own = Organisation.id == viewer.authority_id
    assessor = viewer.has(Role.HEALTH_ASSESSOR)
    return select(Organisation).where(or_(own, Organisation.id.in_(named)) if assessor else own)


def person_to_open(viewer: Viewer, person_id: UUID) -> Person:
    """Somebody within reach, of whom nothing is shown yet but the reference; raises NotFoundForViewer."""
    person = db.session.scalars(within_reach(viewer).where(Person.id == person_id)).one_or_none()
    if person is None:
        raise NotFoundForViewer
    return person


def person_called(viewer: Viewer, typed: str) -> Person | None:
    """Somebody within reach by reference or NHS number, typed in any spacing."""
    try:
        named = Person.reference == parse_reference(typed, "PER")
    except ValueError:
        try:
            named = Person.nhs_number == NhsNumber.parse(typed).digits
        except ValueError:
            return None
    return db.session.scalars(within_reach(viewer).where(named).limit(1)).first()


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
