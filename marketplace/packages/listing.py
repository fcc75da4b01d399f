"""Lists of packages: filtered, what waits for somebody, and what leaves as a file.

A file has the columns of the import. Without identity the district stands for the postcode; with it there are those
columns and nothing else, so that the file can be taken in again as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import joinedload, selectinload

from app import clock
from app.audit import access
from app.database import db
from app.database.many import among, in_parts
from app.exports import ExportTable
from app.files.writing import Cell
from app.http.paging import Page, one_page_of, page_of
from app.parties.models import Team
from app.parties.viewer import Viewer
from app.values.hours import hours_number
from app.values.money import pounds_number
from app.values.reference import parse_reference
from app.values.spelling import plain
from marketplace.packages.importing import PACKAGES
from marketplace.packages.models import WAITING, NeedConfirmation, Package
from marketplace.packages.queries import WHOLE_AUTHORITY, scope, split_of, visits_of
from marketplace.packages.rules import ASKED_ABOUT, FRESH_FOR, Funding, PackageStatus, Source, Urgency
from marketplace.packages.visits import weekly_visits_text
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme, SchemePolicy, Zone
from marketplace.schemes.queries import teams_of

COLUMNS = (
    "reference",
    "council_reference",
    "status",
    "lot",
    "source",
    "urgency",
    "planned_start",
    "district",
    "zone",
    "weekly_hours",
    "weekly_visits",
    "time_critical",
    "carer_gender",
    "carer_gender_reason",
    "short_visit_reason",
    "skills",
    "language",
    "pen_picture",
    "funding",
    "health_percent",
    "cost_ceiling_weekly",
)
WHOLE_COLUMNS = tuple(column.name for column in PACKAGES.columns)


IN_ADDRESSES = {
    **{name: name for name in ("status", "source", "urgency")},
    "scheme": "scheme_id",
    "lot": "lot_id",
    "zone": "zone_id",
    "q": "reference",
}
"""What the address of the list calls each part of its filter."""


class PackageFilter(BaseModel):
    """Which packages a list shows, on the page and over the API; None and empty mean all."""

    status: PackageStatus | None = None
    source: Source | None = None
    urgency: Urgency | None = None
    scheme_id: UUID | None = None
    lot_id: UUID | None = None
    zone_id: UUID | None = None
    reference: Annotated[str, Field(max_length=40)] = ""

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database."""
        given = [(getattr(Package, name), getattr(self, name)) for name in IN_ADDRESSES.values() if name != "reference"]
        conditions = [column == value for column, value in given if value is not None]
        if text := self.reference.strip():
            same = func.lower(plain(text))
            conditions.append(or_(func.lower(Package.reference) == same, func.lower(Package.council_reference) == same))
        return conditions


class WaitingPackages(PackageFilter):
    """The same without those for whom nobody waits any more."""

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database."""
        return [*super().conditions, literal_column(f"package.{WAITING}", Boolean())]


def filter_from(asked: Mapping[str, str]) -> PackageFilter:
    """The filter of an address; whatever is no known value is passed over.

    Who says nothing about the state sees whoever waits for care. Who looks for a reference sees it in whatever state.
    """
    given = {field: text for name, field in IN_ADDRESSES.items() if (text := asked.get(name, "").strip()[:40])}
    try:
        wanted = PackageFilter.model_validate(given)
    except ValidationError as wrong:
        unknown = {error["loc"][0] for error in wrong.errors()}
        wanted = PackageFilter.model_validate({name: text for name, text in given.items() if name not in unknown})
    if wanted.status or wanted.reference or asked.get("status") == ALL_STATES:
        return wanted
    return WaitingPackages(**wanted.model_dump())


ALL_STATES = "all"
"""What an address says instead of a state for packages in every one."""

LIST_ORDER = Package.urgency.desc(), Package.planned_start, Package.id

_SHOWN = (
    select(Package.id, Package.reference, Package.status, Package.urgency, Package.source, Package.weekly_minutes)
    .add_columns(
        Package.planned_start,
        Package.first_wanted_start,
        Package.outcode,
        Lot.name.label("lot"),
        Zone.name.label("zone"),
    )
    .add_columns(Package.status_since, Package.scheme_id, Package.lot_id, Package.zone_id, Package.version)
    .join(Lot, Lot.id == Package.lot_id)
    .outerjoin(Zone, Zone.id == Package.zone_id)
)


def packages_listed(viewer: Viewer, wanted: PackageFilter) -> Page[Any]:
    """One page of the list as plain rows with what it shows: the urgent first, then by planned start."""
    listed = select(Package.urgency, Package.planned_start, Package.id).where(scope(viewer), *wanted.conditions)
    total = db.session.scalar(select(func.count()).select_from(listed.with_only_columns(Package.id).subquery())) or 0
    # In parts, each in the order of an index: none runs down by urgency and up by start.
    urgencies = (wanted.urgency,) if wanted.urgency else tuple(Urgency)
    parts = [
        listed.where(Package.urgency == urgency).order_by(Package.planned_start, Package.id) for urgency in urgencies
    ]
    page = one_page_of(parts, "urgency DESC, planned_start, id").subquery()
    own = case((Package.authority_id == viewer.authority_id, Package.council_reference)).label("council_reference")
    shown = _SHOWN.add_columns(own).join(page, page.c.id == Package.id)
    return page_of(shown.order_by(*LIST_ORDER), {}, total)


def with_reference(viewer: Viewer, text: str) -> UUID | None:
    """The package that people call by this reference, if the viewer may see it."""
    own = plain(text).strip()
    called = Package.reference == parse_reference(text, "PKG")
    typed = or_(Package.council_reference == own, func.lower(Package.council_reference) == own.lower())
    named = or_(called, typed)
    return db.session.scalars(select(Package.id).where(scope(viewer), named).limit(1)).one_or_none()


def rows_to_export(viewer: Viewer, wanted: PackageFilter) -> Iterator[Package]:
    """All packages of the viewer's own authority in the list with what they hold, a few hundred at a time."""
    query = select(Package.id).where(scope(viewer), Package.authority_id == viewer.authority_id, *wanted.conditions)
    ids = list(db.session.scalars(query.order_by(Package.reference)))
    loaded = (selectinload(Package.visits), selectinload(Package.skills), selectinload(Package.funding))
    for part in in_parts(ids):
        chunk = (
            select(Package)
            .where(Package.id.in_(part))
            .options(*loaded, joinedload(Package.zone), joinedload(Package.person))
        )
        yield from db.session.scalars(chunk.order_by(Package.reference))


def drafts(viewer: Viewer) -> Select[Package]:
    """Packages somebody must look at before they can be offered, the earliest start first."""
    query = select(Package).where(scope(viewer), Package.status == PackageStatus.DRAFT)
    return query.order_by(Package.planned_start, Package.id)


def own_drafts(viewer: Viewer, scheme_id: UUID | None = None) -> Select[Package]:
    """Those that the viewer's authority leads, of one scheme or all, with what is read to say what they lack."""
    query = drafts(viewer).where(Package.authority_id == viewer.authority_id)
    if scheme_id is not None:
        query = query.where(Package.scheme_id == scheme_id)
    loaded = (selectinload(Package.visits), selectinload(Package.skills), selectinload(Package.funding))
    return query.options(*loaded, joinedload(Package.person))


def late_drafts(viewer: Viewer, scheme_id: UUID | None = None) -> Select[Package]:
    """Those of them whose planned start is in the past."""
    return own_drafts(viewer, scheme_id).where(Package.planned_start < clock.today())


def late_count(viewer: Viewer, scheme_id: UUID | None = None) -> int:
    """How many these are."""
    late = late_drafts(viewer, scheme_id).with_only_columns(Package.id).order_by(None)
    return db.session.scalar(select(func.count()).select_from(late.subquery())) or 0


def to_confirm(viewer: Viewer) -> Select[Package]:
    """Packages about which "still needed?" must be asked: grown old before an offer, or about to be awarded."""
    fresh = confirmed_since(clock.now() - FRESH_FOR)
    before_award = and_(Package.status == PackageStatus.AWAITING_AWARD, Package.id.not_in(fresh))
    query = select(Package).where(scope(viewer), or_(_grown_old(viewer), before_award))
    return query.order_by(Package.planned_start, Package.id)


def _grown_old(viewer: Viewer) -> ColumnElement[bool]:
    reasons = []
    for scheme_id, days in _days_until_asked(viewer).items():
        before = clock.now() - timedelta(days=days)
        old = and_(Package.created_at < before, Package.id.not_in(confirmed_since(before)))
        reasons.append(and_(Package.scheme_id == scheme_id, Package.status.in_(ASKED_ABOUT), old))
    return or_(*reasons) if reasons else false()


def _days_until_asked(viewer: Viewer) -> dict[UUID, int]:
    """After how many days each scheme of the authority asks; the newest policy that has begun decides."""
    query = (
        select(SchemePolicy.scheme_id, SchemePolicy.still_needed_after_days)
        .where(SchemePolicy.authority_id == viewer.authority_id, SchemePolicy.valid_from <= clock.today())
        .order_by(SchemePolicy.valid_from)
    )
    return {row.scheme_id: row.still_needed_after_days for row in db.session.execute(query)}


def need_confirmed_at(package_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When somebody last confirmed that the care is still needed, by package; not where that was never, or a no."""
    query = select(NeedConfirmation).where(among(NeedConfirmation.package_id, package_ids))
    in_order = query.order_by(NeedConfirmation.confirmed_at, NeedConfirmation.id.desc())
    last = {answer.package_id: answer for answer in db.session.scalars(in_order)}
    return {package_id: answer.confirmed_at for package_id, answer in last.items() if answer.needed}


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


def teams_for(viewer: Viewer) -> list[Team]:
    """The teams for which the viewer may ask for care: all of the authority, or their own."""
    teams = teams_of(viewer.authority_id)
    if viewer.has(*WHOLE_AUTHORITY) or not viewer.team_ids:
        return teams
    return [team for team in teams if team.id in viewer.team_ids]


def choices(viewer: Viewer) -> Sequence[Any]:
    """The lots and zones of the authority's schemes, in the order in which forms name them: `kind`, `scheme`, `id`, `name`."""
    return db.session.execute(_CHOICES, {"authority_id": viewer.authority_id}).all()


def _all_choices() -> Select[Any]:
    mine = Scheme.authority_id == bindparam("authority_id", type_=Uuid())
    lots = select(literal("lot").label("kind"), Scheme.name.label("scheme"), Lot.id, Lot.name, Lot.position)
    zones = select(literal("zone"), Scheme.name, Zone.id, Zone.name, literal(0))
    key = Scheme.name_key.label("scheme_key"), Scheme.id.label("scheme_id")
    both = union_all(
        lots.add_columns(*key, literal("").label("key")).join(Lot, Lot.scheme_id == Scheme.id).where(mine),
        zones.add_columns(*key, Zone.name_key).join(Zone, Zone.scheme_id == Scheme.id).where(mine),
    ).subquery()
    by_scheme = both.c.kind, both.c.scheme_key, both.c.scheme_id
    return select(*both.c).order_by(*by_scheme, both.c.position, both.c.key, both.c.id)


_CHOICES = _all_choices()


def packages_table(packages: Iterable[Package]) -> ExportTable:
    """The packages without anything that says for whom."""
    told = (_need(package) for package in packages)
    return ExportTable("packages", COLUMNS, ([need[column] for column in COLUMNS] for need in told))


def whole_table(packages: Iterable[Package]) -> ExportTable:
    """The packages with their people, in the columns of the import. Each person's identity is noted as read."""
    return ExportTable("packages-with-people", WHOLE_COLUMNS, _whole_rows(packages))


def _whole_rows(packages: Iterable[Package]) -> Iterator[list[Cell]]:
    teams: dict[UUID | None, str] = {row.id: row.name for row in db.session.execute(select(Team.id, Team.name))}
    named = db.session.execute(select(Provider.id, Provider.name))
    providers: dict[UUID | None, str] = {row.id: row.name for row in named}
    for package in packages:
        access.note_read(package.person_id)
        person = package.person
        known = _need(package) | {
            "reference": package.council_reference or package.reference,
            "postcode": package.postcode,
            "referrer": teams.get(package.referring_team_id, ""),
            "incumbent_provider": providers.get(package.incumbent_provider_id, ""),
            "person_name": person.name,
            "date_of_birth": person.date_of_birth.isoformat() if person.date_of_birth else "",
            "nhs_number": person.nhs_number or "",
            "address": person.address or "",
            "telephone": person.telephone or "",
        }
        yield [known[column] for column in WHOLE_COLUMNS]


def _need(package: Package) -> dict[str, Cell]:
    visits, health = visits_of(package), split_of(package).health_percent
    return {
        "reference": package.reference,
        "council_reference": package.council_reference,
        "status": package.status.value,
        "lot": package.lot.name,
        "source": package.source.value,
        "urgency": package.urgency.value,
        "planned_start": package.planned_start.isoformat(),
        "district": package.outcode,
        "zone": package.zone.name if package.zone else "",
        "weekly_hours": hours_number(package.weekly_minutes),
        "weekly_visits": weekly_visits_text(visits),
        "time_critical": "yes" if any(visit.time_critical for visit in visits) else "no",
        "carer_gender": package.carer_gender.value,
        "carer_gender_reason": package.carer_gender_reason,
        "short_visit_reason": package.short_visit_reason,
        "skills": "|".join(skill.skill for skill in package.skills),
        "language": package.language,
        "pen_picture": package.pen_picture,
        "funding": {0: Funding.COUNCIL, 100: Funding.HEALTH}.get(health, Funding.JOINT).value,
        "health_percent": health,
        "cost_ceiling_weekly": pounds_number(package.cost_ceiling_pence),
    }
