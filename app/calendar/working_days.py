"""Working days of England and Wales, from the published list of bank holidays (C1, C2, C3).

A date beyond the list is an error, never "no holiday".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class BeyondCalendar(ValueError):
    """A working day was asked for outside the dates for which bank holidays are known."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Bank holidays, known from `first` to `last`, both included."""

    holidays: frozenset[date]
    first: date
    last: date

    def is_working_day(self, day: date) -> bool:
        """Whether the day is neither Saturday, Sunday nor a bank holiday; raises BeyondCalendar when unknown."""
        return not self.is_holiday(day) and day.weekday() < SATURDAY

    def is_holiday(self, day: date) -> bool:
        """Whether the day is a bank holiday; raises BeyondCalendar when unknown."""
        if not self.first <= day <= self.last:
            raise BeyondCalendar(
                f"Bank holidays are known from {_in_words(self.first)} to {_in_words(self.last)}: "
                f"{_in_words(day)} is outside. Update the list of bank holidays."
            )
        return day in self.holidays

    def with_days(self, days: Iterable[date]) -> Calendar:
        """The same calendar with more bank holidays, proclaimed after the list was made."""
        return replace(self, holidays=self.holidays | set(days))

    def working_days_after(self, day: date, count: int) -> date:
        """The nth working day after the day, which itself does not count; 0 gives the day back."""
        if count < 0:
            raise ValueError("A number of working days cannot be negative.")
        for _ in range(count):
            day = self.next_working_day(day)
        return day

    def next_working_day(self, day: date) -> date:
        """The first working day after the day."""
        day += ONE_DAY
        while not self.is_working_day(day):
            day += ONE_DAY
        return day


@cache
def england() -> Calendar:
    """The calendar of England and Wales, from the list that ships with the library; never asks the network."""
    # Imported here so that rules and their tests can use `Calendar` without the library.
    from govuk_bank_holidays.bank_holidays import BankHolidays

    listed = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    days = frozenset(holiday["date"] for holiday in listed)
    return Calendar(days, min(days), max(days))


def _in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
