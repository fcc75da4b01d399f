"""Lists of packages: filtered, what waits for somebody, and the rows of the export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Uuid,
    and_,
    bindparam,
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
from app.database import db
from app.http.paging import Page, one_page_of, page_of, paged
from app.parties.models import Team
from app.parties.viewer import Viewer
from marketplace.packages.models import WAITING, Package
from marketplace.packages.moves import parts
from marketplace.packages.queries import WHOLE_AUTHORITY, confirmed_since, scope, unsourced
from marketplace.packages.rules import FRESH_FOR, PackageStatus, Source, Urgency
from marketplace.schemes.models import Lot, Scheme, SchemePolicy, Zone
from marketplace.schemes.queries import teams_of

Kind = TypeVar("Kind", bound=StrEnum)

# States in which a package that grew old is asked about again before it goes on.
ASKED_ABOUT = (PackageStatus.READY, PackageStatus.IN_BATCH, PackageStatus.UNSOURCED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which packages a list shows; None and empty mean all. `waiting` leaves out those for whom nobody waits any more."""

    status: PackageStatus | None = None
    source: Source | None = None
    urgency: Urgency | None = None
    scheme_id: UUID | None = None
    lot_id: UUID | None = None
    zone_id: UUID | None = None
    text: str = ""
    waiting: bool = False

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database."""
        given = [
            (Package.status, self.status),
            (Package.source, self.source),
            (Package.urgency, self.urgency),
            (Package.scheme_id, self.scheme_id),
            (Package.lot_id, self.lot_id),
            (Package.zone_id, self.zone_id),
        ]
        found = [column == value for column, value in given if value is not None]
        if self.waiting:
            found.append(literal_column(f"package.{WAITING}", Boolean()))
        if self.text:
            same = func.lower(self.text)
            found.append(or_(func.lower(Package.reference) == same, func.lower(Package.council_reference) == same))
        return found


def wanted_from(asked: Mapping[str, str]) -> Wanted:
    """The filter of an address; whatever is no known value is passed over.

    Who says nothing about the state sees whoever waits for care. Who looks for a reference sees it in whatever state.
    """
    status, text = _member(PackageStatus, asked.get("status")), asked.get("q", "").strip()[:40]
    return Wanted(
        status=status,
        source=_member(Source, asked.get("source")),
        urgency=_member(Urgency, asked.get("urgency")),
        scheme_id=_uuid(asked.get("scheme")),
        lot_id=_uuid(asked.get("lot")),
        zone_id=_uuid(asked.get("zone")),
        text=text,
        waiting=status is None and not text and asked.get("status") != ALL_STATES,
    )


def _member(kind: type[Kind], text: str | None) -> Kind | None:
    return next((member for member in kind if member.value == text), None)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


ALL_STATES = "all"
"""What an address says instead of a state for packages in every one."""

LIST_ORDER = Package.urgency.desc(), Package.planned_start, Package.id

_SHOWN = (
    select(Package.id, Package.reference, Package.status, Package.urgency, Package.source, Package.weekly_minutes)
    .add_columns(Package.planned_start, Package.outcode, Lot.name.label("lot"), Zone.name.label("zone"))
    .join(Lot, Lot.id == Package.lot_id)
    .outerjoin(Zone, Zone.id == Package.zone_id)
)


def packages_page(viewer: Viewer, wanted: Wanted, number: int | None = None) -> Page[Package]:
    """One page of the list: urgent packages first, then by planned start."""
    query = _listed(viewer, wanted).options(joinedload(Package.zone))
    return paged(query.order_by(*LIST_ORDER), number=number)


def packages_listed(viewer: Viewer, wanted: Wanted) -> Page[Any]:
    """The same page as plain rows with what the list shows; `lot` and `zone` are names."""
    found = _listed(viewer, wanted).with_only_columns(Package.id)
    page = one_page_of(_by_urgency(viewer, wanted), "urgency DESC, planned_start, id").subquery()
    named = _SHOWN.join(page, page.c.id == Package.id).order_by(*LIST_ORDER)
    return page_of(named, {}, _counted(found))


def _by_urgency(viewer: Viewer, wanted: Wanted) -> list[Select[Urgency, date, UUID]]:
    """The list in parts, each in the order of an index: none runs down by urgency and up by start."""
    found = _listed(viewer, wanted).with_only_columns(Package.urgency, Package.planned_start, Package.id)
    asked = (wanted.urgency,) if wanted.urgency else tuple(Urgency)
    return [found.where(Package.urgency == one).order_by(Package.planned_start, Package.id) for one in asked]


def _listed(viewer: Viewer, wanted: Wanted) -> Select[Package]:
    return select(Package).where(scope(viewer), *wanted.conditions)


def rows_to_export(viewer: Viewer, wanted: Wanted) -> Iterator[Package]:
    """All packages of the viewer's own authority in the list with what they hold, a few hundred at a time."""
    query = select(Package.id).where(scope(viewer), Package.authority_id == viewer.authority_id, *wanted.conditions)
    ids = list(db.session.scalars(query.order_by(Package.reference)))
    loaded = (selectinload(Package.visits), selectinload(Package.skills), selectinload(Package.funding))
    for some in parts(ids):
        chunk = (
            select(Package)
            .where(Package.id.in_(some))
            .options(*loaded, joinedload(Package.zone), joinedload(Package.person))
        )
        yield from db.session.scalars(chunk.order_by(Package.reference))


def drafts(viewer: Viewer) -> Select[Package]:
    """Packages somebody must look at before they can be offered, the earliest start first."""
    query = select(Package).where(scope(viewer), Package.status == PackageStatus.DRAFT)
    return query.order_by(Package.planned_start, Package.id)


def to_confirm(viewer: Viewer) -> Select[Package]:
    """Packages about which "still needed?" must be asked: grown old before an offer, or about to be awarded."""
    query = select(Package).where(scope(viewer), or_(_grown_old(viewer), _before_award()))
    return query.order_by(Package.planned_start, Package.id)


def _before_award() -> ColumnElement[bool]:
    fresh = confirmed_since(clock.now() - FRESH_FOR)
    return and_(Package.status == PackageStatus.AWAITING_AWARD, Package.id.not_in(fresh))


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


def counted(query: Select[Package]) -> int:
    """How many packages a query finds."""
    return _counted(query.with_only_columns(Package.id))


def _counted(ids: Select[UUID]) -> int:
    return db.session.scalar(select(func.count()).select_from(ids.order_by(None).subquery())) or 0


def first(query: Select[Package], limit: int) -> list[Package]:
    """The first packages of a query."""
    return list(db.session.scalars(query.limit(limit)))


def teams_for(viewer: Viewer) -> list[Team]:
    """The teams for which the viewer may ask for care: all of the authority, or their own."""
    teams = teams_of(viewer.authority_id)
    if viewer.has(*WHOLE_AUTHORITY) or not viewer.team_ids:
        return teams
    return [team for team in teams if team.id in viewer.team_ids]


def schemes_with_zones(viewer: Viewer) -> list[Scheme]:
    """The authority's schemes with lots and zones, for filters and forms."""
    query = select(Scheme).where(Scheme.authority_id == viewer.authority_id)
    loaded = query.options(selectinload(Scheme.lots), selectinload(Scheme.zones))
    return list(db.session.scalars(loaded.order_by(Scheme.name, Scheme.id)))


class Choice(NamedTuple):
    """A lot or a zone that the list can be narrowed to, under the name of its scheme."""

    kind: str
    scheme: str
    id: UUID
    name: str


def choices(viewer: Viewer) -> list[Choice]:
    """The lots and zones of the authority's schemes, in the order in which forms name them."""
    return [Choice(*row[:4]) for row in db.session.execute(_CHOICES, {"authority_id": viewer.authority_id})]


def _all_choices() -> Select[Any]:
    mine = Scheme.authority_id == bindparam("authority_id", type_=Uuid())
    lots = select(literal("lot").label("kind"), Scheme.name.label("scheme"), Lot.id, Lot.name, Lot.position)
    zones = select(literal("zone"), Scheme.name, Zone.id, Zone.name, literal(0))
    both = union_all(
        lots.add_columns(Scheme.id.label("scheme_id")).join(Lot, Lot.scheme_id == Scheme.id).where(mine),
        zones.add_columns(Scheme.id).join(Zone, Zone.scheme_id == Scheme.id).where(mine),
    ).subquery()
    by_scheme = both.c.kind, both.c.scheme, both.c.scheme_id
    return select(*both.c).order_by(*by_scheme, both.c.position, both.c.name, both.c.id)


_CHOICES = _all_choices()


def waiting_days(package: Package, now: datetime) -> int:
    """Whole days since the package came into its state."""
    return (now - package.status_since).days


__all__ = ["Wanted", "drafts", "packages_page", "rows_to_export", "to_confirm", "unsourced", "wanted_from"]
