"""One sheet of an Excel workbook as lines of text, with the dangerous kinds refused before they are unpacked.

The workbook is read as a stream: neither the zip's directory nor a part of it is believed before it is measured, and
no part is held in memory as a whole.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from xml.parsers import expat

from app.files.sheets import Entities, Line, SheetRead, WantedSheet, book_of, sheet_lines
from app.files.source import Source, UnreadableFile, beginning_of, size_of, stream_of

__all__ = ["SheetRead", "UnreadableFile", "WantedSheet", "looks_like_a_workbook", "workbook_lines"]

MOST_UNPACKED_BYTES = 200_000_000
MOST_ENTRIES = 2_000
MOST_DIRECTORY_BYTES = 500_000
MOST_RATIO = 200
"""No sheet of words and numbers packs better; a smaller one than 10 MB does no harm whatever its ratio."""
HARMLESS_BYTES = 10_000_000

# What zip, XML and the reading of cells raise over a damaged file.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, OSError, EOFError, LookupError, ValueError, OverflowError,
    NotImplementedError, RuntimeError,
)  # fmt: skip

_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"
_END, _END_BYTES = b"PK\x05\x06", 22
_LONG_END, _LONG_END_BYTES = b"PK\x06\x07", 20

NO_WORKBOOK = "This is not an Excel workbook. Save it as .xlsx or as CSV UTF-8."
TOO_MUCH = "This Excel file unpacks to far more than it should. Save its sheet as CSV UTF-8."
AGAIN = "Open it, save it again as .xlsx and retry."
DAMAGED = f"This Excel file is damaged. {AGAIN}"


def looks_like_a_workbook(source: Source, filename: str) -> bool:
    """Whether the bytes, or failing that the name, say that this is an Excel file rather than text."""
    endings = (".xlsx", ".xlsm", ".xls", ".xlsb")
    return beginning_of(source).startswith((_ZIP, _OLD_OR_LOCKED)) or filename.casefold().endswith(endings)


def workbook_lines(source: Source, most_rows: int, wanted: WantedSheet, read: SheetRead) -> Iterator[Line]:
    """Row numbers and cells of the sheet that is wanted, or of the only one that is shown and holds anything.

    Cells read as they are shown: dates as 2026-12-06, times as 07:30, shares as 40%. Formulas give the value that was
    last worked out. What holds none is a `NoValue`. Which sheet it was is noted in `read`, and each hidden row before it
    comes. Raises UnreadableFile.
    """
    if beginning_of(source).startswith(_OLD_OR_LOCKED):
        raise UnreadableFile("This Excel file is of the old kind or has a password. Save it as .xlsx without password.")
    _refuse_crowded(source)
    try:
        with zipfile.ZipFile(stream_of(source)) as archive:
            names = _names(archive)
            yield from sheet_lines(book_of(archive, names, wanted, read), most_rows)
    except (UnreadableFile, GeneratorExit):
        raise
    except Entities as entities:
        raise UnreadableFile(
            f"This Excel file declares entities, which no spreadsheet program writes. {AGAIN}"
        ) from entities
    except _DAMAGE as bad:
        raise UnreadableFile(DAMAGED) from bad


def _refuse_crowded(source: Source) -> None:
    """Looks at the zip's last bytes only: reading a directory of 100,000 entries would already fill the memory."""
    size, stream = size_of(source), stream_of(source)
    if size < _END_BYTES:
        raise UnreadableFile(NO_WORKBOOK)
    stream.seek(max(0, size - _END_BYTES - _LONG_END_BYTES))
    tail = stream.read()
    end = tail[-_END_BYTES:]
    if not end.startswith(_END) or end[-2:] != b"\0\0":
        raise UnreadableFile(NO_WORKBOOK)
    entries, directory = struct.unpack("<HL", end[10:16])
    if tail.startswith(_LONG_END) or entries > MOST_ENTRIES or directory > MOST_DIRECTORY_BYTES:
        raise UnreadableFile(TOO_MUCH)


def _names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The entries' names by their small spelling; raises UnreadableFile for what is no plain workbook."""
    entries = archive.infolist()
    names = {entry.filename.casefold(): entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile("This Excel file has a password. Save it without one.")
    unpacked, packed = (sum(getattr(one, name) for one in entries) for name in ("file_size", "compress_size"))
    swollen = unpacked > HARMLESS_BYTES and unpacked > packed * MOST_RATIO
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED_BYTES or swollen:
        raise UnreadableFile(TOO_MUCH)
    if any(".." in name.split("/") or name.startswith("/") or "\\" in name for name in names):
        raise UnreadableFile(f"This Excel file holds parts that point outside itself. {AGAIN}")
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(NO_WORKBOOK)
    _refuse_active(names)
    return names


def _refuse_active(names: dict[str, str]) -> None:
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        raise UnreadableFile("This Excel file holds macros. Save it as .xlsx, which has none.")
    if any(name.startswith(("xl/externallinks/", "xl/connections", "xl/embeddings/")) for name in names):
        raise UnreadableFile(
            "This Excel file takes values from other files. Copy its cells as values into a new workbook and save that."
        )
