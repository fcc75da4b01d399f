"""Queuing a file: one at a time for each authority, the same bytes once for each target, within the room there is."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, Invalid
from app.files.source import Source, size_of
from app.tasks.models import ImportedFile, Task, TaskState
from app.tasks.storing import digest_of, refuse_beyond_quota

MOST_BYTES = 20_000_000


class AlreadyImported(Conflict):
    """The same bytes were applied before; `task_id` is the work that did it."""

    def __init__(self, sentence: str, task_id: UUID | None) -> None:
        super().__init__(sentence)
        self.task_id = task_id


def refuse_upload(kind: str, source: Source, *, authority_id: UUID, target_id: UUID, again: bool) -> None:
    """Raises Invalid, NoRoom, AlreadyImported, or Conflict while another runs; else this upload is alone until the end.

    With `again` the same bytes may come again: the file says how things are, and they may have changed since.
    """
    if not size_of(source):
        raise Invalid({"file": "The file is empty. Choose another file."})
    if size_of(source) > MOST_BYTES:
        raise Invalid({"file": f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it into smaller files."})
    _wait_for_others(authority_id)
    refuse_beyond_quota(authority_id, source)
    if not again:
        refuse_imported(authority_id, kind, target_id, digest_of(source))
    if running := _unfinished(authority_id):
        raise Conflict(f"Another import is not finished: {running.title}. Wait until it is, then upload this file.")


def _wait_for_others(authority_id: UUID) -> None:
    """The authority's row is the turnstile: two uploads at the same instant pass it one after the other."""
    organisation = db.metadata.tables["organisation"]
    db.session.execute(select(organisation.c.id).where(organisation.c.id == authority_id).with_for_update())


def refuse_imported(authority_id: UUID, kind: str, target_id: UUID, sha256: str) -> None:
    """Raises AlreadyImported when the same bytes were imported into the same target."""
    before = _imported_before(authority_id, kind, target_id, sha256)
    if before is not None:
        raise AlreadyImported(_already_sentence(before), before.task_id)


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


def _imported_before(authority_id: UUID, kind: str, target_id: UUID, sha256: str) -> ImportedFile | None:
    query = select(ImportedFile).where(
        ImportedFile.authority_id == authority_id,
        ImportedFile.kind == kind,
        ImportedFile.target_id == target_id,
        ImportedFile.sha256 == sha256,
    )
    return db.session.scalars(query).one_or_none()


def _already_sentence(before: ImportedFile) -> str:
    day = before.imported_at.astimezone(clock.LONDON)
    return (
        f"This file was already imported on {day:%-d %B %Y} by {before.by_label}: {before.rows} "
        f"{'row' if before.rows == 1 else 'rows'}. "
        "Nothing was loaded again."
    )


def _unfinished(authority_id: UUID) -> Task | None:
    query = select(Task).where(
        Task.authority_id == authority_id,
        Task.kind.endswith(":import"),
        Task.state.in_([TaskState.QUEUED, TaskState.RUNNING]),
    )
    return db.session.scalars(query.limit(1)).one_or_none()
