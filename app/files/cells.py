"""What a cell of a workbook shows, as text: numbers as they are shown, days and times, shares, and what is no value at all."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

_SECONDS = 86_400
_SHOWN_DIGITS = 15
"""So many digits a spreadsheet program shows of a number; the rest is the error of binary fractions."""
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


class Look(Enum):
    """As what a number format shows a number."""

    PLAIN = "plain"
    PERCENT = "percent"
    DAY = "day"
    MOMENT = "moment"
    TIME = "time"
    LENGTH = "length"


LOOKS = {
    **dict.fromkeys((9, 10), Look.PERCENT),
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 59)), Look.DAY),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 47), Look.TIME),
    22: Look.MOMENT,
    46: Look.LENGTH,
}
"""The formats that have a number and no code."""


def look_of(code: str) -> Look:
    """As what a format shows numbers; what stands in quotation marks or names a colour does not count."""
    shown = _NOT_SHOWN.sub("", code.partition(";")[0]).casefold()
    has_clock = bool(re.search("[hs]", shown))
    if re.search(r"\[[hms]+\]", shown):
        return Look.LENGTH
    if re.search("[dy]", shown) or ("m" in shown and not has_clock):
        return Look.MOMENT if has_clock else Look.DAY
    if has_clock:
        return Look.TIME
    return Look.PERCENT if "%" in shown else Look.PLAIN


class NoValue(str):
    """A cell that holds no value but an error, or a formula never worked out; its text says which."""

    __slots__ = ()


NEVER_WORKED_OUT = NoValue("a formula that was never worked out")


def cell_text(kind: str, text: str, look: Look, *, from_1904: bool, is_formula: bool = False) -> str:
    """The text of a cell of this kind. Raises ValueError or OverflowError where a number is none."""
    if kind == "e":
        return NoValue(text.strip() or "an error")
    if is_formula and not text.strip() and kind != "str":
        return NEVER_WORKED_OUT
    if kind == "b":
        return "yes" if text.strip() in {"1", "true"} else "no"
    if kind != "n" or not text.strip():
        return unescaped(text)
    return _shown(text.strip(), look, from_1904)


def unescaped(text: str) -> str:
    """The text with the escapes of the format undone (ECMA-376, 22.9.2.19), and its line ends plain."""
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _shown(text: str, look: Look, from_1904: bool) -> str:
    if look is Look.PLAIN and text.isdecimal():
        return str(int(text[:400]))
    number = float(text)
    if look is Look.PLAIN:
        return _number(number)
    return f"{_number(number * 100)}%" if look is Look.PERCENT else _moment(number, look, from_1904)


def _number(number: float) -> str:
    digits = format(Decimal(format(number, f".{_SHOWN_DIGITS}g")), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _moment(serial: float, look: Look, from_1904: bool) -> str:
    """A day as 2026-12-06, a time as 07:30, both as 2026-12-06 07:30, a length as 37:30. Days count as in spreadsheets."""
    seconds = round(serial * _SECONDS)
    if look is Look.LENGTH:
        return _clock(seconds)
    if look is Look.TIME or (0 <= seconds < _SECONDS and not from_1904):
        return _clock(seconds % _SECONDS)
    # 1900 is no leap year, but spreadsheet programs count a 29 February in it.
    first = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if serial >= 60 else 31)  # noqa: DTZ001
    moment = first + timedelta(seconds=seconds)
    is_day = look is Look.DAY or not seconds % _SECONDS
    return moment.date().isoformat() if is_day else moment.isoformat(" ", "minutes")


def _clock(seconds: int) -> str:
    if seconds < 0:
        raise ValueError("a time before midnight")
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
