"""Long work: checked first, applied at once, all or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import clock
from app.audit import SYSTEM
from app.database import db, writing
from app.parties.models import Team
from app.tasks import TaskFile, TaskKind, TaskState, jobs
from app.tasks.jobs import forget_old_files, run_queued
from app.tasks.kinds import Refused
from app.tasks.models import Task, TaskFilePart
from app.tasks.services import queue
from tests.waiting import wait_until


@pytest.fixture
def teams(house, monkeypatch):
    """A kind of work that makes a team for each line of a file, refuses `bad` and breaks on `broken`."""

    def check(task, file, progress):
        lines = file.read().decode().split()
        for done, line in enumerate(lines, start=1):
            progress(done, len(lines))
            if line == "bad":
                raise Refused("One line is bad.", [{"line": done, "column": "name", "reason": "It is bad."}])
        return lines

    def apply(task, lines):
        for line in lines:
            db.session.add(Team(organisation_id=task.authority_id, name=line))
            db.session.flush()
            if line == "broken":
                raise RuntimeError("a fault of ours")
        return {"teams": len(lines)}

    monkeypatch.setitem(house.extensions["task_kinds"], "teams", TaskKind("teams", check, apply))


def work(people, content):
    """A queued task, committed."""
    task = queue("teams", "Making teams", authority_id=people.council.id, by=SYSTEM, content=content)
    db.session.commit()
    return task


def team_names():
    return set(db.session.scalars(select(Team.name)))


def test_good_work_is_applied_whole(session, people, teams):
    task = work(people, b"one two")
    assert run_queued() == 1
    assert (task.state, task.result, task.progress_done) == (TaskState.DONE, {"teams": 2}, 2)
    assert team_names() == {"one", "two"}


def test_a_bad_line_is_named_and_nothing_is_applied(session, people, teams):
    task = work(people, b"one bad two")
    run_queued()
    assert (task.state, task.sentence) == (TaskState.REFUSED, "One line is bad.")
    assert task.report == [{"line": 2, "column": "name", "reason": "It is bad."}]
    assert team_names() == set()


@pytest.mark.filterwarnings("ignore")
def test_a_fault_of_ours_applies_nothing_and_says_so_plainly(session, people, teams):
    task = work(people, b"one broken")
    run_queued()
    assert task.state is TaskState.FAILED
    assert "Nothing was changed" in task.sentence
    assert team_names() == set()


def test_work_whose_process_died_is_taken_up_again_after_its_lease(session, people, teams):
    task = work(people, b"one")
    task.state, task.lease_until = TaskState.RUNNING, clock.now() + timedelta(minutes=10)
    db.session.commit()
    assert run_queued() == 0
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert run_queued() == 1
    assert task.state is TaskState.DONE


def lease_of(task_id):
    """When the lease runs out, as every other process sees it."""
    with db.engine.connect() as other:
        return other.execute(select(Task.lease_until).where(Task.id == task_id)).scalar_one()


def test_a_living_process_renews_its_lease_while_it_works(house, session, people, monkeypatch):
    seen = []

    def check(task, file, progress):
        first = lease_of(task.id)
        wait_until(lambda: lease_of(task.id) != first, "The lease is not renewed.")
        seen.append((first, lease_of(task.id)))

    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.01)
    monkeypatch.setitem(house.extensions["task_kinds"], "teams", TaskKind("teams", check, lambda task, plan: {}))
    work(people, b"one")
    assert run_queued() == 1
    assert seen[0][0] < seen[0][1]


def test_what_a_process_still_does_after_another_took_its_work_up_comes_to_nothing(house, session, people, monkeypatch):
    def check(task, file, progress):
        with writing(), db.engine.begin() as other:
            later = clock.now() + timedelta(minutes=1)
            other.execute(update(Task).where(Task.id == task.id).values(started_at=later, lease_until=later))

    def apply(task, plan):
        db.session.add(Team(organisation_id=task.authority_id, name="made twice"))

    monkeypatch.setitem(house.extensions["task_kinds"], "teams", TaskKind("teams", check, apply))
    task = work(people, b"one")
    assert run_queued() == 1
    assert (team_names(), task.state) == (set(), TaskState.RUNNING)


def test_files_are_forgotten_after_seven_days_and_their_hashes_stay(session, people, teams):
    work(people, b"one")
    with clock.moved_to(clock.now() + timedelta(days=8)):
        assert forget_old_files() == 1
    kept = db.session.scalars(select(TaskFile)).one()
    assert kept.forgotten_at
    assert not db.session.scalars(select(TaskFilePart)).all()
    assert len(kept.sha256) == 64
