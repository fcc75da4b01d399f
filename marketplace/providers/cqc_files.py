"""Reading the public files of the regulator: the weekly directory, the monthly one with filters, and API answers.

Columns are found by the beginning of their names, because the names change a little from year to year; the header is
found by its first cell, because lines of text stand above it. Rating strings that are not known mean UNRATED.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime

from app import clock
from app.files.reading import MOST_BYTES, UnreadableFile, text_lines
from app.files.source import Source, beginning_of, parts_of, size_of, stream_of
from app.files.workbook import looks_like_a_workbook, workbook_lines
from marketplace.providers.cqc_api_files import read_api_answer
from marketplace.providers.cqc_values import CqcFile, Layout, StatedLocation, StatedRating
from marketplace.providers.ratings import normalise
from marketplace.schemes.rules import Rating

Line = tuple[int, list[str]]

MOST_LINES = 200_000
HEADER_WITHIN = 30
MOST_NAMED = 20
SHEET = "HSCA_Active_Locations"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,19}")
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
    return _of_today(_read_lines(_lines(source, filename)))


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


def _lines(source: Source, filename: str) -> Iterator[Line]:
    if looks_like_a_workbook(source, filename):
        return workbook_lines(source, most_rows=MOST_LINES, sheet=SHEET)
    return _csv_lines(source)


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
            return _filled(Layout.DIRECTORY, _directory_rows(cells, lines))
        if first == "location id":
            return _filled(Layout.FILTERS, _filter_rows(cells, lines))
    raise UnreadableFile(NOT_KNOWN)


def _filled(layout: Layout, rows: Iterable[StatedLocation]) -> CqcFile:
    locations = {row.location_id: row for row in rows}
    if not locations:
        raise UnreadableFile("The file has a header but no locations below it. The last known ratings are kept.")
    return CqcFile(layout, tuple(locations.values()))


def _directory_rows(header: Sequence[str], lines: Iterable[Line]) -> Iterator[StatedLocation]:
    place = _column(header, "cqc location")
    for number, cells in lines:
        if any(cells):
            yield StatedLocation(_identifier(number, cells, place))


def _filter_rows(header: Sequence[str], lines: Iterable[Line]) -> Iterator[StatedLocation]:
    place = _column(header, "location id")
    rating, day = _column(header, "location latest overall rating"), _column(header, "publication date")
    for number, cells in lines:
        if any(cells):
            identifier = _identifier(number, cells, place)
            yield StatedLocation(identifier, _rating(number, _cell(cells, rating), _cell(cells, day)))


def _rating(number: int, rating: str, day: str) -> tuple[StatedRating, ...]:
    """A row without a rating and a date says nothing, so what is known stays."""
    overall, published_on = normalise(rating), read_day(day)
    if published_on:
        return (StatedRating(overall, published_on),)
    if overall is Rating.UNRATED and day in ("", "-", "*"):
        return ()
    raise UnreadableFile(f"Line {number}: the publication date is missing or is no date, such as 27/03/2026.")


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


def _column(header: Sequence[str], beginning: str) -> int:
    found = [place for place, cell in enumerate(header) if cell.casefold().startswith(beginning)]
    if not found:
        raise UnreadableFile(f"The column “{beginning.capitalize()}” is missing. {NOT_KNOWN}")
    return found[0]


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _identifier(number: int, cells: Sequence[str], place: int) -> str:
    identifier = _cell(cells, place)
    if not _IDENTIFIER.fullmatch(identifier):
        raise UnreadableFile(f"Line {number}: the CQC location id is missing or is none, such as 1-134558905.")
    return identifier
