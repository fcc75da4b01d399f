"""Hostile files: understood or refused in words, by page and by API, for packages, providers, CQC data and schemes (3e)."""

from __future__ import annotations

import gc
import io
import sys
import threading
import time
import zipfile
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import psutil
import pytest
from sqlalchemy import func, select, update

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.files.reading import UnreadableFile, read_rows
from app.parties.viewer import viewer_of
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from marketplace.packages.importing import IMPORT, queue_import
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from marketplace.schemes.work import queue_scheme_file
from marketplace.vetting.work import queue_cqc
from tests.careful import token_in
from tests.marketplace.makers import a_scheme
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
    "values from other files": ("a.xlsx", zipped(**{"xl__workbook.xml": b"<x/>", "xl__externalLinks__externalLink1.xml": b"x"})),
    "a row of a million cells": ("a.xlsx", a_sheet(b"<row>" + b"<c><v>1</v></c>" * 1_000_000 + b"</row>")),
    "a text without an end": ("a.xlsx", a_sheet(b'<row><c t="inlineStr"><is><t>' + b"x" * 9_000_000)),
    "many shared texts": ("a.xlsx", a_sheet(b"<row/>", sharedStrings=b"<sst>" + b"<si><t>ab</t></si>" * 200_000 + b"</sst>")),
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
        ("contracts", "/cqc/import", {}),
        ("contracts", "/schemes/import", {}),
        ("broker", "/api/v1/packages/import", {"scheme_id": str(scheme)}),
        ("contracts", f"/api/v1/schemes/{scheme}/providers/import", {}),
        ("contracts", "/api/v1/schemes/import", {}),
    ]


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_words_wherever_files_are_taken(house, world, attacker, kind):
    filename, content = HOSTILE[kind]
    before, began = counts(), time.process_time()
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
    assert time.process_time() - began < 10


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


def growth_while(work) -> float:
    """By how many megabytes the process grew at most while it worked."""
    process, highest, over = psutil.Process(), [0], threading.Event()
    gc.collect()
    before = process.memory_info().rss

    def look() -> None:
        while not over.wait(0.01):
            highest[0] = max(highest[0], process.memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        work()
    finally:
        over.set()
        watcher.join()
    return (highest[0] - before) / 1_000_000


@pytest.fixture
def scheme(people):
    a_team(people)
    return a_scheme(people)


def queued(scheme, content, by=SYSTEM):
    task = queue_import(scheme, content, "packages.csv", by=by)
    db.session.commit()
    return task


def test_one_bad_row_in_ten_thousand_keeps_all_out_within_ten_seconds_and_fifty_megabytes(scheme):
    rows = [a_row(number) for number in range(1, 10_001)]
    rows[7_776]["urgency"] = "soon"
    task = queued(scheme, a_file(*rows))
    del rows
    # The processor's time, so that a busy machine proves nothing wrong.
    began = time.process_time()
    grown = growth_while(run_queued)
    assert time.process_time() - began < 10
    assert grown < 50
    assert (task.state, [(row["line"], row["column"]) for row in task.report]) == (
        TaskState.REFUSED,
        [(7_778, "urgency")],
    )
    assert task.progress_total == 10_000
    assert counts()[0] == 0


@pytest.mark.parametrize("kind", ["a row of a million cells", "a text without an end", "many shared texts"])
def test_a_workbook_that_is_within_every_size_still_does_not_fill_the_memory(kind):
    content = HOSTILE[kind][1]

    def read() -> None:
        with pytest.raises(UnreadableFile):
            read_rows(content, "a.xlsx", ["reference"])

    assert growth_while(read) < 50


LONG_CQC = (
    b"Location ID,Location Latest Overall Rating,Publication Date\n"
    + b"1-134558905,Good,27/03/2026\n" * 250_000
    + b"what,is,this\n"
)
LONG_SCHEME = b"".join(b"[[lots]]\nname = 7\n" for _ in range(5_000))


@pytest.mark.parametrize("kind", ["cqc", "scheme"])
def test_a_long_file_of_another_kind_does_not_fill_the_memory(world, kind):
    viewer = viewer_of(world.users["contracts"])
    if kind == "cqc":
        task = queue_cqc(viewer.authority_id, LONG_CQC, "a.csv", by=viewer.actor)
    else:
        task = queue_scheme_file(viewer, LONG_SCHEME, "a.toml", by=viewer.actor)
    db.session.commit()
    assert growth_while(run_queued) < 50
    assert task.state is TaskState.REFUSED


@pytest.mark.parametrize("place", range(4))
def test_every_page_that_takes_files_asks_for_the_password_again_before_and_after_the_file_is_chosen(
    world, attacker, place
):
    role, path, fields = places(world)[place]
    attacker.sign_in(world.users[role])
    token = token_in(attacker.get("/").get_data(as_text=True))
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert attacker.get(path).status_code == 403
        sent = {**fields, "csrf_token": token, "file": (io.BytesIO(b"x"), "a.csv")}
        answer = attacker.post(path, data=sent, content_type="multipart/form-data")
        assert answer.status_code == 403
        assert "Your password" in answer.text
    assert not db.session.scalars(select(Task)).all()


def test_an_authority_imports_one_file_at_a_time_whatever_is_in_it(world, attacker):
    queued(world.scheme, a_file(a_row(1)))
    for role, path, fields in places(world):
        attacker.sign_out()
        attacker.sign_in(world.users[role])
        headers = {"Idempotency-Key": str(uuid4()), **(attacker.bearer(world.users[role]) if "/api/" in path else {})}
        token = token_in(attacker.get("/").get_data(as_text=True))
        sent = {**fields, "file": (io.BytesIO(b"another"), "a.csv")} | (
            {} if "/api/" in path else {"csrf_token": token}
        )
        answer = attacker.post(path, data=sent, headers=headers, content_type="multipart/form-data")
        assert (answer.status_code, "Another import is not finished" in answer.text) == (409, True), path


def test_a_scanner_looks_at_files_of_every_kind(house, world, attacker, tmp_path):
    scanner = tmp_path / "scanner.py"
    scanner.write_text("raise SystemExit(1)")
    config = house.extensions["config"]
    house.extensions["config"] = replace(config, scan_command=f"{sys.executable} {scanner}", scan_seconds=5)
    attacker.sign_in(world.users["contracts"])
    try:
        for _, path, _ in places(world)[1:4]:
            attacker.submit(path, {"file": (io.BytesIO(path.encode()), "a.csv")}, content_type="multipart/form-data")
            run_queued()
    finally:
        house.extensions["config"] = config
    tasks = db.session.scalars(select(Task)).all()
    assert [task.kind for task in tasks] == ["providers:import", "cqc:import", "schemes:import"]
    assert all("harmful content" in (task.sentence or "") for task in tasks)


def test_an_import_that_is_cancelled_while_it_is_checked_leaves_nothing(house, scheme):
    task = queued(scheme, a_file(*(a_row(number) for number in range(1, 1_200))))
    check, task_id = IMPORT.check, task.id

    def cancelled_on_the_way(one, file, progress):
        def progress_and_cancel(done: int, total: int) -> None:
            progress(done, total)
            if done:
                with db.engine.begin() as connection:
                    stopped = update(Task).where(Task.id == task_id).values(state=TaskState.CANCELLED)
                    connection.execute(stopped)

        return check(one, file, progress_and_cancel)

    house.add_task_kind(replace(IMPORT, check=cancelled_on_the_way))
    try:
        run_queued()
    finally:
        house.add_task_kind(IMPORT)
    db.session.rollback()
    assert db.session.get_one(Task, task_id).state is TaskState.CANCELLED
    assert counts()[0] == 0


def test_whoever_uploaded_can_cancel_and_nobody_else_sees_the_work(world, attacker):
    a_team(world.people)
    task = queued(world.scheme, a_file(a_row(1, urgency="soon")), by=viewer_of(world.users["broker"]).actor)
    page = f"/tasks/{task.id}"
    for user, status in (
        ("contracts", 404),
        ("stranger", 404),
        ("coordinator", 404),
        ("broker2", 200),
        ("broker", 200),
    ):
        attacker.sign_out()
        attacker.sign_in(world.users[user])
        assert attacker.get(page).status_code == status, user
    attacker.submit(page, {}, to=f"{page}/cancel")
    run_queued()
    assert db.session.get_one(Task, task.id, populate_existing=True).state is TaskState.CANCELLED
    assert attacker.submit("/", {}, to=f"{page}/cancel").status_code == 409


def test_every_row_to_correct_is_listed_page_by_page_and_can_be_taken_along(world, attacker):
    a_team(world.people)
    rows = [a_row(number, urgency="soon") for number in range(1, 251)]
    task = queued(world.scheme, a_file(*rows), by=viewer_of(world.users["broker"]).actor)
    run_queued()
    attacker.sign_in(world.users["broker"])
    pages = [attacker.get(f"/tasks/{task.id}?page={number}").get_data(as_text=True) for number in (1, 2, 3)]
    assert [page.count("Use one of:") for page in pages] == [100, 100, 50]
    assert "250 rows to correct" in pages[0]
    taken = attacker.get(f"/tasks/{task.id}/report.csv").get_data(as_text=True)
    assert len(taken.splitlines()) == 251


def test_a_file_that_is_already_in_is_told_with_day_and_person_and_leads_to_what_came_of_it(world, attacker):
    a_team(world.people)
    content = a_file(a_row(1, weekly_visits="Mon-Sun 07:30-09:30 45x1"))
    task = queued(world.scheme, content, by=viewer_of(world.users["broker"]).actor)
    run_queued()
    attacker.sign_in(world.users["broker"])
    sent = {"scheme": str(world.scheme.id), "file": (io.BytesIO(content), "again.csv")}
    answer = attacker.submit("/packages/import", sent, content_type="multipart/form-data")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "already imported on" in text
    assert "by Broker, Testshire County Council" in text
    assert f"/tasks/{task.id}" in text


def test_an_organisation_that_has_used_its_room_is_refused_with_413_and_others_are_not(house, world, attacker):
    a_team(world.people)
    config = house.extensions["config"]
    house.extensions["config"] = replace(config, file_quota_mb=0)
    try:
        attacker.sign_in(world.users["broker"])
        sent = {"scheme": str(world.scheme.id), "file": (io.BytesIO(a_file(a_row(1))), "a.csv")}
        answer = attacker.submit("/packages/import", sent, content_type="multipart/form-data")
    finally:
        house.extensions["config"] = config
    assert answer.status_code == 413
    assert "used up the 0 MB" in answer.get_data(as_text=True)
    assert not db.session.scalars(select(Task)).all()


@pytest.mark.parametrize(
    ("program", "state", "sentence"),
    [
        ("import sys; sys.exit(b'EICAR' in sys.stdin.buffer.read())", TaskState.REFUSED, "harmful content"),
        ("import sys; sys.exit(b'another virus' in sys.stdin.buffer.read())", TaskState.DONE, None),
        ("raise SystemExit(2)", TaskState.REFUSED, "could not be scanned"),
        ("import threading; threading.Event().wait()", TaskState.REFUSED, "could not be scanned"),
    ],
)
def test_a_scanner_looks_at_a_file_before_anything_reads_it(house, scheme, tmp_path, program, state, sentence):
    scanner = tmp_path / "scanner.py"
    scanner.write_text(program)
    config = house.extensions["config"]
    command = f"{sys.executable} {scanner}"
    house.extensions["config"] = replace(config, scan_command=command, scan_seconds=1)
    try:
        task = queued(scheme, a_file(a_row(1, pen_picture="Says EICAR when asked.")))
        run_queued()
    finally:
        house.extensions["config"] = config
    assert task.state is state
    assert (sentence or "") in (task.sentence or "")
    assert counts()[0] == (state is TaskState.DONE)
