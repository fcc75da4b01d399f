"""Table of unit postcodes, filled by `flask import-postcodes`."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, Retention


class UnitPostcode(Model):
    """One unit postcode: where it is, and whose it is, by admin codes."""

    __tablename__ = "unit_postcode"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    postcode: Mapped[str] = mapped_column(String(8), primary_key=True)
    easting: Mapped[int]
    northing: Mapped[int]
    district_code: Mapped[str | None] = mapped_column(String(10))
    county_code: Mapped[str | None] = mapped_column(String(10))
