"""Reading a file of unit postcodes: CSV in UTF-8, plain or gzip, read line by line whatever its size.

Nothing is guessed: a file with one bad row is refused as a whole, in words that name its lines.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.errors import Invalid
from app.values.postcode import Postcode

REQUIRED = ("postcode", "eastings", "northings")
OPTIONAL = ("admin_district_code", "admin_county_code")
FARTHEST_EAST, FARTHEST_NORTH = 700_000, 1_300_000
LONGEST_CODE = 10
NAMED_PROBLEMS = 20
GZIP_MARK = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit postcode as the table keeps it; places in metres of the National Grid."""

    postcode: str
    easting: int
    northing: int
    district_code: str | None
    county_code: str | None


def count_units(path: Path) -> int:
    """Reads the whole file and counts its postcodes; raises Invalid naming what is wrong, changes nothing."""
    problems: list[str] = []
    seen: set[str] = set()
    for line, found in _checked(path):
        problem = found if isinstance(found, str) else _repeated(found, seen)
        if problem:
            problems.append(f"Line {line}: {problem}")
    if problems:
        more = len(problems) - NAMED_PROBLEMS
        rest = [f"and {more} more lines to correct."] if more > 0 else []
        raise Invalid("\n".join(["Nothing was loaded.", *problems[:NAMED_PROBLEMS], *rest]))
    if not seen:
        raise Invalid("The file has a header but no rows below it.")
    return len(seen)


def read_units(path: Path) -> Iterator[UnitRow]:
    """The rows of a file that `count_units` has accepted, one at a time."""
    return (found for _, found in _checked(path) if isinstance(found, UnitRow))


def _repeated(row: UnitRow, seen: set[str]) -> str:
    if row.postcode in seen:
        return f"{row.postcode} stands in the file twice."
    seen.add(row.postcode)
    return ""


def _checked(path: Path) -> Iterator[tuple[int, UnitRow | str]]:
    with _opened(path) as text:
        reader = csv.DictReader(text, strict=True)
        missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
        if missing:
            raise Invalid(f"The first line must name the columns {', '.join(REQUIRED)}. Missing: {', '.join(missing)}.")
        for cells in reader:
            yield reader.line_num, _row(cells)


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    """The file as text, unpacked if need be; what goes wrong while it is read is said in words."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP_MARK
            raw.seek(0)
            content = gzip.GzipFile(fileobj=raw) if packed else raw
            yield io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    except UnicodeDecodeError as failure:
        raise Invalid("The file is not UTF-8 text. Save it as CSV UTF-8, or as that packed with gzip.") from failure
    except (EOFError, gzip.BadGzipFile, zlib.error) as failure:
        raise Invalid("The gzip file is damaged or cut short. Fetch it again.") from failure
    except csv.Error as failure:
        raise Invalid(
            "The file is not a CSV file: a quotation mark is not closed, or a cell is far too long."
        ) from failure
    except OSError as failure:
        raise Invalid(f"The file cannot be read: {failure.strerror or 'it is damaged'}.") from failure


def _row(cells: dict[str, str | None]) -> UnitRow | str:
    try:
        postcode = Postcode.parse(cells["postcode"] or "").text
        easting = _metres(cells["eastings"], "eastings", FARTHEST_EAST)
        northing = _metres(cells["northings"], "northings", FARTHEST_NORTH)
        district, county = (_code(cells.get(name), name) for name in OPTIONAL)
    except ValueError as problem:
        return str(problem)
    return UnitRow(postcode, easting, northing, district, county)


def _metres(text: str | None, column: str, most: int) -> int:
    typed = (text or "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(most)) and int(typed) <= most):
        raise ValueError(f"{column} must be whole metres from 0 to {most}.")
    return int(typed)


def _code(text: str | None, column: str) -> str | None:
    typed = (text or "").strip()
    if len(typed) > LONGEST_CODE:
        raise ValueError(f"{column} can have at most {LONGEST_CODE} characters.")
    return typed or None
