"""Keeping unit postcodes: new ones are added, known ones brought up to date; none is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.dialects import postgresql, sqlite

from app.database import db
from app.postcodes.models import UnitPostcode
from app.postcodes.unit_file import UnitRow

UPDATED = ("easting", "northing", "district_code", "county_code")


def store_units(rows: Sequence[UnitRow]) -> None:
    """Writes the rows with one statement; the same rows again change nothing."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(UnitPostcode)
    fresh = {name: getattr(statement.excluded, name) for name in UPDATED}
    upsert = statement.on_conflict_do_update(index_elements=[UnitPostcode.postcode], set_=fresh)
    db.session.execute(upsert, [asdict(row) for row in rows])
