"""Table of bank holidays that an authority has entered."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.database import Owned, Retention


class BankHoliday(Owned):
    """A day that is no working day for this authority, although the published list has none on it."""

    __tablename__ = "bank_holiday"
    __table_args__ = (UniqueConstraint("authority_id", "day"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    day: Mapped[date]
    name: Mapped[str] = mapped_column(String(100))
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)
    entered_by_label: Mapped[str] = mapped_column(String(300))
