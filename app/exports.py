"""Lists that leave the house as files: as CSV, as an Excel workbook or (over the API) as JSON, written a row at a time
and noted in the audit with count and digest, then sent.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from flask import Response, request

from app import audit
from app.database import db, reading_only
from app.files.source import parts_of
from app.files.writing import Cell, csv_parts, write_workbook
from app.http.repeat import forget_key
from app.http.viewer import current_viewer
from app.parties.models import Organisation
from app.tasks.storing import digest_of

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class ExportTable:
    """What is to leave: the name of the file, which holds no personal data, the columns, and rows that come one by one."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def file_answer(table_of: Callable[[], ExportTable], tag: str, kind: str = "") -> Response:
    """Writes a table into an unnamed file, records how many rows leave and their digest in the trail of the viewer's
    organisation, and gives the answer.

    The table is made in a transaction that only reads, so that nobody waits for a long one. The format is `csv`, `xlsx` or `json`; unless given, `csv`, or `xlsx` when the form asks for it.

    What was recorded is committed before the answer is sent, so that nothing leaves unrecorded.
    However long the table, little of it is in memory at once.
    """
    kind = kind or ("xlsx" if request.form.get("format") == "xlsx" else "csv")
    viewer = current_viewer()
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been sent)
    with reading_alone():
        table = table_of()
        counted = _Counted(table.rows)
        if kind == "xlsx":
            write_workbook(file, table.columns, counted)
        elif kind == "json":
            file.writelines(_json_parts(table.columns, counted))
        else:
            file.writelines(csv_parts(table.columns, counted))
    organisation = db.session.get_one(Organisation, viewer.organisation_id)
    audit.record(tag, organisation, by=viewer.actor, rows=counted.count, format=kind, sha256=digest_of(file))
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.{kind}"'}
    response = Response(_sent(file), content_type=CONTENT_TYPES[kind], headers=headers, direct_passthrough=True)
    response.call_on_close(file.close)
    return response


@contextmanager
def reading_alone() -> Iterator[None]:
    """For a POST that reads long and then writes little: what it reads keeps nobody from writing meanwhile.

    What the request has begun is let go, its key too: the same button again is another request.
    """
    forget_key()
    db.session.rollback()
    with reading_only():
        yield
        db.session.rollback()


def _json_parts(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A list of objects, a line each. Nothing is defused: JSON is read by programs, and a text is a text there."""
    yield b"["
    for number, row in enumerate(rows):
        told = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False)
        yield f"{',' if number else ''}\n{told}".encode()
    yield b"\n]\n"


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from parts_of(file)


class _Counted:
    """Rows, counted as they pass."""

    def __init__(self, rows: Iterable[Sequence[Cell]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        for row in self._rows:
            self.count += 1
            yield row
