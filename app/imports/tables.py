"""A table of rows, judged before anything is written: every row good, or every bad row named with its column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from app.imports.columns import Column, Reader, columns_of
from app.values.spelling import as_read

GoodRow = TypeVar("GoodRow")

MOST_REASONS = 20_000
"""Of a file without one good row only so many reasons are kept."""


@dataclass(frozen=True, slots=True, order=True)
class BadRow:
    """One reason why a file is refused: the line in the file (its header is line 1), the column and a sentence."""

    line: int
    column: str
    reason: str


class Cells:
    """One row while it is judged: what its cells mean, as far as they mean anything, and every reason against it."""

    __slots__ = ("_raw", "line", "reasons", "values")

    def __init__(self, line: int, raw: Mapping[str, str], readers: Mapping[str, Reader]) -> None:
        self.line = line
        self.values: dict[str, Any] = {}
        self.reasons: list[BadRow] = []
        self._raw = raw
        for name, read in readers.items():
            try:
                self.values[name] = read(self.text(name))
            except ValueError as wrong:
                self.reasons += [BadRow(line, name, sentence) for sentence in wrong.args]

    def __getitem__(self, column: str) -> Any:
        """What the cell means; None where it cannot be read."""
        return self.values.get(column)

    def text(self, column: str) -> str:
        """What stands in the cell."""
        return (self._raw.get(column) or "").strip()

    def refuse(self, column: str, sentence: str) -> None:
        """Notes one reason against the row."""
        self.reasons.append(BadRow(self.line, column, sentence))


Judge = Callable[[Cells], None]


def _no_judge(_facts: Any) -> Judge:
    return lambda _cells: None


@dataclass(frozen=True)
class Table(Generic[GoodRow]):
    """How a file of rows is read. `row` is a dataclass with a field `line` and a field for every column.

    `once` names columns of which no two rows may say the same, each with its sentence about the earlier `{line}`.
    `judge` is given what the file may refer to, and gives back what judges a row beyond its single cells: it may refuse,
    and put values in place of those read; it may remember earlier rows.
    """

    row: type[GoodRow]
    once: Mapping[str, str] = field(default_factory=dict)
    judge: Callable[[Any], Judge] = _no_judge

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns in the order of the row."""
        return columns_of(self.row)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the columns that a file must have."""
        return tuple(column.name for column in self.columns if column.required)

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """The names of the columns that a file may leave out."""
        return tuple(column.name for column in self.columns if not column.required)


class Checker(Generic[GoodRow]):
    """Judges the rows of one file one by one, remembering of earlier ones only what may not come twice."""

    def __init__(self, table: Table[GoodRow], facts: object) -> None:
        self.bad: set[BadRow] = set()
        self._table = table
        self._readers = {column.name: column.reader(facts) for column in table.columns}
        self._judge = table.judge(facts)
        self._lines: dict[str, dict[str, int]] = {name: {} for name in table.once}

    @property
    def bad_rows(self) -> tuple[BadRow, ...]:
        """Every reason so far, in the order of the file."""
        return tuple(sorted(self.bad))

    def check(self, line: int, raw: Mapping[str, str]) -> GoodRow | None:
        """The row, or None with the reasons noted."""
        cells = Cells(line, raw, self._readers)
        self._judge(cells)
        for name, lines in self._lines.items():
            self._refuse_second(cells, name, lines)
        self.refuse(cells.reasons)
        make: Callable[..., GoodRow] = self._table.row
        return None if cells.reasons else make(line=line, **cells.values)

    def refuse(self, reasons: Sequence[BadRow]) -> None:
        """Notes reasons."""
        self.bad.update(reasons[: max(0, MOST_REASONS - len(self.bad))])

    def _refuse_second(self, cells: Cells, name: str, lines: dict[str, int]) -> None:
        if (key := as_read(cells.text(name))) and (first := lines.setdefault(key, cells.line)) != cells.line:
            cells.refuse(name, self._table.once[name].format(line=first))
