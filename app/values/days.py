"""Days as people type them and as spreadsheet programs save them, `14/12/2026`, `14 Dec 2026`; times such as `7.30am`.

The order is day, month, year, as everybody here writes it; month first is never guessed.
"""

from __future__ import annotations

import re
from datetime import date

from app.values.spelling import plain, visible

FIRST_YEAR, LAST_YEAR = 1890, 2100
"""Between them lies every day on which people who live or work now were born, or will be cared for."""
EXAMPLE = "Give a date that exists, such as 14/12/2026, 14 December 2026 or 2026-12-14."
SHORT_YEAR = "Give the year with four figures, such as 14/12/2026."

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_MIDNIGHT = r"(?:[T ]\s*0?0:00(?::00(?:\.0+)?)?Z?| - 0?0:00)?"
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}}){_MIDNIGHT}", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}([0-9]{{1,2}})(?:st|nd|rd|th)?(?:\s*[/.,-]\s*|\s+(?:of\s+)?)([0-9]{{1,2}}|[a-z]{{3,9}})"
    rf"(?:\s*[/.,-]\s*|\s+)([0-9]{{4}}|[0-9]{{2}}){_MIDNIGHT}",
    re.IGNORECASE,
)

TIME = r"[0-9]{1,2}(?:[:.][0-9]{2})?\s*(?:am|pm)?"
"""What a time of day looks like, for patterns that hold one."""
_TIME = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*(am|pm)?", re.IGNORECASE)


def month_number(text: str) -> int | None:
    """The month that a number, a name or the beginning of a name means; None when it means none."""
    typed = plain(text).strip().rstrip(".").casefold()
    if typed.isascii() and typed.isdecimal():
        return int(typed[:4]) if 1 <= int(typed[:4]) <= 12 else None
    found = [number for number, name in enumerate(MONTHS, 1) if len(typed) >= 3 and name.startswith(typed)]
    return found[0] if found else None


def read_day(text: str) -> date:
    """The day that a text means; midnight behind it is passed over. Raises ValueError with a sentence."""
    typed = " ".join(plain(visible(text)).split())
    if found := _YEAR_FIRST.fullmatch(typed):
        return day_of(*found.groups())
    if found := _DAY_FIRST.fullmatch(typed):
        day, month, year = found.groups()
        return day_of(year, month, day)
    raise ValueError(EXAMPLE)


def day_of(year: str, month: str, day: str) -> date:
    """The day of these parts; raises ValueError with a sentence where there is none, or nobody lives in its year."""
    if len(year) != 4:
        raise ValueError(SHORT_YEAR)
    number = month_number(month)
    if number is None or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(EXAMPLE)
    try:
        return date(int(year), number, int(day))
    except ValueError:
        raise ValueError(EXAMPLE) from None


def minute_of_day(text: str) -> int:
    """Minutes from midnight to `07:30`, `7.30am` or `7 pm`; 24:00 is the end of the day. ValueError when it is no time."""
    found = _TIME.fullmatch(text.strip())
    if found is None or not (found[2] or found[3]):
        raise ValueError(text)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").casefold()
    if half and not 1 <= hour <= 12:
        raise ValueError(text)
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    if minute > 59 or hour * 60 + minute > 24 * 60:
        raise ValueError(text)
    return hour * 60 + minute


def date_text(day: date) -> str:
    """The date as a page says it: `25 October 2026`."""
    return f"{day.day} {day:%B %Y}"
