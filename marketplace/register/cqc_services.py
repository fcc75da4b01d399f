"""What CQC data means for members: who falls below a scheme's gate is offered nothing new, and keeps its care."""

from __future__ import annotations

from uuid import UUID

from app.audit import Actor
from app.files.source import Source
from app.imports.kinds import FileKind
from app.tasks import Task
from app.tasks.storing import filename_of
from marketplace.membership.suspensions import hold_members_to_gate
from marketplace.providers import cqc_services as register
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_values import CqcFile
from marketplace.providers.models import CqcImport, CqcImportState


def import_cqc(data: bytes, filename: str, *, authority_id: UUID, by: Actor) -> CqcImport:
    """Reads a CQC file and takes it in. Raises UnreadableFile with a sentence; then nothing has changed."""
    return take_in(read_cqc(data, filename), filename, authority_id=authority_id, by=by)


def take_in(file: CqcFile, filename: str, *, authority_id: UUID, by: Actor) -> CqcImport:
    """Takes in what a CQC file says, or holds it; members that fall below the gate get no new offers."""
    run = register.take_in(file, filename, authority_id=authority_id, by=by)
    if run.state is CqcImportState.APPLIED:
        hold_members_to_gate(_locations(run))
    return run


def release_run(run: CqcImport, *, by: Actor) -> None:
    """Applies a held run, with the same consequences; raises Conflict when it is no longer held."""
    register.release_run(run, by=by)
    hold_members_to_gate(_locations(run))


def _locations(run: CqcImport) -> list[str]:
    return [str(row["location_id"]) for row in run.rows]


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


CQC_FILE = FileKind(
    name="cqc:import",
    check=lambda _task, upload: read_cqc(upload.content, upload.filename),
    apply=_apply_cqc,
    again=True,
)
