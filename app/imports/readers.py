"""What the cells of many kinds of file hold: texts, choices, days, numbers, lists."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum
from typing import TypeVar

from app.imports.columns import Reader

Choice = TypeVar("Choice", bound=StrEnum)

FIRST_YEAR, LAST_YEAR = 1890, 2100
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def text(most: int, *, needed: bool = True, one_line: bool = False) -> Reader:
    """Text of at most so many characters, without what cannot be shown; on `one_line`, without line breaks either."""

    def read(cell: str) -> str:
        reasons = []
        if needed and not cell:
            reasons.append("This cell is empty.")
        if len(cell) > most:
            reasons.append(f"This text has more than {most:,} characters.")
        if one_line and not cell.isprintable():
            reasons.append("This text holds line breaks or signs that cannot be shown.")
        elif not one_line and not reasons and _has_controls(cell):
            reasons.append("This text holds control characters that cannot be shown.")
        if reasons:
            raise ValueError(*reasons)
        return cell

    return read


def _has_controls(cell: str) -> bool:
    return not cell.isprintable() and any(unicodedata.category(sign) == "Cc" and sign not in "\t\n\r" for sign in cell)


def choice(kind: type[Choice]) -> Reader:
    """One value of an enum, written with spaces or underscores."""
    values = {member.value: member for member in kind}
    sentence = f"Use one of: {', '.join(value.replace('_', ' ') for value in values)}."

    def read(cell: str) -> Choice:
        if (value := values.get("_".join(cell.casefold().split()))) is None:
            raise ValueError(sentence)
        return value

    return read


def day(cell: str) -> date:
    """A date in the form 2026-12-06, of a year in which people who live or work now have lived."""
    if not _DAY.fullmatch(cell) or not FIRST_YEAR <= int(cell[:4]) <= LAST_YEAR:
        raise ValueError("Give a date that exists, in the form 2026-12-06.")
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError("Give a date that exists, in the form 2026-12-06.") from None


def yes_or_no(cell: str) -> bool:
    """yes or no."""
    if cell.casefold() not in ("yes", "no"):
        raise ValueError("Use yes or no.")
    return cell.casefold() == "yes"


def whole(most: int, sentence: str = "") -> Reader:
    """A whole number from 0 to the most."""
    said = sentence or f"Enter a whole number from 0 to {most:,}."

    def read(cell: str) -> int:
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 9 and int(cell) <= most):
            raise ValueError(said)
        return int(cell)

    return read


def matching(pattern: str, sentence: str) -> Reader:
    """Text that a pattern describes as a whole."""
    compiled = re.compile(pattern)

    def read(cell: str) -> str:
        if not compiled.fullmatch(cell):
            raise ValueError(sentence)
        return cell

    return read


def items(most: int, longest: int, sentence: str) -> Reader:
    """The parts of a cell split by |, without repeats in any case; printable, at most so many and so long."""

    def read(cell: str) -> tuple[str, ...]:
        parts = split_items(cell)
        if len(parts) > most or any(len(part) > longest or not part.isprintable() for part in parts):
            raise ValueError(sentence)
        return tuple({part.casefold(): part for part in reversed(parts)}.values())[::-1]

    return read


def split_items(cell: str) -> list[str]:
    """The parts of a cell split by |, those that say nothing left out."""
    return [part.strip() for part in cell.split("|") if part.strip()]


def optional(read: Reader) -> Reader:
    """As `read`, or None for an empty cell."""
    return lambda cell: read(cell) if cell else None
