"""Hostile files: understood or refused in words, by page and by API, for packages, providers, CQC data and schemes (3e)."""

from __future__ import annotations

import io
import time
import zipfile
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.database import db
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from tests.careful import token_in
from tests.marketplace.packages.makers import a_file, a_row, a_team

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = b"reference,lot,source\n"


def zipped(**entries: bytes) -> bytes:
    """A zip file with these entries; two underscores stand for a slash."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return held.getvalue()


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
HOSTILE = {
    "utf-16 without its mark": ("a.csv", "reference,lot\nx,y\n".encode("utf-16-le")),
    "latin-1": ("a.csv", HEADER + "Zoë,homecare,é\n".encode("latin-1")),
    "NUL": ("a.csv", HEADER + b"a\x00b,homecare,x\n"),
    "a field of 200 kB": ("a.csv", HEADER + b"x" * 200_000 + b",homecare,x\n"),
    "a quotation mark that never ends": ("a.csv", HEADER + b'"' + b"x" * 1_000),
    "no header": ("a.csv", b"TCC-1,homecare,community\n"),
    "a header alone": ("a.csv", HEADER),
    "nothing": ("a.csv", b""),
    "NUL in its name": ("a\x00.csv", HEADER),
    "300 letters and right to left": ("\u202e" + "x" * 300 + ".csv", HEADER),
    "a path": ("../../../etc/passwd", HEADER),
    "not what it says": ("a.xlsx", b"reference,lot\n"),
    "a bomb": ("a.xlsx", zipped(xl__workbook=b"x", xl__sheet=b"0" * 220_000_000)),
    "a hundred thousand entries": ("a.xlsx", zipped(**{f"e{n}": b"" for n in range(3_000)})),
    "entities": ("a.xlsx", zipped(**{"xl__workbook.xml": ENTITIES, "[Content_Types].xml": ENTITIES})),
    "a billion laughs": ("a.xlsx", zipped(**{"xl__workbook.xml": LAUGHS, "[Content_Types].xml": LAUGHS})),
    "paths inside": ("a.xlsx", zipped(**{"..__..__evil": b"x", "xl__workbook.xml": b"<x/>"})),
    "a password": ("a.xlsx", encrypted()),
    "an old workbook": ("a.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 600),
    "macros": ("a.xlsm", zipped(**{"xl__workbook.xml": b"<x/>", "xl__vbaProject.bin": b"x"})),
    "a page": ("a.html", b"<script>alert(1)</script>"),
    "deep nesting": ("a.toml", b"x = " + b"[" * 50_000),
    "broken lines": ("a.toml", b"x = \n[[[\n"),
    "a huge number": ("a.toml", b"name = " + b"9" * 20_000),
    "a number beyond all columns": ("a.toml", b'name = "x"\nyardstick_pence = 99999999999999999999999\n'),
    "a day that is none": ("a.toml", b"established_on = 2026-02-30\n"),
    "a key twice": ("a.toml", b'name = "a"\nname = "b"\n'),
}  # fmt: skip


def counts() -> tuple[int, ...]:
    """How much there is of what files make."""
    found = tuple(
        db.session.scalar(select(func.count()).select_from(kind)) or 0 for kind in (Package, Provider, Scheme)
    )
    db.session.rollback()
    return found


def places(world):
    """Where files are taken: role, page, and the fields beside the file; then the API."""
    scheme = world.scheme.id
    return [
        ("broker", "/packages/import", {"scheme": str(scheme)}),
        ("contracts", f"/schemes/{scheme}/providers/import", {}),
        ("contracts", "/cqc", {}),
        ("contracts", "/schemes/import", {}),
        ("broker", "/api/v1/packages/import", {"scheme_id": str(scheme)}),
        ("contracts", f"/api/v1/schemes/{scheme}/providers/import", {}),
        ("contracts", "/api/v1/schemes/import", {}),
    ]


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_words_wherever_files_are_taken(house, world, attacker, kind):
    filename, content = HOSTILE[kind]
    before, began = counts(), time.monotonic()
    for role, path, fields in places(world):
        attacker.sign_out()
        attacker.sign_in(world.users[role])
        headers = {"Idempotency-Key": str(uuid4()), **(attacker.bearer(world.users[role]) if "/api/" in path else {})}
        token = token_in(attacker.get("/").get_data(as_text=True))
        sent = {"csrf_token": token, **fields} if "/api/" not in path else dict(fields)
        sent["file"] = (io.BytesIO(content), filename)
        answer = attacker.post(path, data=sent, headers=headers, content_type="multipart/form-data")
        text = answer.get_data(as_text=True)
        assert answer.status_code in {202, 302, 400, 422}, (path, answer.status_code, text[:500])
        assert "root:" not in text
        assert "<script>alert(1)" not in text
        run_queued()
    tasks = db.session.scalars(select(Task)).all()
    assert all(task.state is TaskState.REFUSED and task.sentence for task in tasks), [
        (task.kind, task.state, task.sentence) for task in tasks
    ]
    assert not [task for task in tasks if "something went wrong" in (task.sentence or "").lower()]
    db.session.rollback()
    assert counts() == before
    assert time.monotonic() - began < 10


GOOD = {
    "a mark of its encoding": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "semicolons": lambda text: text.replace(";", "\x01").replace(",", ";").replace("\x01", ",").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_written_in_another_way_is_understood(house, world, attacker, kind):
    a_team(world.people)
    row = a_row(1, weekly_visits="Mon-Sun 07:30-09:30 45x1", address="ZZ1 Weavers Row")
    content = GOOD[kind](a_file(row).decode())
    attacker.sign_in(world.users["broker"])
    before = counts()
    data = {"scheme": str(world.scheme.id), "csrf_token": token_in(attacker.get("/").get_data(as_text=True))}
    sent = {**data, "file": (io.BytesIO(content), "packages.csv")}
    assert attacker.post("/packages/import", data=sent, content_type="multipart/form-data").status_code == 302
    run_queued()
    task = db.session.scalars(select(Task)).one()
    assert task.state is TaskState.DONE, (task.sentence, task.report)
    db.session.rollback()
    assert counts()[0] == before[0] + 1


def test_a_file_of_more_than_twenty_megabytes_is_refused_with_413(world, attacker):
    attacker.sign_in(world.users["broker"])
    token = token_in(attacker.get("/").get_data(as_text=True))
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + b"x" * 21_000_000
    headers = {"X-CSRFToken": token}
    answer = attacker.post(
        "/packages/import", data=body, headers=headers, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert "too large" in answer.get_data(as_text=True)
