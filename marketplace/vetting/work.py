"""Loading providers, and CQC data, as work that a person waits for: queued with its file, checked, then applied at once."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.audit import Actor
from app.database import db
from app.files.source import Source
from app.imports.kinds import FileKind, checking, target_of
from app.tasks import Task
from app.tasks.storing import filename_of
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_values import CqcFile
from marketplace.schemes.models import Scheme
from marketplace.vetting.cqc_services import take_in
from marketplace.vetting.import_rules import PROVIDERS
from marketplace.vetting.importing import KIND, ProviderIntake, import_providers


def queue_import(scheme: Scheme, source: Source, filename: str, *, by: Actor) -> Task:
    """Queues a file of providers for a scheme. Raises Conflict when it was loaded before or another import runs."""
    owner = scheme.authority_id
    return PROVIDERS_FILE.queue("Load providers", source, filename, authority_id=owner, target_id=scheme.id, by=by)


def _apply(task: Task, providers: ProviderIntake, by: Actor) -> dict[str, object]:
    done = import_providers(providers.scheme, providers.plan, by=by, task=task)
    return {**done.as_json(), "url": "/applications"}


def _scheme(task: Task) -> Scheme:
    query = select(Scheme).where(Scheme.id == target_of(task))
    return db.session.scalars(query.options(selectinload(Scheme.lots))).one()


def queue_cqc(authority_id: UUID, source: Source, filename: str, *, by: Actor) -> Task:
    """Queues CQC data. Raises Conflict while another import runs.

    The same file may come again: it has the ratings of providers that were registered since.
    """
    owner = authority_id
    return CQC_FILE.queue("Take in CQC data", source, filename, authority_id=owner, target_id=owner, by=by)


def _apply_cqc(task: Task, file: CqcFile, by: Actor) -> dict[str, object]:
    run = take_in(file, filename_of(task.id), authority_id=task.authority_id, by=by)
    result: dict[str, object] = {"run": run.state.sentence, "seen": run.seen, "changed": run.changed}
    return result | {"fell": run.fallen, "gone": run.vanished, "url": f"/cqc/{run.id}"}


PROVIDERS_FILE = FileKind(
    name=KIND,
    check=checking(
        PROVIDERS,
        lambda task, upload: ProviderIntake(_scheme(task), upload),
        lambda _bad: "Nothing was loaded. Correct the rows named below and load the file again.",
    ),
    apply=_apply,
)
CQC_FILE = FileKind(
    name="cqc:import",
    check=lambda _task, upload: read_cqc(upload.content, upload.filename),
    apply=_apply_cqc,
    again=True,
)
