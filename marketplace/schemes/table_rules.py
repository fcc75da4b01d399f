"""Reading the tables of a TOML file key by key: typed values, and every problem noted under its key.

A reader never stops at the first problem; a value that cannot be used is noted and replaced by its default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.values.money import MOST_PENCE

E = TypeVar("E", bound=StrEnum)

POUNDS = "Enter an amount in pounds over £0, with up to 2 decimal places, such as 22.00."
LONGEST_KEY = 60


class TableReader:
    """One table of the file; `path` stands before its keys in problems, such as `lots[2].`."""

    def __init__(self, table: Mapping[str, Any], path: str, problems: dict[str, str]) -> None:
        self._left = dict(table)
        self.path = path
        self.problems = problems

    def refuse(self, key: str, sentence: str) -> None:
        """Notes a problem; the first one of a key stays."""
        self.problems.setdefault(f"{self.path}{key}", sentence)

    def has(self, key: str) -> bool:
        """Whether the table has the key."""
        return key in self._left

    def take(self, key: str) -> Any:
        """The value as the file has it, or None."""
        return self._left.pop(key, None)

    def text(self, key: str, *, most: int, required: bool = True) -> str:
        """A text without the spaces around it."""
        value = self.take(key)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.refuse(key, "Enter a text on one line.")
            return ""
        if len(value.strip()) > most:
            self.refuse(key, f"Shorten it to at most {most} characters.")
        return value.strip()

    def whole(self, key: str, default: int) -> int:
        """A whole number; its least and most are judged elsewhere."""
        value = self.take(key)
        if value is None:
            return default
        if type(value) is not int or abs(value) > 1_000_000_000:
            self.refuse(key, "Enter a whole number.")
            return default
        return value

    def pence(self, key: str, *, required: bool = False) -> int | None:
        """An amount given in pounds, as pence."""
        value = self.take(key)
        if value is None and not required:
            return None
        pence = _pence(value)
        if pence is None:
            self.refuse(key, POUNDS)
        return pence

    def word(self, key: str, kind: type[E], default: E) -> E:
        """One of a list of words; the default when the key is absent."""
        return (self.needed_word(key, kind) or default) if self.has(key) else default

    def needed_word(self, key: str, kind: type[E]) -> E | None:
        """One of a list of words, which must be there; None when it cannot be used."""
        value = self.take(key)
        if isinstance(value, str) and value in {member.value for member in kind}:
            return kind(value)
        self.refuse(key, f"Enter one of: {', '.join(member.value for member in kind)}.")
        return None

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self.take(key)
        if value is not None and not isinstance(value, bool):
            self.refuse(key, "Enter true or false.")
        return value if isinstance(value, bool) else default

    def day(self, key: str) -> date | None:
        """A date such as 2026-04-01."""
        value = self.take(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.refuse(key, "Enter a date such as 2026-04-01, without quotation marks.")
        return None

    def numbers(self, key: str) -> dict[str, object]:
        """A table of numbers by name, kept as it is."""
        table = self.take(key)
        numbers: dict[str, object] = {}
        for name, value in (table if isinstance(table, dict) else {}).items():
            if type(value) is int or (isinstance(value, Decimal) and value.is_finite()):
                numbers[name] = value if type(value) is int else float(value)
            else:
                self.refuse(f"{key}.{name[:LONGEST_KEY]}", "Enter a number.")
        if table is not None and not isinstance(table, dict):
            self.refuse(key, f"This must be a table: begin it with [{key}].")
        return numbers

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        values = self.take(key)
        if values is None:
            return []
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            self.refuse(key, 'Enter a list of texts, such as ["PR1 8", "PR1 9"].')
            return []
        return list(values)

    def table(self, key: str) -> TableReader:
        """A table inside; an absent one is empty."""
        inner = self.take(key)
        if inner is not None and not isinstance(inner, dict):
            self.refuse(key, f"This must be a table: begin it with [{key}].")
        return TableReader(inner if isinstance(inner, dict) else {}, f"{self.path}{key}.", self.problems)

    def tables(self, key: str) -> Iterator[TableReader]:
        """The tables of a list, in order, each with its number in its path."""
        inner = self.take(key)
        if inner is None:
            return
        if not isinstance(inner, list) or not all(isinstance(table, dict) for table in inner):
            self.refuse(key, f"Begin each with [[{self.path.split('[')[0] + '.' if self.path else ''}{key}]].")
            return
        for number, table in enumerate(inner, start=1):
            yield TableReader(table, f"{self.path}{key}[{number}].", self.problems)

    def refuse_the_rest(self) -> None:
        """Notes every key that nobody has asked for: a mistyped key must not pass in silence."""
        for key in self._left:
            self.refuse(key[:LONGEST_KEY], "This key is not known. Correct its spelling or take it out.")


def _pence(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    pounds = Decimal(value)
    if not pounds.is_finite() or not 0 < pounds <= Decimal(MOST_PENCE) / 100:
        return None
    pence = pounds * 100
    return int(pence) if pence == int(pence) else None
