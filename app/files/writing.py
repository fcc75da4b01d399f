"""CSV files that people open in a spreadsheet: texts that look like formulas are defused, numbers stay numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

# A spreadsheet program takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
GUARD = "'"
CHARACTERS_AT_ONCE = 60_000

Cell = str | int | None


def csv_parts(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file as UTF-8 with the mark by which spreadsheet programs know it, a few rows at a time."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    text.write("\ufeff")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([defused(cell) for cell in row])
        if text.tell() > CHARACTERS_AT_ONCE:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    content = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return content


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The whole of a short file."""
    return b"".join(csv_parts(columns, rows))


def defused(cell: Cell) -> str:
    """One cell as text: an apostrophe stands before what would run as a formula; whole numbers are left alone."""
    if cell is None or isinstance(cell, int):
        return "" if cell is None else str(cell)
    # A text that itself begins with the guard is guarded too, so that reading takes off exactly one.
    return f"{GUARD}{cell}" if cell.startswith((*FORMULA_STARTS, GUARD)) else cell


def undefused(cell: str) -> str:
    """The text that was meant: our own guard is taken off again."""
    guarded = cell.startswith(GUARD) and cell[1:].startswith((*FORMULA_STARTS, GUARD))
    return cell[1:] if guarded else cell
