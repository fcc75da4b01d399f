"""Tables of long work, its uploaded files, and the lease that elects one leader."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.database import Json, Model, Owned, Retention, Row, fk, one_of
from app.values.lifecycle import Lifecycle


class TaskState(Lifecycle, refusal="This is over already, so it can no longer be cancelled."):
    """Where a piece of long work stands."""

    QUEUED = "queued", "grey", "It begins in a moment.", "running cancelled"
    RUNNING = "running", "blue", "It is being worked on.", "running done refused failed cancelled"
    DONE = "done", "green", "It is finished."
    REFUSED = "refused", "red", "Nothing was changed; see what is to be corrected."
    FAILED = "failed", "red", "Something went wrong on our side, and nothing was changed."
    CANCELLED = "cancelled", "orange", "It was cancelled, and nothing was changed."


class Task(Owned):
    """One piece of long work. `report` lists what was wrong with a file: line, column and reason, never a cell."""

    __tablename__ = "task"
    __table_args__ = (Index("ix_task_state_created_at", "state", "created_at"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.WORKING

    kind: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[TaskState] = one_of(TaskState, "state", default=TaskState.QUEUED)
    created_by: Mapped[UUID | None] = fk("user_account.id", nullable=True)
    created_by_label: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    params: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    result: Mapped[dict[str, object] | None] = mapped_column(Json)
    report: Mapped[list[dict[str, object]] | None] = mapped_column(Json)
    sentence: Mapped[str | None] = mapped_column(Text())

    @property
    def is_over(self) -> bool:
        return self.state not in {TaskState.QUEUED, TaskState.RUNNING}


class TaskFile(Row):
    """The file a task reads. Its parts are kept 7 days; its hash stays, so that a second import is recognised."""

    __tablename__ = "task_file"
    personal: ClassVar = frozenset({"filename"})
    retention: ClassVar = Retention.WORKING

    task_id: Mapped[UUID] = fk("task.id", unique=True)
    filename: Mapped[str] = mapped_column(String(300))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    forgotten_at: Mapped[datetime | None]


class TaskFilePart(Row):
    """A quarter of a megabyte of a file: no file is ever in memory as a whole."""

    __tablename__ = "task_file_part"
    __table_args__ = (UniqueConstraint("file_id", "number"),)
    personal: ClassVar = frozenset({"content"})
    retention: ClassVar = Retention.WORKING

    file_id: Mapped[UUID] = fk("task_file.id", index=False)
    number: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary())


class ImportedFile(Owned):
    """A file that has been applied. The same bytes cannot be applied twice to the same target."""

    __tablename__ = "imported_file"
    __table_args__ = (UniqueConstraint("authority_id", "kind", "target_id", "sha256"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    kind: Mapped[str] = mapped_column(String(60))
    target_id: Mapped[UUID] = mapped_column(Uuid())
    sha256: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(default=clock.now)
    by_label: Mapped[str] = mapped_column(String(300), default="Homeward")
    task_id: Mapped[UUID | None] = mapped_column(Uuid())
    rows: Mapped[int]


class Lease(Model):
    """Which process leads. Taken and renewed with one conditional update."""

    __tablename__ = "lease"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.WORKING

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    expires_at: Mapped[datetime]
    beat_at: Mapped[datetime]


class DailyRun(Model):
    """The day for which a daily job was last begun and finished, so that it runs once whoever leads."""

    __tablename__ = "daily_run"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.WORKING

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    day: Mapped[date]
    owner: Mapped[str] = mapped_column(String(80))
    finished_at: Mapped[datetime | None]
