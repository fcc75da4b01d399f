"""Lists that leave the house as files: as CSV, as an Excel workbook or (over the API) as JSON, written a row at a time
and noted in the audit with count and digest, then sent.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from flask import Response, request

from app import audit
from app.database import db
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


def file_answer(table: ExportTable, tag: str, kind: str = "") -> Response:
    """Writes the table into an unnamed file, records how many rows leave and their digest in the trail of the viewer's
    organisation, and gives the answer.

    The format is `csv`, `xlsx` or `json`; unless given, `csv`, or `xlsx` when the form asks for it.

    What was recorded is committed before the answer is sent, so that nothing leaves unrecorded.
    However long the table, little of it is in memory at once.
    """
    kind = kind or ("xlsx" if request.form.get("format") == "xlsx" else "csv")
    viewer, counted = current_viewer(), _Counted(table.rows)
    organisation = db.session.get_one(Organisation, viewer.organisation_id)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been sent)
    if kind == "xlsx":
        write_workbook(file, table.columns, counted)
    elif kind == "json":
        file.writelines(_json_parts(table.columns, counted))
    else:
        file.writelines(csv_parts(table.columns, counted))
    audit.record(tag, organisation, by=viewer.actor, rows=counted.count, format=kind, sha256=digest_of(file))
    forget_key()
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.{kind}"'}
    response = Response(_sent(file), content_type=CONTENT_TYPES[kind], headers=headers, direct_passthrough=True)
    response.call_on_close(file.close)
    return response


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
