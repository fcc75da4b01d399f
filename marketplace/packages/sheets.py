"""What the page of one package shows to one viewer; nothing that the viewer must not see is ever loaded into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select

from app import clock
from app.audit import Audience
from app.audit.queries import TimelineItem, timeline
from app.database import db
from app.errors import Conflict, NotFoundForViewer
from app.parties.models import Team
from app.parties.roles import Role
from app.parties.viewer import Viewer
from marketplace.packages.editing import EDITABLE
from marketplace.packages.listing import ASKED_ABOUT
from marketplace.packages.models import NeedConfirmation, Package
from marketplace.packages.queries import (
    identity_for,
    is_lead,
    last_confirmation,
    may_identify,
    package_for,
    package_in_scope,
    reads_reasons,
)
from marketplace.packages.readiness import errors_against_ready
from marketplace.packages.rules import SPLITTABLE, PackageStatus, need_confirmation_is_fresh
from marketplace.packages.texts import Question, verdict_on
from marketplace.people import queries as people
from marketplace.people.models import Person
from marketplace.providers.models import Provider
from marketplace.schemes.queries import policy_on


@dataclass(frozen=True, slots=True)
class Sheet:
    """One package as one viewer sees it. `person`, `events` and what is internal are empty for those without a right."""

    package: Package
    leads: bool
    internal: bool
    person: Person | None
    team: Team | None
    incumbent: str
    confirmation: NeedConfirmation | None
    confirmation_due: str
    wanting: tuple[str, ...]
    questions: tuple[Question, ...]
    events: tuple[TimelineItem, ...]
    relatives: tuple[tuple[str, Package], ...]
    looks_in: bool
    """Whether the viewer is here by break-glass, to read only."""

    @property
    def changes(self) -> bool:
        """Whether anything may be changed here."""
        return self.leads and not self.looks_in

    @property
    def is_editable(self) -> bool:
        """Whether what is asked for can still be changed."""
        return self.changes and self.package.status in EDITABLE

    @property
    def may_split(self) -> bool:
        """Whether some of the visits can become a package of their own."""
        return self.changes and self.package.status in SPLITTABLE and len(self.package.visits) > 1

    @property
    def may_hold(self) -> bool:
        """Whether the package can be put on hold."""
        return self.changes and self.package.status.may_become(PackageStatus.ON_HOLD)

    @property
    def may_withdraw(self) -> bool:
        """Whether the care can still be withdrawn here."""
        return self.changes and self.package.status.may_become(PackageStatus.WITHDRAWN)


def sheet_for(viewer: Viewer, package_id: UUID) -> Sheet:
    """The sheet of one package, the read of its identity noted; NotFoundForViewer outside the viewer's scope."""
    package = package_for(viewer, package_id)
    leads, identified = is_lead(viewer, package), may_identify(viewer, package)
    # Reasons, names of those who confirmed and the timeline are free text: only for those who know the person anyway.
    internal = identified or reads_reasons(viewer, package)
    is_draft = package.status is PackageStatus.DRAFT
    confirmation = last_confirmation(package.id) if leads else None
    audience = Audience.AUDITOR if viewer.has(Role.AUDITOR) else Audience.COUNCIL
    return Sheet(
        package=package,
        leads=leads,
        internal=internal,
        person=identity_for(viewer, package) if identified else None,
        team=db.session.get(Team, package.referring_team_id) if leads and package.referring_team_id else None,
        incumbent=_name_of(package.incumbent_provider_id) if leads else "",
        confirmation=confirmation,
        confirmation_due=_due(package, confirmation) if leads else "",
        wanting=tuple(errors_against_ready(package).values()) if is_draft and identified else (),
        questions=verdict_on(package).questions if is_draft and identified else (),
        events=tuple(timeline(package.id, audience)) if internal else (),
        relatives=_relatives(package) if leads else (),
        looks_in=people.is_open(viewer, package.person_id),
    )


def led_package(viewer: Viewer, package_id: UUID) -> Package:
    """A package that the viewer's own authority leads, to change it; NotFoundForViewer for parties and strangers."""
    package = package_in_scope(viewer, package_id)
    if not is_lead(viewer, package):
        raise NotFoundForViewer
    return package


def _relatives(package: Package) -> tuple[tuple[str, Package], ...]:
    """The package that this one was split off from, and those split off from it."""
    kin = or_(Package.id == package.parent_id, Package.parent_id == package.id)
    found = db.session.scalars(select(Package).where(kin).order_by(Package.reference))
    return tuple(("Split off from" if one.id == package.parent_id else "Split off from this", one) for one in found)


def _name_of(provider_id: UUID | None) -> str:
    query = select(Provider.name).where(Provider.id == provider_id)
    return (db.session.scalar(query) or "") if provider_id else ""


def _due(package: Package, last: NeedConfirmation | None) -> str:
    """Why "still needed?" must be asked now, as a sentence; empty when it need not."""
    confirmed_at = last.confirmed_at if last and last.needed else None
    if package.status is PackageStatus.AWAITING_AWARD:
        fresh = need_confirmation_is_fresh(confirmed_at, clock.now())
        return "" if fresh else "An award needs a yes that is not older than 24 hours."
    if package.status not in ASKED_ABOUT:
        return ""
    try:
        days = policy_on(package.scheme_id, clock.today()).still_needed_after_days
    except Conflict:
        return ""
    old = clock.now() - (confirmed_at or package.created_at) > timedelta(days=days)
    return f"It was last asked more than {days} days ago: ask before providers are asked." if old else ""
