"""Questions about bank holidays: an authority's calendar, and the days to come."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from app.calendar.working_days import Calendar, england
from app.database import db
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from marketplace.holidays.models import BankHoliday


class HolidayLine(NamedTuple):
    """A bank holiday to come; `entered` where the authority entered it."""

    day: date
    entered: BankHoliday | None


def calendar_of(authority_id: UUID) -> Calendar:
    """The working days of an authority: England's, less the bank holidays that it has entered."""
    days = db.session.scalars(select(BankHoliday.day).where(BankHoliday.authority_id == authority_id))
    return england().with_days(days)


def holidays_to_come(authority_id: UUID, today: date) -> list[HolidayLine]:
    """Every bank holiday from today on that is known, first to last."""
    query = select(BankHoliday).where(BankHoliday.authority_id == authority_id)
    entered = {holiday.day: holiday for holiday in db.session.scalars(query)}
    days = {*england().holidays, *entered}
    return [HolidayLine(day, entered.get(day)) for day in sorted(days) if day >= today]


def holiday_for(viewer: Viewer, holiday_id: UUID) -> BankHoliday:
    """A day that the viewer's own authority entered; raises NotFoundForViewer."""
    query = select(BankHoliday).where(BankHoliday.id == holiday_id, BankHoliday.authority_id == viewer.authority_id)
    holiday = db.session.scalars(query).one_or_none()
    if holiday is None:
        raise NotFoundForViewer
    return holiday
