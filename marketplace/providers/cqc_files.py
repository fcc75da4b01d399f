"""Reading the public files of the regulator: the weekly directory, the monthly one with filters and that of ratings.

Answers of the API are read in `cqc_api_files`.

Columns are found by the beginning of their names, because the names change a little from year to year; the header is
found by its first cell, because lines of text stand above it. Rating strings that are not known mean UNRATED.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from app import clock
from app.files.cells import NoValue
from app.files.reading import LOAD_HIDDEN, MOST_BYTES, text_lines
from app.files.sheets import column_letters
from app.files.source import Source, UnreadableFile, beginning_of, parts_of, size_of, stream_of
from app.files.workbook import SheetRead, WantedSheet, looks_like_a_workbook, workbook_lines
from app.imports.columns import column
from app.imports.kinds import AS_SHOWN, SheetChoice, told_of
from app.imports.readers import matching
from app.imports.tables import Cells, Checker, Table
from app.values.days import read_day
from app.values.words import counted
from marketplace.providers.cqc_api_files import read_api_answer
from marketplace.providers.cqc_values import (
    CqcFile,
    Layout,
    StatedLocation,
    StatedRating,
    merged,
    rating_of_services,
)
from marketplace.providers.ratings import QUESTION_COLUMNS, normalise
from marketplace.vocabulary import Rating

Line = tuple[int, list[str]]
Row = TypeVar("Row")

MOST_LINES = 1_000_000
HEADER_WITHIN = 30
OVERALL = "overall"
MOST_NAMED = 20
SHEET, SHEET_OF_RATINGS = "HSCA_Active_Locations", "Locations"
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
_IDENTIFIER = matching(
    "[A-Za-z0-9][A-Za-z0-9-]{2,19}", "the CQC location id is missing or is none, such as 1-134558905."
)
NOT_KNOWN = (
    "This is not a file of the CQC that Homeward knows. Upload the weekly directory (CSV), the monthly directory with "
    "filters or the monthly file of ratings (CSV or XLSX), or an answer of the CQC's API (JSON)."
)


def read_cqc(source: Source, filename: str, choice: SheetChoice = AS_SHOWN) -> CqcFile:
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
    return _of_today(_read_table(source, filename, choice))


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


def _read_table(source: Source, filename: str, choice: SheetChoice) -> CqcFile:
    read = SheetRead()
    if not looks_like_a_workbook(source, filename):
        return _read_lines(_csv_lines(source))
    file = _read_lines(workbook_lines(source, MOST_LINES, WantedSheet(choice.sheet, (SHEET, SHEET_OF_RATINGS)), read))
    if read.hidden and not choice.with_hidden_rows:
        raise UnreadableFile(
            f"{counted(len(read.hidden), 'row')} of the sheet “{read.title}” cannot be seen, because of a filter or by "
            f"hand. {LOAD_HIDDEN}, or delete them from the sheet."
        )
    return replace(file, told=told_of(read))


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
            return _filled(Layout.DIRECTORY, (row.stated for row in _rows(DIRECTORY, cells, lines)))
        if first == "location id" and any(cell.casefold() == "domain" for cell in cells):
            return _filled(Layout.RATINGS, _stated_by_service(_rows(RATINGS, cells, lines)))
        if first == "location id":
            return _filled(Layout.FILTERS, (row.stated for row in _rows(FILTERS, cells, lines)))
    raise UnreadableFile(NOT_KNOWN)


def _filled(layout: Layout, stated: Iterable[StatedLocation]) -> CqcFile:
    locations = merged(stated)
    if not locations:
        raise UnreadableFile("The file has a header but no locations below it. The last known ratings are kept.")
    return CqcFile(layout, locations)


def _stated_by_service(rows: Iterable[RatingsRow]) -> Iterator[StatedLocation]:
    """A location has a row for each service and question: what is said of it as a whole, else of its services."""
    overall: defaultdict[str, list[tuple[str, StatedRating]]] = defaultdict(list)
    questions: defaultdict[str, dict[str, Rating]] = defaultdict(dict)
    for row in rows:
        ratings = overall[row.location_id]
        if row.question == OVERALL and row.publication_date:
            ratings.append((row.service, StatedRating(row.latest_rating, row.publication_date)))
        elif row.question in QUESTION_COLUMNS and row.service.casefold() == OVERALL:
            questions[row.location_id][row.question] = row.latest_rating
    for location_id, ratings in overall.items():
        whole = [rating for service, rating in ratings if service.casefold() == OVERALL]
        newest = max(whole, key=lambda rating: rating.published_on) if whole else rating_of_services(ratings)
        stated = (replace(newest, questions=questions[location_id]),) if newest else ()
        yield StatedLocation(location_id, stated)


def _rows(table: Table[Row], header: Sequence[str], lines: Iterable[Line]) -> Iterator[Row]:
    places = {column.name: _place(header, column.name.replace("_", " ")) for column in table.columns}
    checker = Checker(table, None)
    for number, cells in lines:
        if any(cells):
            row = checker.check(number, {name: _cell(cells, place, number) for name, place in places.items()})
            if row is None:
                raise UnreadableFile(f"Line {number}: {checker.bad_rows[0].reason}")
            yield row


def day_or_none(text: str) -> date | None:
    """A date as these files write it: 2026-03-27, 27/03/2026 or 27/Mar/2026 - 00:00; None when it is none."""
    try:
        return read_day(text)
    except ValueError:
        return None


def _place(header: Sequence[str], beginning: str) -> int:
    found = [place for place, cell in enumerate(header) if cell.casefold().startswith(beginning)]
    if not found:
        raise UnreadableFile(f"The column “{beginning.capitalize()}” is missing. {NOT_KNOWN}")
    return found[0]


def _cell(cells: Sequence[str], place: int, line: int) -> str:
    cell = cells[place] if place < len(cells) else ""
    if type(cell) is NoValue:
        raise UnreadableFile(f"The cell {column_letters(place + 1)}{line} holds {cell} in place of a value.")
    return cell


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
    publication_date: date | None = column(day_or_none, "The day of the report.", "27/03/2026")

    @property
    def stated(self) -> StatedLocation:
        """What the line says."""
        day, rating = self.publication_date, self.location_latest_overall_rating
        return StatedLocation(self.location_id, (StatedRating(rating, day),) if day else ())


@dataclass(frozen=True, slots=True)
class RatingsRow:
    """A line of the monthly file of ratings: one question, or the whole, of one service of a location."""

    line: int
    location_id: str = column(_IDENTIFIER, "The id of the location.", "1-134558905")
    service: str = column(str, "The service, or Overall.", "Overall")
    domain: str = column(str, "The key question, or Overall.", "Overall")
    latest_rating: Rating = column(normalise, "The rating, or what is not known to be one.", "Good")
    publication_date: date | None = column(day_or_none, "The day of the report.", "27/03/2026")

    @property
    def question(self) -> str:
        """The key question as the table of ratings names it, or `overall`."""
        return self.domain.casefold().replace("-", "_").replace(" ", "_")


def _judge_date(_facts: object) -> Callable[[Cells], None]:
    def judge(cells: Cells) -> None:
        unrated = (cells["location_latest_overall_rating"] or cells["latest_rating"]) is Rating.UNRATED
        if not cells["publication_date"] and not (unrated and cells.text("publication_date") in ("", "-", "*")):
            cells.refuse("publication_date", "the publication date is missing or is no date, such as 27/03/2026.")

    return judge


DIRECTORY = Table(DirectoryRow)
FILTERS = Table(FiltersRow, judge=_judge_date)
RATINGS = Table(RatingsRow, judge=_judge_date)
