"""Queuing long work."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from app import audit
from app.audit import Actor
from app.database import db
from app.tasks.models import Task, TaskFile

audit.declare("task:queued", "Work was queued", council=("kind",))


def queue(
    kind: str,
    title: str,
    *,
    authority_id: UUID,
    by: Actor,
    content: bytes = b"",
    filename: str = "",
    **params: object,
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
    db.session.add(
        TaskFile(task_id=task.id, filename=filename[:300], content=content, sha256=sha256(content).hexdigest())
    )
    audit.record("task:queued", task, by=by, kind=kind)
    return task
