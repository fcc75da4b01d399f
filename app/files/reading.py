"""Bytes of a CSV file or an Excel workbook, turned into rows of text under known column names.

Nothing is guessed: a file that cannot be read with certainty raises `UnreadableFile` with a sentence that says what
to do. What the cells mean is the business of whoever asked.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.files.workbook import UnreadableFile, looks_like_a_workbook, workbook_lines
from app.files.writing import undefused

MOST_BYTES = 50_000_000
MOST_ROWS = 100_000
MOST_CELL_CHARACTERS = 30_000
DELIMITERS = ",;\t"

__all__ = ["Row", "Rows", "UnreadableFile", "read_rows"]


class Row(NamedTuple):
    """One row of data: its line in the file (the header stands on line 1) and its cells by column name."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """What a file held: the known columns that it has, in its order, and its rows. Blank rows are left out."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class _Line(NamedTuple):
    number: int
    cells: list[str]


def read_rows(
    data: bytes, filename: str, required: Sequence[str], optional: Sequence[str] = (), *, ignore_others: bool = False
) -> Rows:
    """The rows of a CSV (UTF-8 or UTF-16; comma, semicolon or tab) or XLSX file, cells stripped of outer space.

    Every required column must be in the header. Columns that are neither required nor optional are refused, or
    passed over with `ignore_others`. Raises UnreadableFile.
    """
    if not data.strip():
        raise UnreadableFile("The file is empty.")
    if len(data) > MOST_BYTES:
        raise UnreadableFile(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it into smaller files.")
    lines = _lines(data, filename, required)
    header = next((line for line in lines[:1] if any(line.cells)), None)
    if header is None:
        raise UnreadableFile(f"The first line must name the columns: {_listed(required)}.")
    columns = _columns(header.cells, required, optional, ignore_others)
    return _rows(columns, [line for line in lines[1:] if any(line.cells)])


def _lines(data: bytes, filename: str, required: Sequence[str]) -> list[_Line]:
    if looks_like_a_workbook(data, filename):
        found = workbook_lines(data, most_rows=MOST_ROWS)
    else:
        found = _csv_lines(_text(data), required)
    lines = [_Line(number, [undefused(cell.strip()) for cell in cells]) for number, cells in found]
    if len(lines) > MOST_ROWS + 1:
        raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Split it into smaller files.")
    _refuse_odd_cells(lines)
    return lines


def _text(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding != "utf-16" and b"\x00" in data:
        raise UnreadableFile("The file holds empty bytes (NUL), so it is not a plain CSV file. Save it as CSV UTF-8.")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as failure:
        line = data[: failure.start].count(b"\n") + 1
        raise UnreadableFile(
            f"Line {line} holds letters that are not UTF-8, so names could be misread. "
            "In a spreadsheet program choose Save As, then CSV UTF-8."
        ) from failure


def _csv_lines(text: str, required: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    delimiter = _delimiter(text, required)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    started = 1
    try:
        for cells in reader:
            yield started, cells
            started = reader.line_num + 1
    except csv.Error as failure:
        raise UnreadableFile(
            f"Line {started} cannot be read: a quotation mark is not closed, or a cell is far too long."
        ) from failure


def _delimiter(text: str, required: Sequence[str]) -> str:
    header = text.split("\n", 1)[0]
    wanted = {_key(name) for name in required}

    def known_names(delimiter: str) -> int:
        return sum(_key(cell.strip(' "\r')) in wanted for cell in header.split(delimiter))

    return max(DELIMITERS, key=known_names)


def _refuse_odd_cells(lines: Sequence[_Line]) -> None:
    too_long = [line.number for line in lines if any(len(cell) > MOST_CELL_CHARACTERS for cell in line.cells)]
    if too_long:
        raise UnreadableFile(f"A cell has more than {MOST_CELL_CHARACTERS:,} characters on {_lines_named(too_long)}.")
    if any("\x00" in cell for line in lines for cell in line.cells):
        raise UnreadableFile("The file holds empty characters (NUL), so it is not a plain CSV file.")


def _columns(
    header: Sequence[str], required: Sequence[str], optional: Sequence[str], ignore_others: bool
) -> tuple[str | None, ...]:
    names = {_key(name): name for name in (*required, *optional)}
    while header and not header[-1]:
        header = header[:-1]
    columns = tuple(names.get(_key(cell)) for cell in header)
    troubles = []
    if missing := [name for name in required if name not in columns]:
        troubles.append(f"The first line must name the columns. Missing: {_listed(missing)}.")
    if twice := sorted({name for name in columns if name and columns.count(name) > 1}):
        troubles.append(f"Named more than once: {_listed(twice)}.")
    others = [cell or "(blank)" for cell, name in zip(header, columns, strict=True) if name is None]
    if others and not ignore_others:
        troubles.append(f"Not known: {_listed([cell[:40] for cell in others[:10]])}.")
    if troubles:
        raise UnreadableFile(" ".join(troubles))
    return columns


def _rows(columns: Sequence[str | None], lines: Sequence[_Line]) -> Rows:
    if odd := [line.number for line in lines if len(line.cells) < len(columns) or any(line.cells[len(columns) :])]:
        raise UnreadableFile(f"There must be {len(columns)} cells, as in the header, on {_lines_named(odd)}.")
    if not lines:
        raise UnreadableFile("The file has a header but no rows below it.")
    rows = (
        Row(line.number, {name: cell for name, cell in zip(columns, line.cells, strict=False) if name is not None})
        for line in lines
    )
    return Rows(tuple(name for name in columns if name is not None), tuple(rows))


def _key(name: str) -> str:
    return "_".join(name.replace("_", " ").casefold().split())


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _lines_named(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:20])
    return f"line{'' if len(numbers) == 1 else 's'} {shown}{' and more' if len(numbers) > 20 else ''}"
