"""Questions about agreements, asked on behalf of a viewer: the council's own, a provider's own, a party's."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app import clock
from app.audit import Audience, access
from app.audit.queries import TimelineItem, timeline
from app.database import db, only_one
from app.exports import ExportTable
from app.files.writing import Cell
from app.http.paging import Page, paged
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.values.hours import hours_number
from app.values.money import pounds_number
from app.values.reference import parse_reference
from contracts.agreements.models import Agreement, AgreementVersion
from contracts.agreements.rules import AgreementState, identity_is_frozen, reason_identity_is_closed
from marketplace.packages import queries as packages
from marketplace.packages.models import NeedConfirmation, Package
from marketplace.packages.queries import may_identify, party_packages, reads_reasons
from marketplace.people import queries as people
from marketplace.people.models import Person
from marketplace.providers.models import Provider

WHOLE_AUTHORITY = (Role.NAVIGATOR, Role.BROKER, Role.CONTRACT_MANAGER, Role.FINANCE, Role.AUDITOR)
OF_TEAMS = (Role.SOCIAL_WORKER, Role.TEAM_MANAGER)
LEAD_ROLES = (*WHOLE_AUTHORITY, *OF_TEAMS)
READERS = (*LEAD_ROLES, Role.HEALTH_ASSESSOR, Role.PROVIDER_COORDINATOR, Role.PROVIDER_ADMINISTRATOR)
STARTING_SOON = timedelta(days=7)
COLUMNS = (
    "reference",
    "package",
    "provider",
    "state",
    "starts_on",
    "ends_on",
    "weekly_hours",
    "unit",
    "price",
    "weekly_cost",
)
ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class FrozenPerson:
    """A person's identity as it was on the day on which it was copied; what changes later does not reach it."""

    name: str
    known_as: str | None
    date_of_birth: date | None
    address: str | None
    postcode: str
    telephone: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the person is, or was when care ended; or the sentence why that is not shown, or how old it is."""

    person: Person | FrozenPerson | None
    sentence: str = ""


def scope(viewer: Viewer) -> ColumnElement[bool]:
    """Which agreements the viewer may read; the roles of teams, those of the packages that they read."""
    if viewer.is_provider:
        return Agreement.provider_id.in_(select(Provider.id).where(Provider.organisation_id == viewer.organisation_id))
    reasons = []
    if viewer.is_commissioner and viewer.has(*WHOLE_AUTHORITY):
        reasons.append(Agreement.authority_id == viewer.authority_id)
    elif viewer.is_commissioner and viewer.has(*OF_TEAMS):
        reasons.append(Agreement.package_id.in_(select(Package.id).where(packages.scope(viewer))))
    if viewer.is_commissioner and viewer.has(Role.HEALTH_ASSESSOR):
        reasons.append(Agreement.package_id.in_(party_packages(viewer)))
    return or_(*reasons) if reasons else false()


def agreements_page(
    viewer: Viewer, state: AgreementState | None = None, *, number: int | None = None
) -> Page[Agreement]:
    """The agreements the viewer may read, the newest first, with their versions; page `number`, or the address's."""
    query = select(Agreement).where(scope(viewer)).options(selectinload(Agreement.versions))
    if state is not None:
        query = query.where(Agreement.state == state)
    return paged(query.order_by(Agreement.contract_from.desc(), Agreement.id), number=number)


def agreement_for(viewer: Viewer, agreement_id: UUID) -> Agreement:
    """One agreement with its versions, to read it; NotFoundForViewer outside the viewer's scope."""
    return _agreement(agreement_id, _seen(viewer))


def agreement_in_scope(viewer: Viewer, agreement_id: UUID) -> Agreement:
    """The same without break-glass, for whatever changes something."""
    return _agreement(agreement_id, scope(viewer))


def agreement_to_change(viewer: Viewer, agreement_id: UUID) -> Agreement:
    """One agreement that the viewer may change: a provider's own; in the authority that leads it, any for navigators and
    brokers, and for others those of the packages that they read. NotFoundForViewer for parties.
    """
    own = scope(viewer)
    if not viewer.is_provider:
        own = Agreement.authority_id == viewer.authority_id
        if not viewer.has(Role.NAVIGATOR, Role.BROKER):
            own &= Agreement.package_id.in_(select(Package.id).where(packages.scope(viewer)))
    return _agreement(agreement_id, own)


def _agreement(agreement_id: UUID, seen: ColumnElement[bool]) -> Agreement:
    query = select(Agreement).where(Agreement.id == agreement_id, seen)
    return only_one(query.options(selectinload(Agreement.versions)))


def may_read(viewer: Viewer, agreement: Agreement) -> bool:
    """Whether the viewer finds the agreement on its page."""
    query = select(Agreement.id).where(Agreement.id == agreement.id, _seen(viewer))
    return viewer.has(*READERS) and db.session.scalar(query) is not None


def _seen(viewer: Viewer) -> ColumnElement[bool]:
    """As for packages: whoever has opened who the person is by break-glass reads the person's agreements too."""
    if viewer.is_provider or not viewer.has(*people.MAY_OPEN):
        return scope(viewer)
    opened = select(Package.id).where(Package.person_id.in_(people.open_now(viewer)))
    return or_(scope(viewer), Agreement.package_id.in_(opened))


def agreement_with_reference(viewer: Viewer, text: str) -> UUID | None:
    """The agreement that people call by this reference, if the viewer may read it."""
    if not (reference := parse_reference(text, "AGR")):
        return None
    return db.session.scalars(select(Agreement.id).where(Agreement.reference == reference, scope(viewer))).one_or_none()


def identity_for(viewer: Viewer, agreement: Agreement) -> Identity:
    """Who the person is, for those who may know; the read is logged. Others get the sentence why not.

    The provider reads it from the award on, and from 30 days after the last day of care only the copy made when the
    end was recorded; in the council the roles that read the package's.
    """
    if viewer.is_provider:
        if closed := reason_identity_is_closed(agreement.state):
            return Identity(None, closed)
        if identity_is_frozen(agreement.state, agreement.ends_on, clock.today()):
            return _identity_at_end(agreement)
    elif not may_identify(viewer, agreement.package):
        return Identity(None, "Your role does not show who the person is.")
    person = db.session.get_one(Person, agreement.package.person_id)
    shown = person if viewer.is_provider else people.record_shown(viewer, person)
    if shown is None:
        return Identity(None, "The person’s record is not your team’s. You can open who they are with a reason.")
    access.note_read(shown.id)
    return Identity(shown)


def _identity_at_end(agreement: Agreement) -> Identity:
    if agreement.identity_at_end is None:
        return Identity(None, "You can no longer see who the person is, because care ended more than 30 days ago.")
    access.note_read(agreement.package.person_id)
    sentence = "This is a copy from when care ended; what has changed since is not shown."
    kept: dict[str, Any] = dict(agreement.identity_at_end)
    born = kept.pop("date_of_birth")
    return Identity(FrozenPerson(**kept, date_of_birth=date.fromisoformat(born) if born else None), sentence)


def sees_amounts_only(viewer: Viewer) -> bool:
    """Finance reads references and amounts, not what the care is."""
    return viewer.has(Role.FINANCE) and not viewer.has(*(set(LEAD_ROLES) - {Role.FINANCE}))


def is_party_only(viewer: Viewer, agreement: Agreement) -> bool:
    """Whether the viewer's organisation takes part in what another leads: it sees its own share of the cost."""
    return viewer.is_commissioner and agreement.authority_id != viewer.authority_id


def history_of(viewer: Viewer, agreement: Agreement) -> list[TimelineItem]:
    """What has happened to the agreement, as the viewer's side may read it."""
    return timeline(agreement.id, audience_of(viewer), reasons=reads_why(viewer, agreement))


def reads_why(viewer: Viewer, agreement: Agreement) -> bool:
    """Whether the viewer reads what was typed about the agreement: its provider is told, and in the council it is
    for those who may know the person. Why one was cancelled is a fixed sentence, for everybody.
    """
    if viewer.is_provider or agreement.state is AgreementState.CANCELLED:
        return True
    return reads_reasons(viewer, agreement.package)


def audience_of(viewer: Viewer) -> Audience:
    """How a viewer reads a timeline."""
    if viewer.has(Role.AUDITOR):
        return Audience.AUDITOR
    return Audience.PROVIDER if viewer.is_provider else Audience.COUNCIL


def version_shown(agreement: Agreement) -> AgreementVersion:
    """The version that holds today, or the first one while none has begun."""
    begun = [version for version in agreement.versions if version.starts_on <= clock.today()]
    return (begun or agreement.versions)[-1 if begun else 0]


def starting_soon(viewer: Viewer) -> Select[Agreement]:
    """The provider's agreements under which care begins within seven days."""
    return _waiting_for_start(viewer).where(Agreement.starts_on <= clock.today() + STARTING_SOON)


def starts_not_confirmed(viewer: Viewer) -> Select[Agreement]:
    """Agreements that start within seven days and whose need nobody has confirmed since they were made."""
    confirmed = exists().where(
        and_(
            NeedConfirmation.package_id == Agreement.package_id,
            NeedConfirmation.confirmed_at > Agreement.contract_from,
            NeedConfirmation.needed,
        )
    )
    return starting_soon(viewer).where(Agreement.authority_id == viewer.authority_id, ~confirmed)


def count_of(query: Select[Agreement]) -> int:
    """How many rows a query has."""
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0


def _waiting_for_start(viewer: Viewer) -> Select[Agreement]:
    return (
        select(Agreement)
        .where(scope(viewer), Agreement.state == AgreementState.AWAITING_START)
        .options(joinedload(Agreement.package))
        .order_by(Agreement.starts_on, Agreement.id)
    )


def agreements_table(viewer: Viewer, state: AgreementState | None) -> ExportTable:
    """The agreements that the viewer's own organisation holds, the oldest first."""
    own = scope(viewer) if viewer.is_provider else scope(viewer) & (Agreement.authority_id == viewer.authority_id)
    query = select(Agreement).where(own).options(selectinload(Agreement.versions))
    if state is not None:
        query = query.where(Agreement.state == state)
    ordered = query.order_by(Agreement.contract_from, Agreement.id).execution_options(yield_per=ROWS_AT_ONCE)
    return ExportTable("agreements", COLUMNS, (_row(agreement) for agreement in db.session.scalars(ordered)))


def _row(agreement: Agreement) -> list[Cell]:
    version = version_shown(agreement)
    return [
        agreement.reference,
        agreement.package.reference,
        agreement.provider.name,
        agreement.state.value,
        agreement.starts_on.isoformat(),
        agreement.ends_on.isoformat() if agreement.ends_on else "",
        hours_number(version.weekly_minutes),
        version.unit.value,
        pounds_number(version.price_pence),
        pounds_number(version.weekly_cost_pence),
    ]
