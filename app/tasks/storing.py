"""Uploaded files in the database: written and read piece by piece, counted against what an organisation may store."""

from __future__ import annotations

import logging
import shlex
import subprocess
import tempfile
from datetime import datetime
from hashlib import sha256
from typing import IO
from uuid import UUID

from flask import current_app
from sqlalchemy import delete, func, insert, select, update

from app import clock
from app.database import db, new_id
from app.errors import Refusal
from app.files.source import Source, parts_of, size_of
from app.tasks.kinds import Refused
from app.tasks.models import Task, TaskFile, TaskFilePart


class NoRoom(Refusal):
    """413: the organisation has stored as much as it may."""

    status = 413
    title = "There is no room for this file"


def digest_of(source: Source) -> str:
    digest = sha256()
    for part in parts_of(source):
        digest.update(part)
    return digest.hexdigest()


def refuse_beyond_quota(authority_id: UUID, source: Source) -> None:
    """Raises NoRoom when this file is more than the organisation may still store."""
    megabytes: int = current_app.extensions["config"].file_quota_mb
    query = select(func.coalesce(func.sum(TaskFile.size), 0)).join(Task, Task.id == TaskFile.task_id)
    stored = db.session.scalar(query.where(Task.authority_id == authority_id, TaskFile.forgotten_at.is_(None))) or 0
    if stored + size_of(source) > megabytes * 1_000_000:
        raise NoRoom(
            f"Your organisation has used up the {megabytes} MB that it may store. Uploaded files are deleted after "
            "7 days; wait until then, or ask whoever runs Homeward for more room."
        )


def store(task: Task, source: Source, filename: str) -> TaskFile:
    """Puts the file of a task into the current transaction, a piece at a time."""
    file = TaskFile(task_id=task.id, filename=filename[:300], size=size_of(source), sha256=digest_of(source))
    db.session.add(file)
    db.session.flush()
    for number, part in enumerate(parts_of(source)):
        values = {"id": new_id(), "file_id": file.id, "number": number, "content": part}
        db.session.execute(insert(TaskFilePart), [values])
    return file


def opened(task_id: UUID) -> IO[bytes]:
    """The file of a task at its beginning; empty when there is none or it was forgotten."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    query = select(TaskFilePart.content).join(TaskFile, TaskFile.id == TaskFilePart.file_id)
    number = 0
    while part := db.session.scalar(query.where(TaskFile.task_id == task_id, TaskFilePart.number == number)):
        stream.write(part)
        number += 1
    stream.seek(0)
    return stream


def filename_of(task_id: UUID) -> str:
    """What the file of a task was called; empty when there is none."""
    return db.session.scalar(select(TaskFile.filename).where(TaskFile.task_id == task_id)) or ""


def kept_since_before(day: datetime) -> list[UUID]:
    """The files that were queued before a day and still have their content."""
    old = select(TaskFile.id).join(Task, Task.id == TaskFile.task_id).where(Task.created_at < day)
    return list(db.session.scalars(old.where(TaskFile.forgotten_at.is_(None))))


def forget(file_id: UUID) -> None:
    """Deletes the content of one file; its hash stays."""
    db.session.execute(delete(TaskFilePart).where(TaskFilePart.file_id == file_id))
    db.session.execute(update(TaskFile).where(TaskFile.id == file_id).values(forgotten_at=clock.now()))


INFECTED = 1
log = logging.getLogger(__name__)


def refuse_infected(file: IO[bytes]) -> None:
    """Gives the file to SCAN_COMMAND on its standard input; raises Refused unless the command ends with 0.

    Without a command nothing is scanned. A scanner that fails or does not end in time is no reason to let a file in.
    """
    config = current_app.extensions["config"]
    if not config.scan_command:
        return
    code = _answer(shlex.split(config.scan_command), file, config.scan_seconds)
    if code == INFECTED:
        raise Refused("The scanner found harmful content in this file, so nothing of it was read. Tell your IT team.")
    if code != 0:
        log.error("the scanner did not answer", extra={"code": code})
        raise Refused("The file could not be scanned, so nothing of it was read. Try again later.")


def _answer(command: list[str], file: IO[bytes], seconds: int) -> int | None:
    """How the command ended; None when it did not."""
    file.seek(0)
    try:
        done = subprocess.run(  # noqa: S603 (the command is a setting of whoever runs Homeward)
            command, stdin=file, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    finally:
        file.seek(0)
    return done.returncode
