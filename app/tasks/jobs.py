"""Running queued work: one task at a time, claimed with a lease, applied in one transaction."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import or_, select, update

from app import clock
from app.database import db, locked, reading_only, writing
from app.tasks.kinds import Cancelled, Progress, Refused, TaskKind
from app.tasks.models import Task, TaskState
from app.tasks.scanning import refuse_infected
from app.tasks.storing import forget, kept_since_before, opened

LEASE = timedelta(minutes=10)
KEEP_FILES = timedelta(days=7)

log = logging.getLogger(__name__)


def run_queued() -> int:
    """Runs every queued task, oldest first; the number run."""
    count = 0
    while task_id := _claim():
        _run(task_id)
        count += 1
    return count


def forget_old_files() -> int:
    """Deletes the content of files older than 7 days; their hashes stay."""
    waiting = kept_since_before(clock.now() - KEEP_FILES)
    for file_id in waiting:
        forget(file_id)
        db.session.commit()
    return len(waiting)


def _claim() -> UUID | None:
    now = clock.now()
    waiting = or_(Task.state == TaskState.QUEUED, (Task.state == TaskState.RUNNING) & (Task.lease_until < now))
    query = select(Task).where(waiting).order_by(Task.created_at, Task.id).limit(1)
    task = db.session.scalars(locked(query, skip=True)).one_or_none()
    if task is None:
        db.session.rollback()
        return None
    task.state, task.lease_until, task.started_at = TaskState.RUNNING, now + LEASE, now
    task_id: UUID = task.id
    db.session.commit()
    return task_id


def _run(task_id: UUID) -> None:
    try:
        _check_and_apply(task_id)
    except Cancelled:
        db.session.rollback()
    except Refused as refusal:
        _finish(task_id, TaskState.REFUSED, refusal.sentence, refusal.report)
    except Exception:
        log.exception("task failed", extra={"task": str(task_id)})
        _finish(task_id, TaskState.FAILED, "Something went wrong on our side. Nothing was changed; try again.", [])


def _check_and_apply(task_id: UUID) -> None:
    kinds: dict[str, TaskKind] = current_app.extensions["task_kinds"]
    with reading_only():
        task = db.session.get_one(Task, task_id)
        kind = kinds[task.kind]
        with opened(task_id) as file:
            refuse_infected(file)
            plan = kind.check(task, file, _progress_of(task_id))
        db.session.rollback()
    task = _still_wanted(task_id)
    task.result = kind.apply(task, plan)
    task.state, task.finished_at = TaskState.DONE, clock.now()
    task.progress_done = task.progress_total
    db.session.commit()


def _still_wanted(task_id: UUID) -> Task:
    """The task, locked until it is done, so that from here on it can no longer be cancelled; raises Cancelled."""
    task: Task = db.session.scalars(locked(select(Task).where(Task.id == task_id))).one()
    if task.state is not TaskState.RUNNING:
        raise Cancelled
    return task


def _progress_of(task_id: UUID) -> Progress:
    """A function that writes progress with a connection of its own, while the check holds no write lock.

    It raises Cancelled when somebody has cancelled the work.
    """

    def progress(done: int, total: int) -> None:
        values = {"progress_done": done, "progress_total": total, "lease_until": clock.now() + LEASE}
        running = (Task.id == task_id) & (Task.state == TaskState.RUNNING)
        with writing(), db.engine.begin() as connection:
            if not connection.execute(update(Task).where(running).values(**values)).rowcount:
                raise Cancelled

    return progress


def _finish(task_id: UUID, state: TaskState, sentence: str, report: list[dict[str, object]]) -> None:
    db.session.rollback()
    with suppress(Cancelled):
        task = _still_wanted(task_id)
        task.state, task.sentence, task.report, task.finished_at = state, sentence, report, clock.now()
    db.session.commit()
