"""The parts of a workbook, read as streams of XML: which sheet, its shared texts, its number formats, its rows."""

from __future__ import annotations

import os
import posixpath
import re
import tempfile
import weakref
import zipfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from app.files.cells import LOOKS, Look, cell_text, look_of, unescaped
from app.files.source import UnreadableFile
from app.values.spelling import same_as_read

Line = tuple[int, list[str]]
Attributes = dict[str, str]

MOST_COLUMNS = 300
MOST_SHEETS_NAMED = 20
NAME_THE_SHEET = "Name the sheet that is to be read."
MOST_CELL_CHARACTERS = 30_000
MOST_SMALL_PART_BYTES = 10_000_000
MOST_STRINGS_BYTES = 100_000_000
MOST_STYLES = 70_000
BYTES_AT_ONCE = 64 * 1024
_PLACE = re.compile(r"([A-Z]{1,3})[0-9]+")


class Entities(ValueError):
    """The XML declares a document type, with which entities could be brought in."""


class Strings:
    """The shared texts of a workbook, in an unnamed file; only where each one ends is held in memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (kept open as long as its texts are wanted)
        weakref.finalize(self, self._file.close)
        self._ends = array("Q", [0])

    def add(self, text: str) -> None:
        """Puts one more text at the end."""
        written = self._file.write(text.encode("utf-8", "surrogatepass"))
        self._ends.append(self._ends[-1] + written)

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self._ends) - 1:
            raise LookupError(place)
        start, end = self._ends[place], self._ends[place + 1]
        return os.pread(self._file.fileno(), end - start, start).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        """Writes what waits, so that it can be read."""
        self._file.flush()


@dataclass(slots=True)
class SheetRead:
    """Which sheet of a workbook was read, and which of its rows nobody sees; a file that is no workbook has none."""

    title: str = ""
    hidden: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Book:
    """One sheet of a workbook and what its cells refer to."""

    archive: zipfile.ZipFile
    sheet: str
    strings: Strings
    looks: tuple[Look, ...]
    from_1904: bool
    read: SheetRead


@dataclass(slots=True)
class _Contents:
    """What `workbook.xml` says: the sheets that are shown, by name and relation, and how days are counted."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    from_1904: bool = False

    def began(self, name: str, given: Attributes) -> None:
        if name == "sheet" and given.get("state", "visible") == "visible":
            self.sheets.append((unescaped(given.get("name", "")), given.get("id", "")))
        elif name == "workbookPr":
            self.from_1904 = given.get("date1904", "") in {"1", "true"}


@dataclass(frozen=True, slots=True)
class WantedSheet:
    """Which sheet to read: the one that somebody named; else one that files of this kind have, if it is there."""

    named: str = ""
    usual: tuple[str, ...] = ()


def book_of(archive: zipfile.ZipFile, names: Mapping[str, str], wanted: WantedSheet, read: SheetRead) -> Book:
    """The sheet that is meant, ready to be read; raises UnreadableFile where that is not certain.

    `names` gives each entry's name by its small spelling. Which sheet it is, is noted in `read`.
    """
    contents, targets = _Contents(), {}

    def related(name: str, given: Attributes) -> None:
        if name == "Relationship":
            targets[given.get("Id", "")] = given.get("Target", "")

    _read(archive, names["xl/workbook.xml"], contents.began)
    if "xl/_rels/workbook.xml.rels" in names:
        _read(archive, names["xl/_rels/workbook.xml.rels"], related)
    paths = [(title, _path(targets.get(relation, ""))) for title, relation in contents.sheets]
    sheets = [(title, names[path]) for title, path in paths if path in names]
    if not sheets:
        raise UnreadableFile("This Excel file has no sheet with rows.")
    read.title, path = _chosen(archive, sheets, wanted)
    return Book(archive, path, _strings(archive, names), _looks(archive, names), contents.from_1904, read)


def _chosen(archive: zipfile.ZipFile, sheets: Sequence[tuple[str, str]], wanted: WantedSheet) -> tuple[str, str]:
    for name in filter(None, (wanted.named, *wanted.usual)):
        if found := [sheet for sheet in sheets if same_as_read(sheet[0], name)]:
            return found[0]
        if name == wanted.named:
            raise UnreadableFile(f"No sheet that is shown is called “{name}”. There is: {_titles(sheets)}.")
    filled = [sheet for sheet in sheets if _has_cells(archive, sheet[1])] if len(sheets) > 1 else []
    if len(filled) > 1:
        raise UnreadableFile(f"This Excel file has several sheets: {_titles(filled)}. {NAME_THE_SHEET}")
    return (filled or list(sheets))[0]


def _titles(sheets: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"“{title[:40]}”" for title, _ in sheets[:MOST_SHEETS_NAMED])


def _has_cells(archive: zipfile.ZipFile, path: str) -> bool:
    """Whether any cell of the sheet holds something; no more of it is read than that takes."""
    found = False

    def began(name: str, _given: Attributes) -> None:
        nonlocal found
        found = found or name in {"v", "is", "f"}

    return any(found for _ in _pieces(archive, path, began))


def _path(target: str) -> str:
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").casefold()


def _strings(archive: zipfile.ZipFile, names: Mapping[str, str]) -> Strings:
    strings, text = Strings(), _Text()
    # The reading aid for Japanese stands in `rPh` beside the text and is none of it.
    aside = False

    def began(name: str, _given: Attributes) -> None:
        nonlocal aside
        if name == "si":
            text.clear()
        aside = aside or name == "rPh"
        text.listens = name == "t" and not aside

    def ended(name: str) -> None:
        nonlocal aside
        text.listens = False
        aside = aside and name != "rPh"
        if name == "si":
            strings.add(unescaped(text.value))

    if "xl/sharedstrings.xml" in names:
        _read(archive, names["xl/sharedstrings.xml"], began, ended, text, MOST_STRINGS_BYTES)
    strings.close()
    return strings


def _looks(archive: zipfile.ZipFile, names: Mapping[str, str]) -> tuple[Look, ...]:
    """As what each cell style shows a number, by its place."""
    looks: dict[int, Look] = dict(LOOKS)
    styles: list[int] = []
    within = False

    def began(name: str, given: Attributes) -> None:
        nonlocal within
        within = within or name == "cellXfs"
        if name == "numFmt" and len(looks) < MOST_STYLES:
            looks[int(given["numFmtId"])] = look_of(given.get("formatCode", ""))
        elif name == "xf" and within and len(styles) < MOST_STYLES:
            styles.append(int(given.get("numFmtId", "0")))

    def ended(name: str) -> None:
        nonlocal within
        within = within and name != "cellXfs"

    if "xl/styles.xml" in names:
        _read(archive, names["xl/styles.xml"], began, ended)
    return tuple(looks.get(number, Look.PLAIN) for number in styles)


class _Text:
    """The text of one element, as far as it may be long; one character more shows that it is longer."""

    def __init__(self) -> None:
        self.listens = False
        self.clear()

    def clear(self) -> None:
        self._parts: list[str] = []
        self._length = 0

    def heard(self, text: str) -> None:
        if self.listens and self._length <= MOST_CELL_CHARACTERS:
            part = text[: MOST_CELL_CHARACTERS + 1 - self._length]
            self._parts.append(part)
            self._length += len(part)

    @property
    def value(self) -> str:
        return "".join(self._parts)


class _Rows:
    """Takes the rows of a sheet as they come by; `done` holds those that are whole."""

    def __init__(self, book: Book) -> None:
        self.done: list[Line] = []
        self._book = book
        self._number = self._column = 0
        self._cells: list[str] = []
        self._kind, self._look, self._is_formula = "n", Look.PLAIN, False
        self.text = _Text()

    def began(self, name: str, given: Attributes) -> None:
        if name == "row":
            self._number = int(given.get("r", self._number + 1))
            self._cells, self._column = [], 0
            if given.get("hidden") in {"1", "true"}:
                self._book.read.hidden.add(self._number)
        elif name == "c":
            self._column = _column(given.get("r", "")) or self._column + 1
            self._kind, self._look, self._is_formula = given.get("t", "n"), self._look_of(given.get("s", "0")), False
            self.text.clear()
        elif name == "f":
            self._is_formula = True
        self.text.listens = name in {"v", "t"}

    def _look_of(self, style: str) -> Look:
        looks = self._book.looks
        return looks[place] if (place := int(style)) < len(looks) else Look.PLAIN

    def ended(self, name: str) -> None:
        self.text.listens = False
        if name == "c" and self._column <= MOST_COLUMNS:
            self._cells += [""] * (self._column - len(self._cells))
            self._cells[self._column - 1] = self._cell()
        elif name == "row":
            self.done.append((self._number, self._cells))

    def _cell(self) -> str:
        text = self.text.value
        if self._kind == "s":
            return self._book.strings[int(text)]
        from_1904, is_formula = self._book.from_1904, self._is_formula
        return cell_text(self._kind, text, self._look, from_1904=from_1904, is_formula=is_formula)


def _column(place: str) -> int:
    found = _PLACE.fullmatch(place)
    number = 0
    for letter in found[1] if found else "":
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """What a spreadsheet program calls a column: the first is A, the 27th AA."""
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def sheet_lines(book: Book, most_rows: int) -> Iterator[Line]:
    """Each row that the sheet holds: its number and its cells, as wide as the first row at least."""
    rows, width = _Rows(book), 0
    for _ in _pieces(book.archive, book.sheet, rows.began, rows.ended, rows.text):
        for number, cells in rows.done:
            if number > most_rows + 1:
                raise UnreadableFile(f"The sheet has more than {most_rows:,} rows. Split it into smaller files.")
            width = width or _filled(cells)
            yield number, cells[: max(width, _filled(cells))] + [""] * (width - len(cells))
        rows.done.clear()


def _filled(cells: list[str]) -> int:
    return max((place for place, text in enumerate(cells, start=1) if text.strip()), default=0)


Began = Callable[[str, Attributes], None]
Ended = Callable[[str], None]


def _read(
    archive: zipfile.ZipFile,
    name: str,
    began: Began,
    ended: Ended | None = None,
    text: _Text | None = None,
    most_bytes: int = MOST_SMALL_PART_BYTES,
) -> None:
    if archive.getinfo(name).file_size > most_bytes:
        raise UnreadableFile("This Excel file unpacks to far more than it should. Save its sheet as CSV UTF-8.")
    for _ in _pieces(archive, name, began, ended, text):
        pass


def _pieces(
    archive: zipfile.ZipFile, name: str, began: Began, ended: Ended | None = None, text: _Text | None = None
) -> Iterator[None]:
    """Reads one part piece by piece, telling each element; nothing of it is kept here."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda element, given: began(_local(element), {_local(k): v for k, v in given.items()})
    parser.StartDoctypeDeclHandler = _refuse_entities
    if ended is not None:
        parser.EndElementHandler = lambda element: ended(_local(element))
    if text is not None:
        parser.CharacterDataHandler = text.heard
    with archive.open(name) as part:
        while piece := part.read(BYTES_AT_ONCE):
            parser.Parse(piece, False)
            yield
    parser.Parse(b"", True)
    yield


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_entities(*_declared: object) -> NoReturn:
    raise Entities
