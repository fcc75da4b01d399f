"""Which postcodes a provider covers, and which of its locations is invited.

Coverage is a list of rows, include or exclude, for an outcode ("PR1") or a sector ("PR1 8"), per lot. The most specific
row decides. Areas are compared as parsed parts, never by string prefix: PR1 is not PR10 (rules B2 and B3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from marketplace.vocabulary import AreaKind


class CoverageKind(StrEnum):
    """Whether a row adds an area or takes it away."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One line of a provider's coverage: `area` is an outcode such as PR1 or a sector such as PR1 8."""

    kind: CoverageKind
    area_kind: AreaKind
    area: str
    lot: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, with the reason as a sentence."""

    yes: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ProviderBase:
    """Where a location works from: planar metres (easting, northing)."""

    easting: int
    northing: int


@dataclass(frozen=True, slots=True)
class SisterLocation:
    """A location that could be invited, and the organisation it belongs to. `base` is None when unknown."""

    location_id: str
    organisation_id: str
    base: ProviderBase | None


def covers(rows: Iterable[CoverageRow], lot: str, outcode: str, sector: str) -> Answer:
    """Does a provider with these rows cover the sector for this lot?

    A sector row decides before an outcode row; at one level an exclusion wins; with no row the area is not covered.
    """
    of_lot = [row for row in rows if row.lot == lot]
    for area_kind, area in ((AreaKind.SECTOR, sector), (AreaKind.OUTCODE, outcode)):
        kinds = {row.kind for row in of_lot if row.area_kind is area_kind and row.area == area}
        if CoverageKind.EXCLUDE in kinds:
            return Answer(False, f"{area} is excluded from its areas for {lot}.")
        if kinds:
            return Answer(True, f"It covers {area} for {lot}.")
    return Answer(False, f"Neither {sector} nor {outcode} is among its areas for {lot}.")


def nearest_of_sisters(locations: Iterable[SisterLocation], to: ProviderBase) -> frozenset[str]:
    """The ids of the locations to invite: of each organisation only the one whose base is nearest, straight line.

    An unknown base comes last. Two sisters at one distance: the lower location id, so that the answer is repeatable.
    """
    nearest: dict[str, tuple[bool, int, str]] = {}
    for one in locations:
        key = _farness(one, to)
        nearest[one.organisation_id] = min(key, nearest.get(one.organisation_id, key))
    return frozenset(location_id for _, _, location_id in nearest.values())


def _farness(one: SisterLocation, to: ProviderBase) -> tuple[bool, int, str]:
    if one.base is None:
        return True, 0, one.location_id
    squared = (one.base.easting - to.easting) ** 2 + (one.base.northing - to.northing) ** 2
    return False, squared, one.location_id
