"""Bytes of a CSV file or of a sheet of an Excel workbook, turned into rows of text under known column names.

Nothing is guessed: a file that cannot be read with certainty raises `UnreadableFile` with a sentence that says what
to do. What the cells mean is the business of whoever asked.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from app.files.cells import NoValue
from app.files.sheets import MOST_CELL_CHARACTERS, Line, SheetRead, WantedSheet, column_letters
from app.files.source import Source, UnreadableFile, beginning_of, parts_of, size_of, stream_of
from app.files.spool import Spool
from app.files.workbook import looks_like_a_workbook, workbook_lines
from app.files.writing import undefused
from app.values.spelling import as_read, plain
from app.values.words import counted

MOST_BYTES = 50_000_000
MOST_ROWS = 100_000
MOST_LINES_NAMED = 20
MOST_LINE_CHARACTERS = 1_000_000
DELIMITERS = ",;\t"
LOAD_HIDDEN = "Say that hidden rows are to be loaded too"


class FileRow(NamedTuple):
    """One row of data: its line in the file (the header stands on line 1) and its cells by column name."""

    line: int
    cells: dict[str, str]


def read_rows(
    source: Source,
    filename: str,
    required: Sequence[str],
    optional: Sequence[str] = (),
    read: SheetRead | None = None,
    *,
    sheet: str = "",
    with_hidden_rows: bool = False,
) -> Spool[FileRow]:
    """The rows of a CSV (UTF-8 or UTF-16; comma, semicolon or tab) or XLSX file, cells stripped of outer space.

    Every required column must be in the header; columns that are neither required nor optional are refused. Blank rows
    are left out. Of several sheets one must be named, and rows that a filter hides are read only `with_hidden_rows`; what
    was read is noted in `read`. However long the file, little of it is in memory at once. Raises UnreadableFile.
    """
    if size_of(source) > MOST_BYTES:
        raise UnreadableFile(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it into smaller files.")
    if not any(part.strip() for part in parts_of(source)):
        raise UnreadableFile("The file is empty.")
    read = read or SheetRead()
    lines = _lines(source, filename, required, WantedSheet(sheet), read)
    _, header = next(lines, (0, []))
    if not any(header):
        raise UnreadableFile(f"The first line must name the columns: {', '.join(required)}.")
    columns = _columns(header, required, optional)
    rows = _rows(columns, ((number, cells) for number, cells in lines if any(cells)), read)
    if read.hidden and not with_hidden_rows:
        raise UnreadableFile(_hidden_sentence(read, len(rows)))
    return rows


def _hidden_sentence(read: SheetRead, rows: int) -> str:
    hidden = "1 of them is" if len(read.hidden) == 1 else f"{len(read.hidden)} of them are"
    return (
        f"The sheet “{read.title}” holds {counted(rows, 'row')}, and {hidden} hidden, by a filter or by hand. "
        f"{LOAD_HIDDEN}, or delete them from the sheet."
    )


def _lines(
    source: Source, filename: str, required: Sequence[str], wanted: WantedSheet, read: SheetRead
) -> Iterator[Line]:
    if looks_like_a_workbook(source, filename):
        found = workbook_lines(source, MOST_ROWS, wanted, read)
    else:
        found = _csv_lines(source, _encoding(source), required)
    for count, (number, cells) in enumerate(found):
        if count > MOST_ROWS:
            raise UnreadableFile(f"The file has more than {MOST_ROWS:,} rows. Split it into smaller files.")
        yield number, [cell if type(cell) is NoValue else undefused(cell.strip()) for cell in cells]


def _encoding(source: Source) -> str:
    """UTF-8 or UTF-16, after all of it has been looked at; raises UnreadableFile where it is neither."""
    encoding = "utf-16" if beginning_of(source)[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    decoder, line = codecs.getincrementaldecoder(encoding)(), 1
    for part in (*parts_of(source), b""):
        if encoding != "utf-16" and b"\x00" in part:
            raise UnreadableFile(
                "The file holds empty bytes (NUL), so it is not a plain CSV file. Save it as CSV UTF-8."
            )
        try:
            decoder.decode(part, final=not part)
        except UnicodeDecodeError as failure:
            line += part[: failure.start].count(b"\n")
            raise UnreadableFile(
                f"Line {line} holds letters that are not UTF-8, so names could be misread. "
                "In a spreadsheet program choose Save As, then CSV UTF-8."
            ) from failure
        line += part.count(b"\n")
    return encoding


def _csv_lines(source: Source, encoding: str, required: Sequence[str]) -> Iterator[Line]:
    text = io.TextIOWrapper(stream_of(source), encoding=encoding, newline="")
    started = 1
    try:
        delimiter = _delimiter(text.readline(MOST_LINE_CHARACTERS), required)
        text.seek(0)
        reader = csv.reader(text_lines(text), delimiter=delimiter, strict=True)
        for cells in reader:
            yield started, cells
            started = reader.line_num + 1
    except csv.Error as failure:
        raise UnreadableFile(
            f"Line {started} cannot be read: a quotation mark is not closed, or a cell is far too long."
        ) from failure
    finally:
        # The source is somebody else's to close, and may be closed already when a refusal ends this.
        with suppress(ValueError):
            text.detach()


def text_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines; one that never ends is stopped with csv.Error before it fills the memory."""
    while line := text.readline(MOST_LINE_CHARACTERS):
        if len(line) == MOST_LINE_CHARACTERS:
            raise csv.Error("line too long")
        yield line


def _delimiter(text: str, required: Sequence[str]) -> str:
    header = text.split("\n", 1)[0]
    wanted = {_key(name) for name in required}

    def known_names(delimiter: str) -> int:
        return sum(_key(cell.strip(' "\r')) in wanted for cell in header.split(delimiter))

    return max(DELIMITERS, key=known_names)


def _columns(header: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> list[str]:
    """The known columns that the file has, in its order."""
    names = {_key(name): name for name in (*required, *optional)}
    while header and not header[-1]:
        header = header[:-1]
    columns = [names[_key(cell)] for cell in header if _key(cell) in names]
    troubles = []
    if missing := [name for name in required if name not in columns]:
        troubles.append(f"The first line must name the columns. Missing: {', '.join(missing)}.")
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        troubles.append(f"Named more than once: {', '.join(twice)}.")
    if others := [cell[:40] or "(blank)" for cell in header if _key(cell) not in names]:
        troubles.append(f"Not known: {', '.join(others[:10])}.")
    if troubles:
        raise UnreadableFile(" ".join(troubles))
    return columns


def _rows(columns: Sequence[str], lines: Iterator[Line], read: SheetRead) -> Spool[FileRow]:
    rows: Spool[FileRow] = Spool()
    odd, too_long, no_value, hidden = _Noted(), _Noted(), _Cells(), set[int]()
    for number, cells in lines:
        hidden |= read.hidden & {number}
        no_value.note(number, columns, cells)
        odd.note_if(len(cells) < len(columns) or any(cells[len(columns) :]), number)
        too_long.note_if(any(len(cell) > MOST_CELL_CHARACTERS for cell in cells), number)
        if any("\x00" in cell for cell in cells):
            raise UnreadableFile("The file holds empty characters (NUL), so it is not a plain CSV file.")
        if not odd.lines and not too_long.lines and not no_value.named:
            rows.add(FileRow(number, dict(zip(columns, cells, strict=False))))
    if too_long.lines:
        raise UnreadableFile(f"A cell has more than {MOST_CELL_CHARACTERS:,} characters on {too_long}.")
    if odd.lines:
        raise UnreadableFile(f"There must be {len(columns)} cells, as in the header, on {odd}.")
    if no_value.named:
        raise UnreadableFile(str(no_value))
    if not rows:
        raise UnreadableFile("The file has a header but no rows below it.")
    read.hidden = hidden
    return rows


class _Noted:
    """Numbers of lines, as many as a sentence names."""

    def __init__(self) -> None:
        self.lines: list[int] = []

    def note_if(self, wrong: bool, number: int) -> None:
        if wrong and len(self.lines) <= MOST_LINES_NAMED:
            self.lines.append(number)

    def __str__(self) -> str:
        shown = ", ".join(str(number) for number in self.lines[:MOST_LINES_NAMED])
        more = " and more" if len(self.lines) > MOST_LINES_NAMED else ""
        return f"line{'' if len(self.lines) == 1 else 's'} {shown}{more}"


class _Cells:
    """Cells of known columns that hold no value, each with what it holds, as many as a sentence names."""

    def __init__(self) -> None:
        self.named: list[str] = []
        self._more = 0

    def note(self, line: int, columns: Sequence[str], cells: Sequence[str]) -> None:
        for place, cell in enumerate(cells):
            if type(cell) is NoValue and place < len(columns):
                if len(self.named) < MOST_LINES_NAMED:
                    self.named.append(f"{column_letters(place + 1)}{line} ({columns[place]}) holds {cell}")
                else:
                    self._more += 1

    def __str__(self) -> str:
        more = f", and so do {self._more} more cells" if self._more else ""
        return (
            f"There are cells without a value: {'; '.join(self.named)}{more}. Mend what they refer to, or type the values. "
            "If the workbook was made by another program, open it in a spreadsheet program and save it once."
        )


def _key(name: str) -> str:
    return as_read(plain(name).replace("_", " ").replace("-", " ")).replace(" ", "_")
