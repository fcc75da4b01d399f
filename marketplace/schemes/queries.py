"""Questions about schemes: which there are, the policy of a day, the zone of a place, floor and ceiling."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from app.calendar.deadlines import deadline_after_hours, deadline_after_working_days, elapsed, local_date
from app.calendar.working_days import BeyondCalendar, Calendar, england
from app.database import db, only_one
from app.errors import Conflict, NotFoundForViewer
from app.parties.models import Organisation, Team
from app.parties.viewer import Viewer
from marketplace.holidays.queries import calendar_of
from marketplace.schemes.models import DeclineCode, Lot, LotPrice, Scheme, SchemePolicy, Zone, ZoneArea
from marketplace.schemes.rules import BANDS, TERM_NAMES, UNITS, PolicyTerms, PriceLimits, limits_among, rows_in_force
from marketplace.vocabulary import AreaKind, PriceBand, Window

ZoneFinder = Callable[[str, str], Zone | None]
ALL_ZONES = "all zones"


@dataclass(frozen=True, slots=True)
class PriceView:
    """One row of floor and ceiling, in words and pence."""

    lot: str
    where: str
    when: str
    unit: str
    floor_pence: int
    ceiling_pence: int
    valid_from: date
    holds: bool


def schemes_of(authority_id: UUID) -> list[Scheme]:
    """The schemes of an authority by name, with their lots."""
    query = select(Scheme).where(Scheme.authority_id == authority_id).options(selectinload(Scheme.lots))
    return list(db.session.scalars(query.order_by(Scheme.name_key, Scheme.id)))


def visible_schemes(viewer: Viewer) -> Select[Scheme]:
    """The schemes a viewer may read: an authority's own, those an ICB shares in, and for providers all.

    Providers may join any authority's scheme, so what it buys and how it decides is open to them.
    """
    query = select(Scheme).options(selectinload(Scheme.lots)).order_by(Scheme.name_key, Scheme.id)
    if viewer.is_provider:
        return query
    return query.where(or_(Scheme.authority_id == viewer.authority_id, Scheme.default_icb_id == viewer.organisation_id))


def visible_decline_codes(viewer: Viewer) -> Select[DeclineCode]:
    """The reasons for which packages of the schemes that a viewer may read can be declined, each council's in its order."""
    authorities = visible_schemes(viewer).with_only_columns(Scheme.authority_id).order_by(None)
    query = select(DeclineCode).where(DeclineCode.authority_id.in_(authorities))
    return query.order_by(DeclineCode.authority_id, DeclineCode.position, DeclineCode.code)


def schemes_for(viewer: Viewer) -> list[Scheme]:
    """The schemes a viewer may read, by name."""
    return list(db.session.scalars(visible_schemes(viewer)))


def scheme_for(viewer: Viewer, scheme_id: UUID) -> Scheme:
    """A scheme with its lots and zones; raises NotFoundForViewer when the viewer may not read it."""
    query = visible_schemes(viewer).where(Scheme.id == scheme_id)
    return only_one(query.options(selectinload(Scheme.zones).selectinload(Zone.areas)))


def managed_scheme(viewer: Viewer, scheme_id: UUID) -> Scheme:
    """A scheme of the viewer's own authority, to change it; raises NotFoundForViewer."""
    scheme = scheme_for(viewer, scheme_id)
    if scheme.authority_id != viewer.authority_id:
        raise NotFoundForViewer
    return scheme


def policies_of(scheme_id: UUID) -> list[SchemePolicy]:
    """Every policy of a scheme, newest first, those that have not begun included."""
    query = select(SchemePolicy).where(SchemePolicy.scheme_id == scheme_id)
    return list(db.session.scalars(query.order_by(SchemePolicy.valid_from.desc())))


def policy_in_force(scheme_id: UUID, day: date) -> SchemePolicy | None:
    """The newest policy that has begun on a (local) date, or None."""
    query = select(SchemePolicy).where(SchemePolicy.scheme_id == scheme_id, SchemePolicy.valid_from <= day)
    return db.session.scalars(query.order_by(SchemePolicy.valid_from.desc()).limit(1)).one_or_none()


def policy_on(scheme_id: UUID, day: date) -> SchemePolicy:
    """The same; raises Conflict when none has begun."""
    policy = policy_in_force(scheme_id, day)
    if policy is None:
        raise Conflict("No policy of this scheme has begun yet. Ask a contract manager for one that has.")
    return policy


def terms_of(policy: SchemePolicy) -> PolicyTerms:
    """A policy's terms as a value, to compare or to start a new one from."""
    return PolicyTerms(**{name: getattr(policy, name) for name in TERM_NAMES})


def deadline_of(
    policy: SchemePolicy, window: Window, issued_at: datetime, calendar: Calendar | None = None
) -> datetime:
    """The instant (UTC) at which an offer's answers are too late: hours that end in opening times, or working days.

    These are rules C1 to C3, by the authority's calendar or else the published list. Raises Conflict when bank holidays
    are not known so far ahead.
    """
    calendar = calendar or england()
    try:
        if window is Window.BATCH:
            return deadline_after_working_days(issued_at, policy.batch_working_days, calendar)
        opening, closing = (time.fromisoformat(text) for text in (policy.opening, policy.closing))
        return deadline_after_hours(issued_at, _hours(policy, window), opening, closing, calendar)
    except BeyondCalendar as beyond:
        raise Conflict(str(beyond)) from beyond


def first_start(policy: SchemePolicy, window: Window, offered_at: datetime, calendar: Calendar | None = None) -> date:
    """The first day on which care can begin that is offered at an instant.

    For a batch that is after the deadline and the days to set it up; what is offered alone can begin on the day of its
    deadline. Raises Conflict when bank holidays are not known so far ahead.
    """
    calendar = calendar or calendar_of(policy.authority_id)
    answered_on = local_date(deadline_of(policy, window, offered_at, calendar))
    try:
        return calendar.working_days_after(answered_on, policy.setup_working_days if window is Window.BATCH else 0)
    except BeyondCalendar as beyond:
        raise Conflict(str(beyond)) from beyond


def hours_end(policy: SchemePolicy, window: Window, issued_at: datetime) -> datetime | None:
    """Where the hours of a window end by themselves, before a deadline is made of them; None for working days."""
    return None if window is Window.BATCH else elapsed(issued_at, _hours(policy, window))


def _hours(policy: SchemePolicy, window: Window) -> int:
    return policy.urgent_hours if window is Window.URGENT else policy.standard_hours


def zone_finder(scheme_id: UUID) -> ZoneFinder:
    """A function from outcode and sector to the scheme's zone, made with one query; the sector's row wins."""
    rows = db.session.execute(
        select(ZoneArea.area_kind, ZoneArea.area, Zone)
        .join(Zone, ZoneArea.zone_id == Zone.id)
        .where(Zone.scheme_id == scheme_id)
    ).all()
    zones: dict[tuple[AreaKind, str], Zone] = {(kind, area): zone for kind, area, zone in rows}

    def find(outcode: str, sector: str) -> Zone | None:
        return zones.get((AreaKind.SECTOR, sector)) or zones.get((AreaKind.OUTCODE, outcode))

    return find


def limits_for(lot_id: UUID, zone_id: UUID | None, day: date, band: PriceBand | None = None) -> PriceLimits:
    """Floor and ceiling of a lot in a zone on a date, by the most specific row; raises Conflict without one."""
    rows = db.session.scalars(select(LotPrice).where(LotPrice.lot_id == lot_id, LotPrice.valid_from <= day)).all()
    limits = limits_among(rows, zone_id, day, band)
    if limits is None:
        raise Conflict("This lot has no floor and ceiling on that day. Ask a contract manager to enter them.")
    return limits


def prices_of(scheme_id: UUID) -> list[LotPrice]:
    """Every row of floor and ceiling of a scheme's lots, oldest first."""
    query = select(LotPrice).join(Lot, LotPrice.lot_id == Lot.id).where(Lot.scheme_id == scheme_id)
    return list(db.session.scalars(query.order_by(LotPrice.valid_from, LotPrice.id)))


def prices_shown(scheme: Scheme, today: date) -> list[PriceView]:
    """Lot by lot what holds today, then what is to come."""
    zones, rows = {zone.id: zone.name for zone in scheme.zones}, prices_of(scheme.id)
    shown: list[PriceView] = []
    for lot in scheme.lots:
        own = [row for row in rows if row.lot_id == lot.id]
        views = [
            PriceView(
                lot=lot.name,
                where=zones[row.zone_id] if row.zone_id else ALL_ZONES,
                when=BANDS[row.band] if row.band else "all hours",
                unit=UNITS[lot.unit],
                floor_pence=row.floor_pence,
                ceiling_pence=row.ceiling_pence,
                valid_from=row.valid_from,
                holds=row.valid_from <= today,
            )
            for row in (*rows_in_force(own, today), *(row for row in own if row.valid_from > today))
        ]
        shown += sorted(views, key=lambda view: (not view.holds, view.valid_from, view.where != ALL_ZONES, view.where))
    return shown


def teams_of(authority_id: UUID) -> list[Team]:
    """The referring teams of an authority by name."""
    return list(db.session.scalars(select(Team).where(Team.organisation_id == authority_id).order_by(Team.name_key)))


def organisation_name(organisation_id: UUID | None) -> str:
    """The name of an organisation, such as the ICB of a scheme; empty when there is none."""
    organisation = db.session.get(Organisation, organisation_id) if organisation_id else None
    return organisation.name if organisation else ""
