"""Which floor and ceiling hold: of the rows that have begun, the most specific (zone, then band), then the newest.

A zone's own row beats a row for all zones; within that, a band's own row beats one for all hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar
from uuid import UUID

from marketplace.vocabulary import PriceBand


@dataclass(frozen=True, slots=True)
class Limits:
    """Floor and ceiling in pence per unit of the lot."""

    floor_pence: int
    ceiling_pence: int


class PriceRow(Protocol):
    """A dated row of floor and ceiling, for one zone or all, for one band of hours or all."""

    zone_id: UUID | None
    band: PriceBand | None
    floor_pence: int
    ceiling_pence: int
    valid_from: date


Row = TypeVar("Row", bound=PriceRow)


def rows_in_force(rows: Iterable[Row], on: date) -> list[Row]:
    """For each zone and band the newest row that has begun; rows for all zones first, then by zone and band."""
    newest: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda one: one.valid_from):
        if row.valid_from <= on:
            newest[(str(row.zone_id or ""), str(row.band or ""))] = row
    return [newest[key] for key in sorted(newest)]


def limits_among(
    rows: Iterable[PriceRow], zone_id: UUID | None, on: date, band: PriceBand | None = None
) -> Limits | None:
    """The limits for a zone (None: outside every zone) on a date, for one band or for any hour; None without a row."""
    fitting = [row for row in rows_in_force(rows, on) if row.zone_id in (None, zone_id) and row.band in (None, band)]
    best = max(fitting, key=lambda row: (row.zone_id is not None, row.band is not None), default=None)
    return Limits(best.floor_pence, best.ceiling_pence) if best else None
