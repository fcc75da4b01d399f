"""Commands on bank holidays: one that is entered moves the deadlines of open offers; taken back, it shortens none."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, Invalid
from app.hooks import Hook
from marketplace.holidays.models import BankHoliday
from marketplace.holidays.queries import calendar_of
from marketplace.holidays.rules import reasons_against

holiday_entered: Hook[[BankHoliday, Actor]] = Hook(
    "holiday.entered", "An authority entered a bank holiday that the published list has not."
)


def enter_holiday(authority_id: UUID, day: date, name: str, because: str, *, by: Actor) -> BankHoliday:
    """Enters a bank holiday. Raises Invalid at `day` for one that is past, far ahead or known already."""
    if errors := reasons_against(day, clock.today(), calendar_of(authority_id).is_holiday):
        raise Invalid(errors)
    holiday = BankHoliday(authority_id=authority_id, day=day, name=name.strip(), entered_by_label=by.label)
    db.session.add(holiday)
    try:
        db.session.flush()
    except IntegrityError as twice:
        raise Conflict("Somebody has entered this day at the same moment. Reload the page.") from twice
    audit.record("holiday:entered", holiday, by=by, reason=because, day=day.isoformat(), name=holiday.name)
    holiday_entered(holiday, by)
    return holiday


def take_holiday_back(holiday: BankHoliday, *, by: Actor) -> None:
    """Takes a day back that was entered by mistake; raises Conflict once it has begun. No deadline becomes earlier."""
    if holiday.day <= clock.today():
        raise Conflict("The day has begun. Deadlines were made with it, so it stays.")
    audit.record("holiday:taken_back", holiday, by=by, day=holiday.day.isoformat(), name=holiday.name)
    db.session.delete(holiday)
