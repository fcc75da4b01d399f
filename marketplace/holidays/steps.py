"""The page of bank holidays, and the steps that somebody takes there: entering one, and taking one back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for

from app import clock
from app.auth import allows, current_viewer
from app.steps import ButtonStep, PageStep, at
from marketplace.holidays import queries, services
from marketplace.holidays.forms import HolidayForm, NewHoliday
from marketplace.holidays.models import BankHoliday

bp = Blueprint("holidays", __name__, url_prefix="/bank-holidays")


@bp.get("")
@allows("holidays:read")
def index() -> str:
    """The bank holidays to come, those of the published list and those that the council entered."""
    lines = queries.holidays_to_come(current_viewer().authority_id, clock.today())
    return render_template("marketplace/holidays/index.html", lines=lines)


@at(bp, "/new")
class EnterHoliday(PageStep[None, NewHoliday]):
    """A bank holiday proclaimed at short notice."""

    permission = "holidays:manage"
    form_class = HolidayForm
    heading, button = "Enter a bank holiday", "Enter the bank holiday"
    said = "The bank holiday is entered. Open offers whose deadline it changes have more time, and everybody asked is told."
    told = (
        "Only for a day that was proclaimed at short notice; the usual ones are known. It is no working day for your "
        "council from now on: deadlines of open offers that count it move to later, and every provider asked is told."
    )

    def load(self, **ids: UUID) -> None:
        return None

    def act(self, thing: None, typed: NewHoliday) -> BankHoliday:
        by = self.viewer.actor
        return services.enter_holiday(self.viewer.authority_id, typed.day, typed.name, typed.because, by=by)

    def onwards(self, thing: None, outcome: Any) -> str:
        return url_for("holidays.index")


@at(bp, "/<uuid:holiday_id>/take-back")
class TakeHolidayBack(ButtonStep[BankHoliday]):
    """A day that was entered by mistake."""

    permission = "holidays:manage"
    said = "The bank holiday is taken back. Deadlines that it made later stay as they are."

    def load(self, **ids: UUID) -> BankHoliday:
        return queries.holiday_for(self.viewer, ids["holiday_id"])

    def act(self, holiday: BankHoliday) -> None:
        services.take_holiday_back(holiday, by=self.viewer.actor)

    def onwards(self, holiday: BankHoliday, outcome: Any) -> str:
        return url_for("holidays.index")
