"""Queuing long work, and cancelling it."""

from __future__ import annotations

from uuid import UUID

from app import audit, clock
from app.audit import Actor
from app.audit.moves import move
from app.database import db
from app.files.source import Source
from app.tasks.models import Task, TaskState
from app.tasks.storing import store


def queue(
    kind: str, title: str, *, authority_id: UUID, by: Actor, content: Source = b"", filename: str = "", **params: object
) -> Task:
    """Writes a task, with the file it reads, into the current transaction."""
    task = Task(
        authority_id=authority_id,
        kind=kind,
        title=title,
        created_by=by.id if by.kind is audit.ActorKind.USER else None,
        created_by_label=by.label,
        params=params,
    )
    db.session.add(task)
    db.session.flush()
    store(task, content, filename)
    audit.record("task:queued", task, by=by, kind=kind)
    return task


def actor_of(task: Task) -> Actor:
    kind = audit.ActorKind.USER if task.created_by else audit.ActorKind.COMMAND
    return Actor(kind, task.created_by, task.created_by_label, task.authority_id)


def cancel(task: Task, *, by: Actor) -> None:
    """Stops work that has changed nothing yet; raises Conflict when it is over."""
    move([task], TaskState.CANCELLED, "task:cancelled", by=by, values={"finished_at": clock.now()}, kind=task.kind)
