"""Loading providers as work that a person waits for: queued with its file, checked, then applied at once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.audit import Actor, ActorKind
from app.database import db
from app.errors import Refusal
from app.files.reading import UnreadableFile
from app.parties.models import User
from app.parties.viewer import viewer_of
from app.tasks import Progress, Task, TaskFile, TaskKind
from app.tasks.kinds import Refused
from app.tasks.services import queue
from marketplace.schemes.models import Scheme
from marketplace.vetting.import_rules import BadRow
from marketplace.vetting.importing import ImportPlan, check_providers, import_providers

KIND = "providers:import"
NOTHING_LOADED = "Nothing was loaded. Correct the rows named below and load the file again."


def queue_import(scheme: Scheme, data: bytes, filename: str, *, by: Actor) -> Task:
    """Queues a file of providers for a scheme."""
    return queue(
        KIND,
        "Load providers",
        authority_id=scheme.authority_id,
        by=by,
        content=data,
        filename=filename,
        scheme_id=str(scheme.id),
    )


def report_of(bad_rows: tuple[BadRow, ...]) -> list[dict[str, object]]:
    """The bad rows as a task keeps and a page shows them."""
    return [{"line": bad.line, "column": bad.column, "reason": bad.reason} for bad in bad_rows]


def _check(task: Task, content: bytes, progress: Progress) -> ImportPlan:
    name = db.session.scalars(select(TaskFile.filename).where(TaskFile.task_id == task.id)).one_or_none()
    progress(0, 1)
    try:
        plan = check_providers(_scheme(task), content, name or "")
    except (UnreadableFile, Refusal) as problem:
        raise Refused(problem.sentence) from problem
    if plan.bad_rows:
        raise Refused(NOTHING_LOADED, report_of(plan.bad_rows))
    progress(len(plan.rows), len(plan.rows))
    return plan


def _apply(task: Task, plan: ImportPlan) -> dict[str, object]:
    try:
        done = import_providers(_scheme(task), plan, by=_actor(task))
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
