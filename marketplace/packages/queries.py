"""Questions about packages, asked on behalf of a viewer: the scope, one package, its person, its visits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from app import clock
from app.audit import access
from app.database import db
from app.errors import NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.values.reference import parse_reference
from marketplace.packages.models import NeedConfirmation, Package, PackageParty
from marketplace.packages.rules import PackageStatus
from marketplace.packages.visits import Visit
from marketplace.people import queries as people
from marketplace.people.models import Person

# Roles that look after the whole authority's packages; the others see those of their teams.
WHOLE_AUTHORITY = frozenset({Role.NAVIGATOR, Role.BROKER, Role.CONTRACT_MANAGER, Role.AUDITOR})
TEAM_ROLES = frozenset({Role.REFERRER, Role.SOCIAL_WORKER, Role.TEAM_MANAGER})
IDENTITY_EVERYWHERE = frozenset({Role.NAVIGATOR, Role.BROKER})


def scope(viewer: Viewer) -> ColumnElement[bool]:
    """Which packages the viewer may see at all."""
    reasons = []
    if viewer.is_commissioner and viewer.has(*WHOLE_AUTHORITY):
        reasons.append(Package.authority_id == viewer.authority_id)
    elif viewer.is_commissioner and viewer.has(*TEAM_ROLES):
        reasons.append(and_(Package.authority_id == viewer.authority_id, *_of_teams(viewer)))
    if viewer.is_commissioner and viewer.has(Role.HEALTH_ASSESSOR):
        reasons.append(Package.id.in_(party_packages(viewer)))
    return or_(*reasons) if reasons else false()


def _of_teams(viewer: Viewer) -> list[ColumnElement[bool]]:
    """As for people: somebody bound to teams sees those teams' packages and what no team has; a free role, all."""
    if not viewer.team_ids:
        return []
    return [or_(Package.referring_team_id.is_(None), Package.referring_team_id.in_(viewer.team_ids))]


def party_packages(viewer: Viewer) -> Select[UUID]:
    """Packages in which the viewer's organisation takes part today though another leads."""
    today = clock.today()
    return select(PackageParty.package_id).where(
        PackageParty.organisation_id == viewer.organisation_id,
        PackageParty.starts_on <= today,
        or_(PackageParty.ends_on.is_(None), PackageParty.ends_on >= today),
    )


def package_for(viewer: Viewer, package_id: UUID) -> Package:
    """One package with all that its page shows, but the person; NotFoundForViewer outside the viewer's scope.

    To read: whoever has opened who the person is by break-glass reads the person's packages too.
    """
    seen = or_(scope(viewer), Package.person_id.in_(people.open_now(viewer))) if viewer.has(*people.MAY_OPEN) else None
    return _package(package_id, scope(viewer) if seen is None else seen)


def package_in_scope(viewer: Viewer, package_id: UUID) -> Package:
    """The same without break-glass, for whatever changes something."""
    return _package(package_id, scope(viewer))


def _package(package_id: UUID, seen: ColumnElement[bool]) -> Package:
    query = select(Package).where(Package.id == package_id, seen).options(*whole())
    package = db.session.scalars(query).one_or_none()
    if package is None:
        raise NotFoundForViewer
    return package


def whole() -> tuple[ExecutableOption, ...]:
    """Loads visits, skills, shares, scheme and zone along."""
    return (
        selectinload(Package.visits),
        selectinload(Package.skills),
        selectinload(Package.funding),
        joinedload(Package.scheme),
        joinedload(Package.zone),
    )


def is_lead(viewer: Viewer, package: Package) -> bool:
    """Whether the viewer is of the authority that leads the package, and not only a party to it."""
    return package.authority_id == viewer.authority_id


def may_identify(viewer: Viewer, package: Package) -> bool:
    """Whether the viewer's role shows whose package this is: navigators and brokers, the package's own team, and who
    has opened the identity by break-glass.
    """
    return _is_identified(viewer, package) or people.is_open(viewer, package.person_id)


def _is_identified(viewer: Viewer, package: Package) -> bool:
    if not is_lead(viewer, package):
        return False
    team_id = package.referring_team_id
    own_team = not viewer.team_ids or team_id is None or team_id in viewer.team_ids
    return viewer.has(*IDENTITY_EVERYWHERE) or (viewer.has(*TEAM_ROLES) and own_team)


def reads_reasons(viewer: Viewer, package: Package) -> bool:
    """Whether the viewer reads what people typed about the package: it can be about the person, so those read it who
    may know whose package it is, and auditors.
    """
    return _is_identified(viewer, package) or (is_lead(viewer, package) and viewer.has(Role.AUDITOR))


def identity_for(viewer: Viewer, package: Package) -> Person:
    """Whose package it is; the read is logged. NotFoundForViewer for roles that need no name."""
    if not may_identify(viewer, package):
        raise NotFoundForViewer
    person = db.session.get_one(Person, package.person_id)
    access.note_read(person.id)
    return person


def visits_of(package: Package) -> tuple[Visit, ...]:
    """The visits of the week as rules and drawings take them."""
    return tuple(visit.value for visit in package.visits)


def need_confirmed_at(package_id: UUID) -> datetime | None:
    """When somebody last confirmed that the care is still needed; None when never, or when the last answer was no."""
    last = last_confirmation(package_id)
    return last.confirmed_at if last and last.needed else None


def last_confirmation(package_id: UUID) -> NeedConfirmation | None:
    """The newest answer to "still needed?"."""
    query = select(NeedConfirmation).where(NeedConfirmation.package_id == package_id)
    return db.session.scalars(
        query.order_by(NeedConfirmation.confirmed_at.desc(), NeedConfirmation.id).limit(1)
    ).one_or_none()


def confirmed_since(moment: datetime) -> Select[UUID]:
    """The packages whose newest answer, given after `moment`, is that they are still needed."""
    newest = (
        select(NeedConfirmation.package_id, func.max(NeedConfirmation.confirmed_at).label("at"))
        .group_by(NeedConfirmation.package_id)
        .subquery()
    )
    answer = and_(
        NeedConfirmation.package_id == newest.c.package_id,
        NeedConfirmation.confirmed_at == newest.c.at,
        NeedConfirmation.needed,
        NeedConfirmation.confirmed_at > moment,
    )
    return select(NeedConfirmation.package_id).join(newest, answer)


def unsourced(viewer: Viewer) -> Select[Package]:
    """Packages that no provider has taken, the longest waiting first."""
    return (
        select(Package)
        .where(scope(viewer), Package.status == PackageStatus.UNSOURCED)
        .options(joinedload(Package.zone))
        .order_by(Package.status_since, Package.id)
    )


def unsourced_page(viewer: Viewer) -> Page[Package]:
    """One page of the unsourced list; age and reason are the state's own columns."""
    return paged(unsourced(viewer))


def with_reference(viewer: Viewer, text: str) -> UUID | None:
    """The package that people call by this reference, if the viewer may see it."""
    try:
        reference = parse_reference(text, "PKG")
    except ValueError:
        reference = ""
    named = or_(Package.reference == reference, Package.council_reference == text.strip().upper())
    return db.session.scalars(select(Package.id).where(scope(viewer), named).limit(1)).one_or_none()
