"""Which day can be entered as a bank holiday."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

AHEAD = timedelta(days=366)


def reasons_against(day: date, today: date, is_holiday: Callable[[date], bool]) -> dict[str, str]:
    """What is wrong with the day: field to sentence. `is_holiday` knows what is listed and entered already."""
    if day < today:
        return {"day": "The day is past. Enter today or a later day."}
    if day > today + AHEAD:
        return {"day": "Enter a day within a year from now. What lies further ahead comes with the published list."}
    if is_holiday(day):
        return {"day": "The day is a bank holiday already."}
    return {}
