"""Unit postcodes, the floor's own kind of file: read line by line, because it may have millions.

The file is CSV in UTF-8, plain or gzip. One bad row and it is refused as a whole, in words that name its lines.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy.dialects import postgresql, sqlite

from app.database import db
from app.errors import Invalid
from app.imports.columns import Reader, column
from app.imports.readers import matching, optional, whole
from app.imports.tables import Cells, Checker, Table
from app.postcodes.models import UnitPostcode
from app.values.postcode import Postcode

FARTHEST_EAST, FARTHEST_NORTH = 700_000, 1_300_000
NAMED_PROBLEMS = 20
GZIP_MARK = b"\x1f\x8b"


def _metres(name: str, most: int) -> Reader:
    return whole(most, f"{name} must be whole metres from 0 to {most}.")


def _code(name: str) -> Reader:
    return optional(matching("(?s).{0,10}", f"{name} can have at most 10 characters."))


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit postcode; places are in metres of the National Grid."""

    line: int
    postcode: str = column(lambda cell: Postcode.parse(cell).text, "The unit postcode.", "PR1 8XJ")
    eastings: int = column(_metres("eastings", FARTHEST_EAST), "Metres from the west.", "353001")
    northings: int = column(_metres("northings", FARTHEST_NORTH), "Metres from the south.", "429002")
    admin_district_code: str | None = column(
        _code("admin_district_code"), "The district, or empty.", "E07000123", required=False
    )
    admin_county_code: str | None = column(
        _code("admin_county_code"), "The county, or empty.", "E10000017", required=False
    )


def _judge(_facts: object) -> Callable[[Cells], None]:
    seen: set[str] = set()

    def refuse_second(cells: Cells) -> None:
        if (postcode := cells["postcode"]) in seen:
            cells.refuse("postcode", f"{postcode} stands in the file twice.")
        elif not cells.reasons:
            seen.add(postcode)

    return refuse_second


UNIT_POSTCODES = Table(UnitRow, judge=_judge)


def count_units(path: Path) -> int:
    """Reads the whole file and counts its postcodes; raises Invalid naming what is wrong, changes nothing."""
    checker = Checker(UNIT_POSTCODES, None)
    found = Counter(checker.check(line, cells) is not None for line, cells in _lines(path))
    if bad := found[False]:
        told = {row.line: f"Line {row.line}: {row.reason}" for row in reversed(checker.bad_rows)}
        rest = [f"and {bad - NAMED_PROBLEMS} more lines to correct."] if bad > NAMED_PROBLEMS else []
        named = [told[line] for line in sorted(told)[:NAMED_PROBLEMS]]
        raise Invalid("\n".join(["Nothing was loaded.", *named, *rest]))
    if not found[True]:
        raise Invalid("The file has a header but no rows below it.")
    return found[True]


def read_units(path: Path) -> Iterator[UnitRow]:
    """The rows of a file that `count_units` has accepted, one at a time."""
    checker = Checker(UNIT_POSTCODES, None)
    return (row for line, cells in _lines(path) if (row := checker.check(line, cells)))


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    required = UNIT_POSTCODES.required
    with _opened(path) as text:
        reader = csv.DictReader(text, strict=True)
        if missing := [name for name in required if name not in (reader.fieldnames or ())]:
            raise Invalid(f"The first line must name the columns {', '.join(required)}. Missing: {', '.join(missing)}.")
        for cells in reader:
            yield reader.line_num, cells


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


def store_units(rows: Iterable[UnitRow]) -> None:
    """Adds new postcodes and brings known ones up to date; none is deleted, and the same rows change nothing."""
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(UnitPostcode)
    fresh = {column.name: column for column in statement.excluded if column.name != "postcode"}
    values = [
        {
            "postcode": row.postcode,
            "easting": row.eastings,
            "northing": row.northings,
            "district_code": row.admin_district_code,
            "county_code": row.admin_county_code,
        }
        for row in rows
    ]
    db.session.execute(statement.on_conflict_do_update(index_elements=["postcode"], set_=fresh), values)
