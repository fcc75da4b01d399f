"""Hours of care: kept as whole minutes, read and written as hours."""

import re
from fractions import Fraction

from app.values.rounding import decimal_text
from app.values.words import counted

EXAMPLE = "Enter a number of hours, such as 10.5."
MOST_HOURS = 99_999

_CLOCK = re.compile(r"([0-9]{1,5}):([0-5][0-9])")
_HOURS = re.compile(r"(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]{1,4}))?\s*(?:h|hrs?|hours?)?", re.IGNORECASE)


def hours_text(minutes: int) -> str:
    """Minutes as people say them: `45 minutes`, `1 hour`, `10.5 hours`, `1 hour 40 minutes`."""
    if minutes < 0:
        return f"-{hours_text(-minutes)}"
    if 0 < minutes < 60:
        return counted(minutes, "minute")
    if minutes % 15 == 0:
        return f"{_shortest(minutes)} hour{'' if minutes == 60 else 's'}"
    return f"{counted(minutes // 60, 'hour')} {counted(minutes % 60, 'minute')}"


def hours_number(minutes: int) -> str:
    """Minutes as a bare number of hours for a table or a file, to 2 places half up: 630 is `10.50`."""
    return decimal_text(Fraction(minutes, 60))


def minutes_from_hours(text: str) -> int:
    """Whole minutes from typed hours (`10.5`, `10.25 hours`, `10:30`); raises ValueError with a sentence when it cannot."""
    if clock := _CLOCK.fullmatch(text.strip()):
        return int(clock[1]) * 60 + int(clock[2])
    typed = _HOURS.fullmatch(text.strip())
    if typed is None:
        raise ValueError(EXAMPLE)
    whole = typed["whole"].lstrip("0") or "0"
    if len(whole) > len(str(MOST_HOURS)):
        raise ValueError(f"{EXAMPLE} The most that can be entered is {MOST_HOURS:,} hours.")
    minutes = Fraction(f"{whole}.{typed['part'] or '0'}") * 60
    if minutes.denominator != 1:
        raise ValueError(f"{EXAMPLE} The hours must come to whole minutes: a quarter of an hour is 0.25.")
    return int(minutes)


def _shortest(minutes: int) -> str:
    return f"{minutes // 60}{('', '.25', '.5', '.75')[minutes % 60 // 15]}"
