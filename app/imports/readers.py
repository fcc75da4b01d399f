"""What the cells of many kinds of file hold: texts, choices, numbers, lists. Days are read by `app.values.days`."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import TypeVar

from app.imports.columns import Reader
from app.values.spelling import as_read

Choice = TypeVar("Choice", bound=StrEnum)

YES_OR_NO = {"yes": True, "true": True, "no": False, "false": False}
"""A spreadsheet program saves its own yes and no as TRUE and FALSE."""


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
    """One value of an enum, written with spaces, hyphens or underscores."""
    values = {member.value: member for member in kind}
    sentence = f"Use one of: {', '.join(value.replace('_', ' ') for value in values)}."

    def read(cell: str) -> Choice:
        if (value := values.get("_".join(as_read(cell).replace("-", " ").split()))) is None:
            raise ValueError(sentence)
        return value

    return read


def yes_or_no(cell: str) -> bool:
    """yes or no."""
    if (answer := YES_OR_NO.get(cell.casefold())) is None:
        raise ValueError("Use yes or no.")
    return answer


def whole(most: int, sentence: str = "", *, percent: bool = False) -> Reader:
    """A whole number from 0 to the most; of a `percent` the sign may stand behind it."""
    said = sentence or f"Enter a whole number from 0 to {most:,}."

    def read(cell: str) -> int:
        digits = cell.removesuffix("%").rstrip() if percent else cell
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 9 and int(digits) <= most):
            raise ValueError(said)
        return int(digits)

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
        return tuple({as_read(part): part for part in reversed(parts)}.values())[::-1]

    return read


def split_items(cell: str) -> list[str]:
    """The parts of a cell split by |, those that say nothing left out."""
    return [part.strip() for part in cell.split("|") if part.strip()]


def optional(read: Reader) -> Reader:
    """As `read`, or None for an empty cell."""
    return lambda cell: read(cell) if cell else None
