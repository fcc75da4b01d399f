"""What a cell of a workbook says, as text."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_NO_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
_SECONDS = 86_400


def is_date_format(code: str) -> bool:
    """Whether a number format shows days or times; what stands in quotation marks or names a colour does not count."""
    return bool(_DATE.search(_NO_DATE.sub("", code.partition(";")[0])))


def cell_text(kind: str, text: str, *, is_date: bool, from_1904: bool) -> str:
    """The text of a cell of this kind. Raises ValueError or OverflowError where a number is none."""
    if kind == "b":
        return "yes" if text.strip() in {"1", "true"} else "no"
    if kind != "n" or not text.strip():
        return text
    number = float(text) if re.search("[.eEnN]", text) else int(text[:400])
    if is_date:
        return _moment(float(number), from_1904=from_1904)
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def _moment(serial: float, *, from_1904: bool) -> str:
    """A day as 2026-12-06, a time as 07:30, both as 2026-12-06 07:30. Days are counted as spreadsheet programs do."""
    seconds = round(serial * _SECONDS)
    if 0 <= seconds < _SECONDS and not from_1904:
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    # 1900 is no leap year, but spreadsheet programs count a 29 February in it.
    first = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if serial >= 60 else 31)  # noqa: DTZ001
    moment = first + timedelta(seconds=seconds)
    return moment.isoformat(" ", "minutes") if seconds % _SECONDS else moment.date().isoformat()
