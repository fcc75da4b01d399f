"""Entering floors and ceilings. A row that has begun is never changed; open offers keep the limits they were made under."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.database import db, locked
from app.errors import Conflict, Invalid
from app.values.money import Money
from marketplace.schemes.models import Lot, LotPrice, Scheme, Zone
from marketplace.schemes.price_rules import Limits
from marketplace.vocabulary import PriceBand

ALREADY_BEGUN = "A floor and ceiling began on that day and offers may have been made under them. Choose a later day."


def price_in_force(lot: Lot, zone_id: UUID | None, band: PriceBand | None, day: date) -> LotPrice | None:
    """The row of exactly this zone and band that holds on a day, or None."""
    query = select(LotPrice).where(
        LotPrice.lot_id == lot.id, LotPrice.zone_id == zone_id, LotPrice.band == band, LotPrice.valid_from <= day
    )
    return db.session.scalars(query.order_by(LotPrice.valid_from.desc()).limit(1)).one_or_none()


def set_price(
    lot: Lot,
    limits: Limits,
    valid_from: date,
    *,
    by: Actor,
    zone: Zone | None = None,
    band: PriceBand | None = None,
    because: str = "",
) -> LotPrice:
    """Enters floor and ceiling from a day on, for one zone or all, one band or all hours.

    A row entered for the same coming day is replaced. Raises Invalid for a floor above the ceiling or a day in the
    past; Conflict when a row has begun on that day.
    """
    db.session.execute(locked(select(Lot).where(Lot.id == lot.id)))
    zone_id = zone.id if zone else None
    before = price_in_force(lot, zone_id, band, valid_from)
    if problems := _reasons_against(before, limits, valid_from):
        raise Invalid(problems)
    owned = {"authority_id": lot.authority_id, "lot_id": lot.id}
    price = before if before and before.valid_from == valid_from else LotPrice(**owned, zone_id=zone_id, band=band)
    price.floor_pence, price.ceiling_pence, price.valid_from = limits.floor_pence, limits.ceiling_pence, valid_from
    db.session.add(price)
    db.session.flush()
    _record(lot, price, zone, because, by)
    return price


def _reasons_against(before: LotPrice | None, limits: Limits, valid_from: date) -> dict[str, str]:
    problems = {}
    if limits.floor_pence <= 0:
        problems["floor"] = "Enter an amount over £0."
    if limits.ceiling_pence < limits.floor_pence:
        problems["ceiling"] = "The ceiling must not be below the floor."
    if before is not None and valid_from < clock.today():
        problems["valid_from"] = "New prices cannot begin in the past. Enter today or a later day."
    elif before is not None and before.valid_from == valid_from == clock.today():
        raise Conflict(ALREADY_BEGUN)
    return problems


def _record(lot: Lot, price: LotPrice, zone: Zone | None, because: str, by: Actor) -> None:
    audit.record(
        "scheme:price_entered",
        db.session.get_one(Scheme, lot.scheme_id),
        by=by,
        reason=because or None,
        lot=lot.name,
        zone=zone.name if zone else "all zones",
        band=price.band.value if price.band else "all hours",
        floor=str(Money(price.floor_pence)),
        ceiling=str(Money(price.ceiling_pence)),
        valid_from=price.valid_from.isoformat(),
    )
