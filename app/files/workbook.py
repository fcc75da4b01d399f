"""The first sheet of an Excel workbook as lines of text, with the dangerous kinds refused before they are opened."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

MOST_UNPACKED_BYTES = 200_000_000
MOST_ENTRIES = 2_000
MOST_COLUMNS = 300

# What zip, XML and workbook readers raise over a damaged file.
_DAMAGE = (zipfile.BadZipFile, zlib.error, SyntaxError, OSError, LookupError, ValueError, TypeError, AttributeError)

_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"


class UnreadableFile(ValueError):
    """A file that cannot be read; the message is a sentence for the person who brought it."""

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        return str(self.args[0])


def looks_like_a_workbook(data: bytes, filename: str) -> bool:
    """Whether the bytes, or failing that the name, say that this is an Excel file rather than text."""
    endings = (".xlsx", ".xlsm", ".xls", ".xlsb")
    return data.startswith((_ZIP, _OLD_OR_LOCKED)) or filename.casefold().endswith(endings)


def workbook_lines(data: bytes, most_rows: int, sheet: str = "") -> Iterator[tuple[int, list[str]]]:
    """Row numbers and cells of the first sheet, or of the sheet named `sheet` if there is one.

    Dates read as 2026-12-06, times as 07:30, whole numbers without a point. Formulas give
    the value that was last worked out. Raises UnreadableFile.
    """
    _refuse_dangerous(data)
    # Imported here because few requests read a workbook and the library is large.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        yield from _sheet_lines(workbook, most_rows, sheet)
    except UnreadableFile:
        raise
    except (InvalidFileException, *_DAMAGE) as bad:
        raise UnreadableFile("This Excel file is damaged. Open it, save it again as .xlsx and retry.") from bad


def _refuse_dangerous(data: bytes) -> None:
    if data.startswith(_OLD_OR_LOCKED):
        raise UnreadableFile("This Excel file is of the old kind or has a password. Save it as .xlsx without password.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as bad:
        raise UnreadableFile("This is not an Excel workbook. Save it as .xlsx or as CSV UTF-8.") from bad
    names = {entry.filename.casefold() for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile("This Excel file has a password. Save it without one.")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise UnreadableFile("This Excel file unpacks to far more than it should. Save its first sheet as CSV UTF-8.")
    if "xl/workbook.xml" not in names:
        raise UnreadableFile("This is not an Excel workbook. Save it as .xlsx or as CSV UTF-8.")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise UnreadableFile("This Excel file holds macros. Save it as .xlsx, which has none.")


def _sheet_lines(workbook: Any, most_rows: int, wanted: str) -> Iterator[tuple[int, list[str]]]:
    sheets = workbook.worksheets
    if not sheets:
        raise UnreadableFile("This Excel file has no sheet with rows.")
    sheet = next((one for one in sheets if one.title.casefold() == wanted.casefold()), sheets[0])
    # The size that a sheet claims is often wrong, and wrong sizes hide rows.
    sheet.reset_dimensions()
    limit = most_rows + 2
    width = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=limit, max_col=MOST_COLUMNS, values_only=True), start=1):
        if number == limit:
            raise UnreadableFile(f"The first sheet has more than {most_rows:,} rows. Split it into smaller files.")
        texts = [_cell_text(cell) for cell in cells]
        width = width or _filled(texts)
        yield number, texts[: max(width, _filled(texts))] + [""] * (width - len(texts))


def _filled(texts: list[str]) -> int:
    return max((place for place, text in enumerate(texts, start=1) if text.strip()), default=0)


def _cell_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return cell.isoformat("minutes") if isinstance(cell, time) else str(cell)
