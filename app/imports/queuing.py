"""Queuing a file: one at a time for each authority, the same bytes once for each target, within the room there is."""

from __future__ import annotations

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, Invalid
from app.files.source import Source, size_of
from app.tasks.models import ImportedFile, Task, TaskState
from app.tasks.storing import refuse_beyond_quota
from app.values.spelling import as_read
from app.values.words import counted

MOST_BYTES = 20_000_000


class AlreadyImported(Conflict):
    """The same bytes were applied before; `task_id` is the work that did it."""

    def __init__(self, sentence: str, task_id: UUID | None) -> None:
        super().__init__(sentence)
        self.task_id = task_id


def digest_of_sheet(sha256: str, sheet: str) -> str:
    """By what a file is known again: its digest; of a sheet that somebody named, that of both, for a book has several."""
    return hashlib.sha256(f"{sha256} {as_read(sheet)}".encode()).hexdigest() if sheet else sha256


def refuse_upload(kind: str, source: Source, *, authority_id: UUID, target_id: UUID, before: str | None) -> None:
    """Raises Invalid, NoRoom, AlreadyImported, or Conflict while another runs; else this upload is alone until the end.

    Without `before`, by which it would be known again, the same bytes may come again: the file says how things are, and
    they may have changed since.
    """
    if not size_of(source):
        raise Invalid({"file": "The file is empty. Choose another file."})
    if size_of(source) > MOST_BYTES:
        raise Invalid({"file": f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it into smaller files."})
    # The authority's row is the turnstile: two uploads at the same instant pass it one after the other.
    organisation = db.metadata.tables["organisation"]
    db.session.execute(select(organisation.c.id).where(organisation.c.id == authority_id).with_for_update())
    refuse_beyond_quota(authority_id, source)
    if before:
        refuse_imported(authority_id, kind, target_id, before)
    imports = select(Task).where(Task.authority_id == authority_id, Task.kind.endswith(":import"))
    unfinished = imports.where(Task.state.in_([TaskState.QUEUED, TaskState.RUNNING]))
    if running := db.session.scalars(unfinished.limit(1)).first():
        raise Conflict(f"Another import is not finished: {running.title}. Wait until it is, then upload this file.")


def refuse_imported(authority_id: UUID, kind: str, target_id: UUID, sha256: str) -> None:
    """Raises AlreadyImported when the same bytes were imported into the same target."""
    query = select(ImportedFile).filter_by(authority_id=authority_id, kind=kind, target_id=target_id, sha256=sha256)
    if before := db.session.scalars(query).one_or_none():
        day, rows = before.imported_at.astimezone(clock.LONDON), counted(before.rows, "row")
        sentence = f"This file was already imported on {day:%-d %B %Y} by {before.by_label}: {rows}."
        raise AlreadyImported(f"{sentence} Nothing was loaded again.", before.task_id)


def note_imported(
    authority_id: UUID, kind: str, target_id: UUID, sha256: str, rows: int, *, by: Actor, task: Task | None
) -> None:
    """Notes the file, so that the same bytes cannot be applied twice; raises AlreadyImported when somebody was faster."""
    made = {"rows": rows, "by_label": by.label, "task_id": task.id if task else None}
    try:
        with db.session.begin_nested():
            db.session.add(
                ImportedFile(authority_id=authority_id, kind=kind, target_id=target_id, sha256=sha256, **made)
            )
    except IntegrityError as lost:
        refuse_imported(authority_id, kind, target_id, sha256)
        raise AlreadyImported("This very file was loaded before. Nothing was changed.", None) from lost
