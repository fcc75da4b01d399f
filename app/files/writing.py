"""CSV files that people open in a spreadsheet: texts that look like formulas are defused, numbers stay numbers."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import IO
from xml.sax.saxutils import escape

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


_NO_DATE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
_SECONDS = 86_400


def is_date_format(code: str) -> bool:
    """Whether a number format shows days or times; what stands in quotation marks or names a colour does not count."""
    return bool(_DATE.search(_NO_DATE.sub("", code.partition(";")[0])))


def cell_text(kind: str, text: str, *, is_date: bool, from_1904: bool) -> str:
    """The text of a cell of this kind. Raises ValueError or OverflowError where a number is none."""
    if kind == "b":
        return "yes" if text.strip() in {"1", "true"} else "no"
    if kind != "n" or not text.strip():
        return text
    number = float(text) if re.search("[.eEnN]", text) else int(text[:400])
    if is_date:
        return _moment(float(number), from_1904=from_1904)
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def _moment(serial: float, *, from_1904: bool) -> str:
    """A day as 2026-12-06, a time as 07:30, both as 2026-12-06 07:30. Days are counted as spreadsheet programs do."""
    seconds = round(serial * _SECONDS)
    if 0 <= seconds < _SECONDS and not from_1904:
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    # 1900 is no leap year, but spreadsheet programs count a 29 February in it.
    first = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30 if serial >= 60 else 31)  # noqa: DTZ001
    moment = first + timedelta(seconds=seconds)
    return moment.isoformat(" ", "minutes") if seconds % _SECONDS else moment.date().isoformat()


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_workbook(file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Writes the workbook into a file, holding one row in memory at a time."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _PARTS.items():
            archive.writestr(zipfile.ZipInfo(name), _HEAD + content, zipfile.ZIP_DEFLATED)
        with archive.open(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), "w", force_zip64=False) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            sheet.write(_row(columns))
            for row in rows:
                sheet.write(_row(row))
            sheet.write(b"</sheetData></worksheet>")


def _row(cells: Sequence[Cell]) -> bytes:
    return f"<row>{''.join(_cell(cell) for cell in cells)}</row>".encode()


def _cell(cell: Cell) -> str:
    if isinstance(cell, int):
        return f"<c><v>{cell}</v></c>"
    if not cell:
        return "<c/>"
    text = escape(_UNFIT.sub("\ufffd", defused(cell))).replace("\r", "&#13;")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
