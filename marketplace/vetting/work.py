"""Loading providers as work that a person waits for: queued with its file, checked, then applied at once."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.audit import Actor, ActorKind
from app.database import db
from app.errors import Refusal
from app.files.reading import UnreadableFile
from app.files.source import Source
from app.parties.models import User
from app.parties.viewer import viewer_of
from app.tasks import Progress, Task, TaskFile, TaskKind
from app.tasks.imports import queue_file
from app.tasks.kinds import Refused
from marketplace.schemes.models import Scheme
from marketplace.vetting.import_rules import BadRow
from marketplace.vetting.importing import FILE_KIND, ImportPlan, check_providers, import_providers

KIND = FILE_KIND
NOTHING_LOADED = "Nothing was loaded. Correct the rows named below and load the file again."


def queue_import(scheme: Scheme, source: Source, filename: str, *, by: Actor) -> Task:
    """Queues a file of providers for a scheme. Raises Conflict when it was loaded before or another import runs."""
    owner, target = scheme.authority_id, scheme.id
    return queue_file(
        KIND, "Load providers", source, filename, authority_id=owner, target_id=target, by=by, scheme_id=str(scheme.id)
    )


def report_of(bad_rows: tuple[BadRow, ...]) -> list[dict[str, object]]:
    """The bad rows as a task keeps and a page shows them."""
    return [{"line": bad.line, "column": bad.column, "reason": bad.reason} for bad in bad_rows]


def _check(task: Task, file: IO[bytes], progress: Progress) -> ImportPlan:
    name = db.session.scalars(select(TaskFile.filename).where(TaskFile.task_id == task.id)).one_or_none()
    progress(0, 1)
    try:
        plan = check_providers(_scheme(task), file, name or "")
    except (UnreadableFile, Refusal) as problem:
        raise Refused(problem.sentence) from problem
    if plan.bad_rows:
        raise Refused(NOTHING_LOADED, report_of(plan.bad_rows))
    progress(len(plan.rows), len(plan.rows))
    return plan


def _apply(task: Task, plan: ImportPlan) -> dict[str, object]:
    try:
        done = import_providers(_scheme(task), plan, by=_actor(task), task_id=task.id)
    except Refusal as refusal:
        raise Refused(refusal.sentence) from refusal
    return {**done.as_json(), "url": "/applications"}


def _scheme(task: Task) -> Scheme:
    query = select(Scheme).where(Scheme.id == UUID(str(task.params["scheme_id"])))
    return db.session.scalars(query.options(selectinload(Scheme.lots))).one()


def _actor(task: Task) -> Actor:
    user = db.session.get(User, task.created_by) if task.created_by else None
    return viewer_of(user).actor if user else Actor(ActorKind.COMMAND, None, task.created_by_label)


LOAD_PROVIDERS = TaskKind(KIND, _check, _apply)
