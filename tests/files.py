"""A table of a file, judged at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.imports.tables import BadRow, Checker, Table


@dataclass(frozen=True)
class Checked:
    """The verdict on a file: its rows when all are good, otherwise no rows and every reason."""

    rows: tuple[Any, ...]
    bad_rows: tuple[BadRow, ...]


def check_rows(table: Table[Any], rows: Any, facts: Any) -> Checked:
    """Every row, given as its line and its cells by column name, judged as an import does it; all pass or none does."""
    checker = Checker(table, facts)
    good = tuple(row for line, raw in rows if (row := checker.check(line, raw)) is not None)
    return Checked(() if checker.bad else good, checker.bad_rows)
