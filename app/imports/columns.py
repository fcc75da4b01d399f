"""The columns of a file: each is declared once, as a field of the row that it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any

from app.values.spelling import as_read

Reader = Callable[[str], Any]
"""What a cell means, its outer space taken off. Raises ValueError with a sentence, or several, when it means nothing."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """What a name stands for that several share: what to write instead."""

    choices: tuple[str, ...]

    def __str__(self) -> str:
        return f"Several have this name. Use one of: {'; '.join(self.choices)}."


@dataclass(frozen=True, slots=True)
class Named:
    """Reads a name that must be known as what it stands for in the fact called so; None for an empty cell where one is
    allowed.
    """

    fact: str
    what: str
    needed: bool = True

    def reader(self, facts: object) -> Reader:
        """The reader for one file, with the names that are known."""
        known = {as_read(name): meant for name, meant in getattr(facts, self.fact).items()}

        def read(cell: str) -> Any:
            if not cell and self.needed:
                raise ValueError("This cell is empty.")
            if cell and as_read(cell) not in known:
                raise ValueError(f"This is not {self.what}.")
            if isinstance(meant := known.get(as_read(cell)), Ambiguous):
                raise ValueError(str(meant))
            return meant

        return read


@dataclass(frozen=True, slots=True)
class Column:
    """One column. What is wrong with a personal cell is said without repeating it, for reports are kept and sent."""

    name: str
    read: Reader | Named
    help: str
    example: str
    error: str
    personal: bool
    required: bool

    def reader(self, facts: object) -> Reader:
        """How its cells are read in one file; `error` is said in place of the reader's own words."""
        read = self.read.reader(facts) if isinstance(self.read, Named) else self.read
        if not self.error:
            return read

        def read_or_say(cell: str) -> Any:
            try:
                return read(cell)
            except ValueError:
                raise ValueError(self.error) from None

        return read_or_say


def column(
    read: Reader | Named,
    help: str,  # noqa: A002 (what the page calls it)
    example: str = "",
    *,
    error: str = "",
    personal: bool = False,
    required: bool = True,
) -> Any:
    """Declares a field of a dataclass as the column of its name. One that is not required may be left out of a file."""
    return field(metadata={"column": Column("", read, help, example, error, personal, required)})


def columns_of(row: type) -> tuple[Column, ...]:
    """The columns that a dataclass declares, in its order."""
    return tuple(replace(one.metadata["column"], name=one.name) for one in fields(row) if "column" in one.metadata)
