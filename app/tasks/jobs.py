"""Running queued work: one task at a time, claimed with a lease, applied in one transaction.

While it works, the process renews its lease every few seconds. One that has died is thus noticed within a minute, and
whoever takes the work up has a claim of its own: what the first one still does comes to nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, Engine, and_, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.database import db, locked, reading_only, writing
from app.tasks.kinds import Cancelled, Progress, Refused, TaskKind
from app.tasks.models import Task, TaskState
from app.tasks.storing import forget, kept_since_before, opened, refuse_infected

LEASE = timedelta(seconds=45)
BEAT_SECONDS = 10
KEEP_FILES = timedelta(days=7)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """Which task a process works on, and since when: another claim of the same task began at another instant."""

    task_id: UUID
    since: datetime

    def holds(self) -> ColumnElement[bool]:
        """The condition that the task is still this process's."""
        return and_(Task.id == self.task_id, Task.state == TaskState.RUNNING, Task.started_at == self.since)


def run_queued() -> int:
    """Runs every queued task, oldest first; the number run."""
    count = 0
    while claim := _claim():
        _run(claim)
        count += 1
    return count


def forget_old_files() -> int:
    """Deletes the content of files older than 7 days; their hashes stay."""
    waiting = kept_since_before(clock.now() - KEEP_FILES)
    for file_id in waiting:
        forget(file_id)
        db.session.commit()
    return len(waiting)


def _claim() -> Claim | None:
    now = clock.now()
    waiting = or_(Task.state == TaskState.QUEUED, (Task.state == TaskState.RUNNING) & (Task.lease_until < now))
    query = select(Task).where(waiting).order_by(Task.created_at, Task.id).limit(1)
    task = db.session.scalars(locked(query, skip=True)).one_or_none()
    if task is None:
        db.session.rollback()
        return None
    task.state, task.lease_until, task.started_at = TaskState.RUNNING, now + LEASE, clock.machine_time()
    claim = Claim(task.id, task.started_at)
    db.session.commit()
    return claim


def _run(claim: Claim) -> None:
    try:
        with _lease_renewed(claim, db.engine):
            _check_and_apply(claim)
    except Cancelled:
        db.session.rollback()
    except Refused as refusal:
        _finish(claim, TaskState.REFUSED, refusal.sentence, refusal.report)
    except Exception:
        log.exception("task failed", extra={"task": str(claim.task_id)})
        _finish(claim, TaskState.FAILED, "Something went wrong on our side. Nothing was changed; try again.", [])


@contextmanager
def _lease_renewed(claim: Claim, engine: Engine) -> Iterator[None]:
    """Inside, a thread says every few seconds that this process is alive."""
    over = Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            # The applying transaction may hold the row; then nobody else can take it either.
            with suppress(SQLAlchemyError), engine.begin() as connection:
                connection.execute(update(Task).where(claim.holds()).values(lease_until=clock.now() + LEASE))

    thread = Thread(target=beat, name="lease of a task", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _check_and_apply(claim: Claim) -> None:
    kinds: dict[str, TaskKind] = current_app.extensions["task_kinds"]
    with reading_only():
        task = db.session.get_one(Task, claim.task_id)
        kind = kinds[task.kind]
        with opened(claim.task_id) as file:
            refuse_infected(file)
            plan = kind.check(task, file, _progress_of(claim))
        db.session.rollback()
    task = _still_ours(claim)
    task.result = kind.apply(task, plan)
    task.state, task.finished_at = TaskState.DONE, clock.now()
    task.progress_done = task.progress_total
    db.session.commit()


def _still_ours(claim: Claim) -> Task:
    """The task, locked until it is done, so that from here on it can no longer be cancelled; raises Cancelled."""
    task: Task | None = db.session.scalars(locked(select(Task).where(claim.holds()))).one_or_none()
    if task is None:
        raise Cancelled
    return task


def _progress_of(claim: Claim) -> Progress:
    """A function that writes progress with a connection of its own, while the check holds no write lock.

    It raises Cancelled when somebody has cancelled the work, or has taken it up.
    """

    def progress(done: int, total: int) -> None:
        values = {"progress_done": done, "progress_total": total, "lease_until": clock.now() + LEASE}
        with writing(), db.engine.begin() as connection:
            if not connection.execute(update(Task).where(claim.holds()).values(**values)).rowcount:
                raise Cancelled

    return progress


def _finish(claim: Claim, state: TaskState, sentence: str, report: list[dict[str, object]]) -> None:
    db.session.rollback()
    with suppress(Cancelled):
        task = _still_ours(claim)
        task.state, task.sentence, task.report, task.finished_at = state, sentence, report, clock.now()
    db.session.commit()
