"""Hostile files: understood or refused in words, by page and by API, for packages, providers, CQC data and schemes."""

from __future__ import annotations

import gc
import io
import threading
from uuid import uuid4

import psutil
import pytest
from sqlalchemy import select

from app.database import db
from app.files.reading import read_rows
from app.files.source import UnreadableFile
from app.parties.viewer import viewer_of
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from marketplace.register.services import CQC_FILE
from marketplace.schemes.importing import SCHEME_FILE
from tests.abuse.files import HOSTILE, counts, places, queued
from tests.careful import token_in
from tests.marketplace.packages.makers import a_file, a_row, a_team


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_in_words_wherever_files_are_taken(house, world, attacker, kind):
    filename, make = HOSTILE[kind]
    content = make()
    before = counts()
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


def test_one_bad_row_in_ten_thousand_keeps_all_out_within_fifty_megabytes(scheme):
    rows = [a_row(number) for number in range(1, 10_001)]
    rows[7_776]["urgency"] = "soon"
    task = queued(scheme, a_file(*rows))
    del rows
    assert growth_while(run_queued) < 50
    assert (task.state, [(row["line"], row["column"]) for row in task.report]) == (
        TaskState.REFUSED,
        [(7_778, "urgency")],
    )
    assert task.progress_total == 10_000
    assert counts()[0] == 0


@pytest.mark.parametrize("kind", ["a row of a million cells", "a text without an end", "many shared texts"])
def test_a_workbook_that_is_within_every_size_still_does_not_fill_the_memory(kind):
    content = HOSTILE[kind][1]()

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
    owner = {"authority_id": viewer.authority_id, "target_id": viewer.authority_id}
    if kind == "cqc":
        task = CQC_FILE.queue("Take in CQC data", LONG_CQC, "a.csv", **owner, by=viewer.actor)
    else:
        task = SCHEME_FILE.queue("Set up a scheme", LONG_SCHEME, "a.toml", **owner, by=viewer.actor)
    db.session.commit()
    assert growth_while(run_queued) < 50
    assert task.state is TaskState.REFUSED
