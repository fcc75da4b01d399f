"""The one way in which states change: all of a set or none, recorded, and true in memory as in the database."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.audit.moves import move, set_state, set_state_where
from app.database import db
from app.errors import Conflict
from app.tasks.models import Task, TaskState


@pytest.fixture
def tasks(people):
    made = [
        Task(authority_id=people.council.id, kind="test", title=f"Task {number}", created_by_label="Tests")
        for number in range(3)
    ]
    db.session.add_all(made)
    db.session.flush()
    return made


def states() -> list[TaskState]:
    return list(db.session.scalars(select(Task.state).order_by(Task.title)))


def test_a_set_moves_with_its_values_and_is_recorded_one_by_one(tasks):
    now = clock.now()
    move(tasks, TaskState.CANCELLED, "task:cancelled", by=SYSTEM, values={"finished_at": now}, kind="test")
    assert [(task.state, task.finished_at) for task in tasks] == [(TaskState.CANCELLED, now)] * 3
    assert states() == [TaskState.CANCELLED] * 3
    entries = select(func.count(AuditEntry.id)).where(AuditEntry.tag == "task:cancelled")
    assert db.session.scalar(entries) == 3


def test_one_that_cannot_go_there_stops_the_whole_set(tasks):
    set_state(tasks[1:2], TaskState.CANCELLED)
    with pytest.raises(Conflict, match="over already"):
        move(tasks, TaskState.CANCELLED, "task:cancelled", by=SYSTEM, kind="test")
    assert tasks[0].state is TaskState.QUEUED


def test_what_the_database_works_out_is_read_back(tasks):
    set_state(tasks, TaskState.RUNNING, values={"progress_done": Task.progress_done + 2})
    assert {task.progress_done for task in tasks} == {2}
    assert not db.session.dirty


def test_starts_narrow_what_the_lifecycle_allows(tasks):
    with pytest.raises(Conflict):
        set_state(tasks, TaskState.CANCELLED, starts={TaskState.RUNNING})


def test_who_loses_a_race_reads_so_and_sees_where_the_thing_stands(tasks):
    first = tasks[0]
    done = update(Task).where(Task.id == first.id).values(state=TaskState.DONE)
    db.session.execute(done.execution_options(synchronize_session=False))
    with pytest.raises(Conflict, match="Somebody was faster"):
        set_state([first], TaskState.CANCELLED, meanwhile="Somebody was faster.")
    with pytest.raises(Conflict, match="over already"):
        set_state([first], TaskState.CANCELLED)
    assert first.state is TaskState.DONE


def test_a_condition_that_does_not_hold_is_told_in_its_own_words_where_the_state_is_not_the_reason(tasks):
    as_seen = (Task.progress_done == 7, "Somebody went on with it.")
    with pytest.raises(Conflict, match="Somebody went on with it"):
        set_state(tasks, TaskState.RUNNING, only_if=as_seen)
    set_state(tasks, TaskState.CANCELLED)
    with pytest.raises(Conflict, match="over already"):
        set_state(tasks, TaskState.CANCELLED, only_if=as_seen)


def test_a_condition_moves_whatever_may_go_and_says_which(tasks):
    set_state(tasks[:1], TaskState.CANCELLED)
    moved = set_state_where(Task, Task.kind == "test", to=TaskState.RUNNING)
    assert set(moved) == {task.id for task in tasks[1:]}
    assert states() == [TaskState.CANCELLED, TaskState.RUNNING, TaskState.RUNNING]


def test_nothing_is_asked_of_an_empty_set():
    set_state([], TaskState.RUNNING)
