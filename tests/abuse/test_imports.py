"""What is done around an import: the password, one at a time, the scanner, stopping it, its report, its room (3e)."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app import clock
from app.database import db, writing
from app.parties.viewer import viewer_of
from app.tasks.jobs import run_queued
from app.tasks.models import Task, TaskState
from marketplace.packages.importing import PACKAGES_FILE
from tests.abuse.files import counts, places, queued
from tests.careful import token_in
from tests.marketplace.packages.makers import a_file, a_row, a_team
from tests.waiting import LONGEST


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
    house.extensions["config"] = replace(config, scan_command=f"{sys.executable} {scanner}", scan_seconds=LONGEST)
    attacker.sign_in(world.users["contracts"])
    try:
        for _, path, _ in places(world)[1:4]:
            attacker.submit(path, {"file": (io.BytesIO(path.encode()), "a.csv")}, content_type="multipart/form-data")
            run_queued()
    finally:
        house.extensions["config"] = config
    tasks = db.session.scalars(select(Task)).all()
    assert sorted(task.kind for task in tasks) == ["cqc:import", "providers:import", "schemes:import"]
    assert all("harmful content" in (task.sentence or "") for task in tasks)


def test_an_import_that_is_cancelled_while_it_is_checked_leaves_nothing(house, scheme, monkeypatch):
    task = queued(scheme, a_file(*(a_row(number) for number in range(1, 1_200))))
    kind, task_id = PACKAGES_FILE.task_kind, task.id

    def cancelled_on_the_way(one, file, progress):
        def progress_and_cancel(done: int, total: int) -> None:
            progress(done, total)
            if done:
                with writing(), db.engine.begin() as connection:
                    stopped = update(Task).where(Task.id == task_id).values(state=TaskState.CANCELLED)
                    connection.execute(stopped)

        return kind.check(one, file, progress_and_cancel)

    monkeypatch.setitem(house.extensions["task_kinds"], kind.name, replace(kind, check=cancelled_on_the_way))
    run_queued()
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
    ("program", "seconds", "state", "sentence"),
    [
        ("import sys; sys.exit(b'EICAR' in sys.stdin.buffer.read())", LONGEST, TaskState.REFUSED, "harmful content"),
        ("import sys; sys.exit(b'another virus' in sys.stdin.buffer.read())", LONGEST, TaskState.DONE, None),
        ("raise SystemExit(2)", LONGEST, TaskState.REFUSED, "could not be scanned"),
        ("import threading; threading.Event().wait()", 1, TaskState.REFUSED, "could not be scanned"),
    ],
)
def test_a_scanner_looks_at_a_file_before_anything_reads_it(house, scheme, tmp_path, program, seconds, state, sentence):
    scanner = tmp_path / "scanner.py"
    scanner.write_text(program)
    config = house.extensions["config"]
    command = f"{sys.executable} {scanner}"
    house.extensions["config"] = replace(config, scan_command=command, scan_seconds=seconds)
    try:
        task = queued(scheme, a_file(a_row(1, pen_picture="Says EICAR when asked.")))
        run_queued()
    finally:
        house.extensions["config"] = config
    assert task.state is state
    assert (sentence or "") in (task.sentence or "")
    assert counts()[0] == (state is TaskState.DONE)
