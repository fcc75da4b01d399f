"""Loading providers, and CQC data, as work that a person waits for: queued with its file, checked, then applied at once."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.audit import Actor
from app.database import db
from app.errors import Refusal
from app.files.reading import UnreadableFile
from app.files.source import Source
from app.tasks import Progress, Task, TaskKind
from app.tasks.imports import queue_file
from app.tasks.kinds import Refused
from app.tasks.services import actor_of
from app.tasks.storing import filename_of
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_values import CqcFile
from marketplace.providers.words import CQC_IMPORT_SENTENCES
from marketplace.schemes.models import Scheme
from marketplace.vetting.cqc_services import take_in
from marketplace.vetting.import_rules import BadRow
from marketplace.vetting.importing import FILE_KIND, ImportPlan, check_providers, import_providers

KIND = FILE_KIND
CQC = "cqc:import"
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
    progress(0, 1)
    try:
        plan = check_providers(_scheme(task), file, filename_of(task.id))
    except (UnreadableFile, Refusal) as problem:
        raise Refused(problem.sentence) from problem
    if plan.bad_rows:
        raise Refused(NOTHING_LOADED, report_of(plan.bad_rows))
    progress(len(plan.rows), len(plan.rows))
    return plan


def _apply(task: Task, plan: ImportPlan) -> dict[str, object]:
    try:
        done = import_providers(_scheme(task), plan, by=actor_of(task), task_id=task.id)
    except Refusal as refusal:
        raise Refused(refusal.sentence) from refusal
    return {**done.as_json(), "url": "/applications"}


def _scheme(task: Task) -> Scheme:
    query = select(Scheme).where(Scheme.id == UUID(str(task.params["scheme_id"])))
    return db.session.scalars(query.options(selectinload(Scheme.lots))).one()


def queue_cqc(authority_id: UUID, source: Source, filename: str, *, by: Actor) -> Task:
    """Queues CQC data. Raises Conflict while another import runs.

    The same file may come again: it has the ratings of providers that were registered since.
    """
    owner = authority_id
    return queue_file(CQC, "Take in CQC data", source, filename, authority_id=owner, target_id=owner, by=by, again=True)


def _check_cqc(task: Task, file: IO[bytes], progress: Progress) -> CqcFile:
    progress(0, 1)
    try:
        found = read_cqc(file, filename_of(task.id))
    except UnreadableFile as problem:
        raise Refused(problem.sentence) from problem
    progress(1, 1)
    return found


def _apply_cqc(task: Task, found: CqcFile) -> dict[str, object]:
    run = take_in(found, filename_of(task.id), authority_id=task.authority_id, by=actor_of(task))
    result: dict[str, object] = {"run": CQC_IMPORT_SENTENCES[run.state], "seen": run.seen, "changed": run.changed}
    return result | {"fell": run.fallen, "gone": run.vanished, "url": f"/cqc/{run.id}"}


LOAD_PROVIDERS = TaskKind(KIND, _check, _apply)
TAKE_IN_CQC = TaskKind(CQC, _check_cqc, _apply_cqc)
