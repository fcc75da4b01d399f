"""What a scheme holds: its lots with their prices, and its zones with their areas, brought up to date from terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from app import audit
from app.audit import Actor
from app.database import db
from app.errors import Invalid
from marketplace.schemes.file_rules import LotTerms, PriceTerms, ZoneTerms
from marketplace.schemes.models import Lot, LotPrice, Scheme, Zone, ZoneArea
from marketplace.schemes.price_rules import Limits, rows_in_force
from marketplace.schemes.prices import set_price
from marketplace.schemes.queries import prices_of

PriceKey = tuple[str, str, str]


def put_zones(scheme: Scheme, wanted: Sequence[ZoneTerms], *, by: Actor) -> list[str]:
    """Makes the zones hold exactly the areas given; returns a sentence for each one changed."""
    known = {zone.name: zone for zone in _zones(scheme)}
    _refuse_taken_areas(known, wanted)
    return [f"Zone {terms.name}." for terms in wanted if _put_zone(scheme, known.get(terms.name), terms, by)]


def put_lots(scheme: Scheme, wanted: Sequence[LotTerms], begins: date, *, by: Actor) -> list[str]:
    """Adds lots that are new, and floors and ceilings that differ, from a day on; returns a sentence for each."""
    known = {lot.name: lot for lot in db.session.scalars(select(Lot).where(Lot.scheme_id == scheme.id))}
    changes: list[str] = []
    for position, terms in enumerate(wanted):
        lot = known.get(terms.name)
        if lot is None:
            lot = known[terms.name] = _add_lot(scheme, terms, position, by)
            changes.append(f"Lot {lot.name}.")
        elif lot.unit is not terms.unit:
            raise Invalid(
                {"lots": f"lots: {lot.name} keeps its unit ({lot.unit.value}), since prices were given in it."}
            )
    return changes + _put_prices(scheme, known, wanted, begins, by)


def _put_prices(scheme: Scheme, lots: dict[str, Lot], wanted: Iterable[LotTerms], begins: date, by: Actor) -> list[str]:
    zones = {zone.name: zone for zone in _zones(scheme)}
    now = _limits_by_key(scheme, lots.values(), zones.values(), begins)
    changes = []
    for terms in wanted:
        for price in terms.prices:
            limits = Limits(price.floor_pence, price.ceiling_pence)
            if now.get(_key(terms.name, price)) != limits:
                zone = zones.get(price.zone)
                set_price(lots[terms.name], limits, begins, zone=zone, band=price.band, by=by)
                changes.append(f"Floor and ceiling of {terms.name}{f' in {price.zone}' if zone else ''}.")
    return changes


def _limits_by_key(scheme: Scheme, lots: Iterable[Lot], zones: Iterable[Zone], day: date) -> dict[PriceKey, Limits]:
    names = {zone.id: zone.name for zone in zones}
    rows = prices_of(scheme.id)
    found: dict[PriceKey, Limits] = {}
    for lot in lots:
        for row in rows_in_force([row for row in rows if row.lot_id == lot.id], day):
            found[lot.name, _zone_name(row, names), str(row.band or "")] = Limits(row.floor_pence, row.ceiling_pence)
    return found


def _zone_name(row: LotPrice, names: dict[UUID, str]) -> str:
    return names[row.zone_id] if row.zone_id else ""


def _key(lot: str, price: PriceTerms) -> PriceKey:
    return lot, price.zone, str(price.band or "")


def _add_lot(scheme: Scheme, terms: LotTerms, position: int, by: Actor) -> Lot:
    owned = {"authority_id": scheme.authority_id, "scheme_id": scheme.id}
    lot = Lot(**owned, name=terms.name, unit=terms.unit, position=position)
    db.session.add(lot)
    db.session.flush()
    audit.record("scheme:lot_added", scheme, by=by, lot=lot.name, unit=lot.unit.value)
    return lot


def _zones(scheme: Scheme) -> list[Zone]:
    query = select(Zone).where(Zone.scheme_id == scheme.id).options(selectinload(Zone.areas))
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _refuse_taken_areas(known: dict[str, Zone], wanted: Sequence[ZoneTerms]) -> None:
    """An area lies in one zone. The file was checked in itself; here, against zones that it does not name."""
    named = {terms.name for terms in wanted}
    taken = {area.area for name, zone in known.items() if name not in named for area in zone.areas}
    if doubles := sorted({area for terms in wanted for _, area in terms.areas} & taken):
        raise Invalid({"zones": f"zones: In another zone of the scheme already: {', '.join(doubles[:10])}."})


def _put_zone(scheme: Scheme, zone: Zone | None, terms: ZoneTerms, by: Actor) -> bool:
    have = {(area.area_kind, area.area) for area in zone.areas} if zone else set()
    want = set(terms.areas)
    if zone is not None and have == want and (zone.code or "") == terms.code:
        return False
    owned = {"authority_id": scheme.authority_id}
    zone = zone or Zone(**owned, scheme_id=scheme.id, name=terms.name)
    zone.code = terms.code or None
    db.session.add(zone)
    db.session.flush()
    gone = {area for _, area in have - want}
    db.session.execute(delete(ZoneArea).where(ZoneArea.zone_id == zone.id, ZoneArea.area.in_(gone)))
    db.session.add_all(ZoneArea(**owned, zone_id=zone.id, area_kind=kind, area=area) for kind, area in want - have)
    db.session.flush()
    db.session.expire(zone, ["areas"])
    added = sorted(area for _, area in want - have)
    audit.record(
        "scheme:zone_changed", scheme, by=by, zone=zone.name, added=", ".join(added), removed=", ".join(sorted(gone))
    )
    return True
