"""Where sectors and outcodes lie, from the shipped lists; each list is read once, when it is first asked for.

Contains Ordnance Survey, Royal Mail and National Statistics data; the full line stands in data/README.md.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from heapq import nsmallest
from importlib import resources
from math import ceil, hypot

NEIGHBOURS = 6


@dataclass(frozen=True, slots=True)
class Centroid:
    """The mean place of an area's unit postcodes, in metres of the National Grid, and how many there are."""

    area: str
    outcode: str
    easting: int
    northing: int
    unit_postcodes: int
    district_code: str


def centroid_of_sector(sector: str) -> Centroid | None:
    """The centroid of a sector written as `PR1 8`, or None when the list does not have it."""
    return _sectors().get(sector)


def centroid_of_outcode(outcode: str) -> Centroid | None:
    """The centroid of an outcode written as `PR1`, or None when the list does not have it."""
    return _outcodes().get(outcode)


def sectors_of(places: Iterable[str]) -> tuple[Centroid, ...]:
    """The centroids of the sectors named, and of every sector of the outcodes named; each once, sorted by name."""
    found: dict[str, Centroid] = {}
    for place in places:
        inside = [_sectors()[place]] if place in _sectors() else _by_outcode().get(place, [])
        found.update((sector.area, sector) for sector in inside)
    return tuple(found[area] for area in sorted(found))


def unsure_m(sector: str, outcode: str, easting: int, northing: int) -> int:
    """Within about how many metres of this point somebody lives: 0 where it is the place of a postcode of its own.

    Where a postcode is not listed, a place is the middle of its sector, or of its outcode. How large that is, its
    neighbours tell: of a thousand sectors, nineteen in twenty hold nine tenths of their postcodes nearer to the middle
    than the sixth of the middles around.
    """
    for area, areas in ((sector, _sectors()), (outcode, _outcodes())):
        if (middle := areas.get(area)) and (middle.easting, middle.northing) == (easting, northing):
            return _size_of(middle, "sector" if area == sector else "outcode")
    return 0


@cache
def _size_of(middle: Centroid, kind: str) -> int:
    around = _sectors() if kind == "sector" else _outcodes()
    away = nsmallest(
        NEIGHBOURS + 1, (hypot(middle.easting - o.easting, middle.northing - o.northing) for o in around.values())
    )
    return max(1, ceil(away[-1] / 1000)) * 1000


@cache
def _sectors() -> Mapping[str, Centroid]:
    return _read("gb_postcode_sector_centroids.csv", "sector")


@cache
def _outcodes() -> Mapping[str, Centroid]:
    return _read("gb_outcode_centroids.csv", "outcode")


@cache
def _by_outcode() -> Mapping[str, list[Centroid]]:
    grouped: dict[str, list[Centroid]] = {}
    for sector in _sectors().values():
        grouped.setdefault(sector.outcode, []).append(sector)
    return grouped


def _read(name: str, area: str) -> dict[str, Centroid]:
    text = resources.files("app.postcodes").joinpath("data", name).read_text(encoding="utf-8")
    return {row[area]: _centroid(row[area], row) for row in csv.DictReader(text.splitlines())}


def _centroid(area: str, row: Mapping[str, str]) -> Centroid:
    return Centroid(
        area=area,
        outcode=row["outcode"],
        easting=int(row["eastings"]),
        northing=int(row["northings"]),
        unit_postcodes=int(row["unit_postcodes"]),
        district_code=row["main_admin_district_code"],
    )
