"""Where a postcode is: from the imported unit postcodes if it is there, else from its sector, else its outcode."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from app.database import db
from app.database.many import in_parts
from app.postcodes.centroids import centroid_of_outcode, centroid_of_sector
from app.postcodes.models import UnitPostcode
from app.values.postcode import Postcode


class MatchLevel(StrEnum):
    """How exactly a postcode was found."""

    UNIT = "unit"
    SECTOR = "sector"
    OUTCODE = "outcode"


@dataclass(frozen=True, slots=True)
class Located:
    """A place in metres of the National Grid, and how exactly it is known."""

    easting: int
    northing: int
    match_level: MatchLevel


def locate_many(postcodes: Iterable[str]) -> dict[str, Located]:
    """Where the postcodes are, under the texts given. Those that are none, or nowhere known, are left out."""
    parsed = {text: code for text in postcodes if (code := _parsed(text)) is not None}
    units = _units({code.text for code in parsed.values()})
    found = {text: units.get(code.text) or _by_centroid(code) for text, code in parsed.items()}
    return {text: place for text, place in found.items() if place is not None}


def _parsed(text: str) -> Postcode | None:
    try:
        return Postcode.parse(text)
    except ValueError:
        return None


def _units(wanted: set[str]) -> dict[str, Located]:
    query = select(UnitPostcode.postcode, UnitPostcode.easting, UnitPostcode.northing)
    queries = (query.where(UnitPostcode.postcode.in_(part)) for part in in_parts(sorted(wanted)))
    rows = (row for each in queries for row in db.session.execute(each))
    return {postcode: Located(easting, northing, MatchLevel.UNIT) for postcode, easting, northing in rows}


def _by_centroid(code: Postcode) -> Located | None:
    if sector := centroid_of_sector(str(code.sector)):
        return Located(sector.easting, sector.northing, MatchLevel.SECTOR)
    if outcode := centroid_of_outcode(str(code.outcode)):
        return Located(outcode.easting, outcode.northing, MatchLevel.OUTCODE)
    return None
