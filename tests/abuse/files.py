"""Files of every unwelcome kind, and the places where files are taken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from app.audit import SYSTEM, Actor
from app.database import db
from app.tasks.models import Task
from marketplace.packages.importing import queue_import
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme

HEADER = b"reference,lot,source\n"


def zipped(**entries: bytes) -> bytes:
    """A zip file with these entries; two underscores stand for a slash."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return held.getvalue()


def a_sheet(rows: bytes, **parts: bytes) -> bytes:
    """A workbook whose only sheet holds these rows."""
    book = b'<workbook xmlns:r="r"><sheets><sheet name="a" r:id="1"/></sheets></workbook>'
    links = b'<Relationships><Relationship Id="1" Target="worksheets/sheet1.xml"/></Relationships>'
    sheet = b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>"
    named = {f"xl__{name}.xml": content for name, content in parts.items()}
    return zipped(
        **{"xl__workbook.xml": book, "xl/_rels/workbook.xml.rels": links, "xl__worksheets__sheet1.xml": sheet, **named}
    )


def encrypted() -> bytes:
    """A workbook whose entries are marked as having a password."""
    data = bytearray(zipped(xl__workbook=b"<x/>").replace(b"xl/workbook", b"xl/workbook"))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(mark)
        data[start + place] |= 1
    return bytes(data)


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><workbook>&e;</workbook>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n > 1 else b"&a;") * 10) for n in range(1, 12))
    + b"]><workbook>&a11;</workbook>"
)
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "utf-16 without its mark": ("a.csv", lambda: "reference,lot\nx,y\n".encode("utf-16-le")),
    "latin-1": ("a.csv", lambda: HEADER + "Zoë,homecare,é\n".encode("latin-1")),
    "NUL": ("a.csv", lambda: HEADER + b"a\x00b,homecare,x\n"),
    "a field of 200 kB": ("a.csv", lambda: HEADER + b"x" * 200_000 + b",homecare,x\n"),
    "a quotation mark that never ends": ("a.csv", lambda: HEADER + b'"' + b"x" * 1_000),
    "no header": ("a.csv", lambda: b"TCC-1,homecare,community\n"),
    "a header alone": ("a.csv", lambda: HEADER),
    "nothing": ("a.csv", lambda: b""),
    "NUL in its name": ("a\x00.csv", lambda: HEADER),
    "300 letters and right to left": ("\u202e" + "x" * 300 + ".csv", lambda: HEADER),
    "a path": ("../../../etc/passwd", lambda: HEADER),
    "not what it says": ("a.xlsx", lambda: b"reference,lot\n"),
    "a bomb": ("a.xlsx", lambda: zipped(xl__workbook=b"x", xl__sheet=b"0" * 220_000_000)),
    "a hundred thousand entries": ("a.xlsx", lambda: zipped(**{f"e{n}": b"" for n in range(3_000)})),
    "entities": ("a.xlsx", lambda: zipped(**{"xl__workbook.xml": ENTITIES, "[Content_Types].xml": ENTITIES})),
    "a billion laughs": ("a.xlsx", lambda: zipped(**{"xl__workbook.xml": LAUGHS, "[Content_Types].xml": LAUGHS})),
    "paths inside": ("a.xlsx", lambda: zipped(**{"..__..__evil": b"x", "xl__workbook.xml": b"<x/>"})),
    "a password": ("a.xlsx", lambda: encrypted()),
    "an old workbook": ("a.xls", lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 600),
    "macros": ("a.xlsm", lambda: zipped(**{"xl__workbook.xml": b"<x/>", "xl__vbaProject.bin": b"x"})),
    "values from other files": ("a.xlsx", lambda: zipped(**{"xl__workbook.xml": b"<x/>", "xl__externalLinks__externalLink1.xml": b"x"})),
    "a row of a million cells": ("a.xlsx", lambda: a_sheet(b"<row>" + b"<c><v>1</v></c>" * 1_000_000 + b"</row>")),
    "a text without an end": ("a.xlsx", lambda: a_sheet(b'<row><c t="inlineStr"><is><t>' + b"x" * 9_000_000)),
    "many shared texts": ("a.xlsx", lambda: a_sheet(b"<row/>", sharedStrings=b"<sst>" + b"<si><t>ab</t></si>" * 200_000 + b"</sst>")),
    "a page": ("a.html", lambda: b"<script>alert(1)</script>"),
    "deep nesting": ("a.toml", lambda: b"x = " + b"[" * 50_000),
    "broken lines": ("a.toml", lambda: b"x = \n[[[\n"),
    "a huge number": ("a.toml", lambda: b"name = " + b"9" * 20_000),
    "a number beyond all columns": ("a.toml", lambda: b'name = "x"\nyardstick_pence = 99999999999999999999999\n'),
    "a day that is none": ("a.toml", lambda: b"established_on = 2026-02-30\n"),
    "a key twice": ("a.toml", lambda: b'name = "a"\nname = "b"\n'),
}  # fmt: skip
"""The name of each file and what makes its content: some are long in the making."""


def counts() -> tuple[int, ...]:
    """How much there is of what files make."""
    found = tuple(
        db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Package, Provider, Scheme)
    )
    db.session.rollback()
    return found


def places(world: Any) -> list[tuple[str, str, dict[str, str]]]:
    """Where files are taken: role, page, and the fields beside the file; then the API."""
    scheme = world.scheme.id
    return [
        ("broker", "/packages/import", {"scheme": str(scheme)}),
        ("contracts", f"/schemes/{scheme}/providers/import", {}),
        ("contracts", "/cqc/import", {}),
        ("contracts", "/schemes/import", {}),
        ("broker", "/api/v1/packages/import", {"scheme_id": str(scheme)}),
        ("contracts", f"/api/v1/schemes/{scheme}/providers/import", {}),
        ("contracts", "/api/v1/schemes/import", {}),
    ]


def queued(scheme: Scheme, content: bytes, by: Actor = SYSTEM) -> Task:
    """The work of importing this file of packages, committed."""
    task = queue_import(scheme, content, "packages.csv", by=by)
    db.session.commit()
    return task
