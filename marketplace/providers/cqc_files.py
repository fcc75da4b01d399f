"""Reading the public files of the regulator: the weekly directory, the monthly one with filters, and API answers.

Columns are found by the beginning of their names, because the names change a little from year to year; the header is
found by its first cell, because lines of text stand above it. Rating strings that are not known mean UNRATED.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from app import clock
from app.files.reading import MOST_BYTES, text_lines
from app.files.source import Source, UnreadableFile, beginning_of, parts_of, size_of, stream_of
from app.files.workbook import looks_like_a_workbook, workbook_lines
from app.imports.columns import column
from app.imports.readers import matching
from app.imports.tables import Cells, Checker, Table
from marketplace.providers.cqc_api_files import read_api_answer
from marketplace.providers.cqc_values import CqcFile, Layout, StatedLocation, StatedRating
from marketplace.providers.ratings import normalise
from marketplace.vocabulary import Rating

Line = tuple[int, list[str]]

MOST_LINES = 200_000
HEADER_WITHIN = 30
MOST_NAMED = 20
SHEET = "HSCA_Active_Locations"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
_IDENTIFIER = matching(
    "[A-Za-z0-9][A-Za-z0-9-]{2,19}", "the CQC location id is missing or is none, such as 1-134558905."
)
_DAY = re.compile(r"([0-9]{1,2})[/ ]([0-9]{1,2}|[A-Za-z]{3,9})[/ ]([0-9]{4})")
NOT_KNOWN = (
    "This is not a file of the CQC that Homeward knows. Upload the weekly directory (CSV), the monthly directory with "
    "filters (CSV or XLSX), or an answer of the CQC's API (JSON)."
)


def read_cqc(source: Source, filename: str) -> CqcFile:
    """What the file says of every location in it; raises UnreadableFile with a sentence."""
    if not any(part.strip() for part in parts_of(source)):
        raise UnreadableFile("The file is empty. The last known ratings are kept.")
    if size_of(source) > MOST_BYTES:
        raise UnreadableFile(f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
    beginning = beginning_of(source, 200)
    if _OPEN_DOCUMENT in beginning or filename.casefold().endswith(".ods"):
        raise UnreadableFile(
            "This is an OpenDocument file (.ods). Open it in a spreadsheet program, save the sheet "
            f"{SHEET} as CSV UTF-8 or the whole as .xlsx, and upload that."
        )
    if beginning.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return _of_today(read_api_answer(stream_of(source).read()))
    is_workbook = looks_like_a_workbook(source, filename)
    lines = workbook_lines(source, most_rows=MOST_LINES, sheet=SHEET) if is_workbook else _csv_lines(source)
    return _of_today(_read_lines(lines))


def _of_today(file: CqcFile) -> CqcFile:
    """The file, unless it states a rating of a day to come: the newest rating counts, so that would count for ever."""
    today = clock.today()
    ahead = [one.location_id for one in file.locations if any(own.published_on > today for own in one.ratings)]
    if ahead:
        more = f" and {len(ahead) - MOST_NAMED:,} more" if len(ahead) > MOST_NAMED else ""
        raise UnreadableFile(
            f"The file states ratings that are dated in the future, of {', '.join(ahead[:MOST_NAMED])}{more}. "
            "Correct their dates, or get the file from the CQC again. The last known ratings are kept."
        )
    return file


def _csv_lines(source: Source) -> Iterator[Line]:
    text = io.TextIOWrapper(stream_of(source), encoding="utf-8-sig", newline="")
    reader = csv.reader(text_lines(text))
    try:
        for cells in reader:
            if any("\x00" in cell for cell in cells):
                raise UnreadableFile("The file holds empty characters (NUL), so it is not a plain CSV file.")
            yield reader.line_num, [cell.strip() for cell in cells]
    except UnicodeDecodeError as failure:
        raise UnreadableFile("The file holds letters that are not UTF-8. Save it as CSV UTF-8.") from failure
    except csv.Error as failure:
        raise UnreadableFile(f"Line {reader.line_num} cannot be read as CSV.") from failure
    finally:
        # The source is somebody else's to close, and may be closed already when a refusal ends this.
        with suppress(ValueError):
            text.detach()


def _read_lines(lines: Iterator[Line]) -> CqcFile:
    for _, (_, cells) in zip(range(HEADER_WITHIN), lines, strict=False):
        first = cells[0].casefold() if cells else ""
        if first == "name" and any(cell.casefold().startswith("cqc location") for cell in cells):
            return _filled(Layout.DIRECTORY, _rows(DIRECTORY, cells, lines))
        if first == "location id":
            return _filled(Layout.FILTERS, _rows(FILTERS, cells, lines))
    raise UnreadableFile(NOT_KNOWN)


def _filled(layout: Layout, rows: Iterable[CqcRow]) -> CqcFile:
    locations = {row.stated.location_id: row.stated for row in rows}
    if not locations:
        raise UnreadableFile("The file has a header but no locations below it. The last known ratings are kept.")
    return CqcFile(layout, tuple(locations.values()))


def _rows(table: Table[CqcRow], header: Sequence[str], lines: Iterable[Line]) -> Iterator[CqcRow]:
    places = {column.name: _place(header, column.name.replace("_", " ")) for column in table.columns}
    checker = Checker(table, None)
    for number, cells in lines:
        if any(cells):
            texts = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
            row = checker.check(number, texts)
            if row is None:
                raise UnreadableFile(f"Line {number}: {checker.bad_rows[0].reason}")
            yield row


def read_day(text: str) -> date | None:
    """A date as these files write it: 2026-03-27, 27/03/2026 or 27/Mar/2026 - 00:00; None when it is none."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        found = _DAY.match(text)
    if not found:
        return None
    form = "%d %m %Y" if found[2].isdigit() else "%d %b %Y"
    try:
        return datetime.strptime(f"{found[1]} {found[2][:3]} {found[3]}", form).date()  # noqa: DTZ007 (a date)
    except ValueError:
        return None


def _place(header: Sequence[str], beginning: str) -> int:
    found = [place for place, cell in enumerate(header) if cell.casefold().startswith(beginning)]
    if not found:
        raise UnreadableFile(f"The column “{beginning.capitalize()}” is missing. {NOT_KNOWN}")
    return found[0]


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """A line of the weekly directory: the location is listed."""

    line: int
    cqc_location: str = column(_IDENTIFIER, "The id of the location.", "1-134558905")

    @property
    def stated(self) -> StatedLocation:
        """What the line says."""
        return StatedLocation(self.cqc_location)


@dataclass(frozen=True, slots=True)
class FiltersRow:
    """A line of the monthly directory with filters. Without a rating and a date it says nothing: what is known stays."""

    line: int
    location_id: str = column(_IDENTIFIER, "The id of the location.", "1-134558905")
    location_latest_overall_rating: Rating = column(normalise, "The rating, or what is not known to be one.", "Good")
    publication_date: date | None = column(read_day, "The day of the report.", "27/03/2026")

    @property
    def stated(self) -> StatedLocation:
        """What the line says."""
        day, rating = self.publication_date, self.location_latest_overall_rating
        return StatedLocation(self.location_id, (StatedRating(rating, day),) if day else ())


def _judge_date(_facts: object) -> Callable[[Cells], None]:
    def judge(cells: Cells) -> None:
        unrated = cells["location_latest_overall_rating"] is Rating.UNRATED
        if not cells["publication_date"] and not (unrated and cells.text("publication_date") in ("", "-", "*")):
            cells.refuse("publication_date", "the publication date is missing or is no date, such as 27/03/2026.")

    return judge


CqcRow = DirectoryRow | FiltersRow
DIRECTORY: Table[CqcRow] = Table(DirectoryRow)
FILTERS: Table[CqcRow] = Table(FiltersRow, judge=_judge_date)
