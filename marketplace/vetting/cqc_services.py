"""What CQC data means for members: who falls below a scheme's gate is offered nothing new, and keeps its care."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import clock
from app.audit import SYSTEM, Actor
from app.calendar.working_days import england
from app.database import db
from app.files.source import Source
from app.imports.kinds import FileKind
from app.tasks import Task
from app.tasks.storing import filename_of
from marketplace.providers import cqc_services as register
from marketplace.providers.cqc_files import read_cqc
from marketplace.providers.cqc_values import CqcFile
from marketplace.providers.models import CqcImport, CqcImportState, Provider
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import policy_on
from marketplace.vetting.gate import gate
from marketplace.vetting.membership_rules import MEMBER_STATES
from marketplace.vetting.models import Membership, Suspension
from marketplace.vetting.queries import overrides_on, suspensions_on
from marketplace.vetting.rules import GateResult
from marketplace.vetting.suspension_services import SuspensionDraft, suspend

REVIEW_AFTER_WORKING_DAYS = 5
LASTS_DAYS = 365
"""A gate suspension is looked at within 5 working days and ends by itself after a year."""


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


def hold_members_to_gate(location_ids: Sequence[str]) -> list[Suspension]:
    """Suspends new offers to every member among these locations that is below its scheme's gate now.

    A member whose offers are suspended everywhere already is left as it is, and so is one whose gate is overridden.
    """
    members = _members_at(location_ids)
    schemes = {scheme.id: scheme for scheme in _schemes({scheme_id for scheme_id, _ in members})}
    made: list[Suspension] = []
    for scheme_id, scheme in schemes.items():
        providers = [provider for of_scheme, provider in members if of_scheme == scheme_id]
        made += _suspend_below_gate(scheme, providers)
    return made


def _suspend_below_gate(scheme: Scheme, providers: Sequence[Provider]) -> list[Suspension]:
    today, ids = clock.today(), [provider.id for provider in providers]
    policy = policy_on(scheme.id, today)
    everywhere = {
        one.provider_id for one in suspensions_on(scheme.id, today, ids) if one.lot_id is None and one.zone_id is None
    }
    spared = everywhere | overrides_on(scheme.id, today, ids).keys()
    answers = [
        (provider, gate(provider.cqc_rating, policy.min_cqc_rating, policy.unrated_policy)) for provider in providers
    ]
    return [
        suspend(scheme, provider, _draft(answer.reason), by=SYSTEM)
        for provider, answer in answers
        if answer.result is GateResult.REFUSE and provider.id not in spared
    ]


def _draft(reason: str) -> SuspensionDraft:
    today = clock.today()
    review_on = england().working_days_after(today, REVIEW_AFTER_WORKING_DAYS)
    told = f"{reason} New offers stop until a contract manager has looked at it; care goes on."
    return SuspensionDraft(told, today, review_on, today + timedelta(days=LASTS_DAYS), by_gate=True)


def _locations(run: CqcImport) -> list[str]:
    return [str(row["location_id"]) for row in run.rows]


def _members_at(location_ids: Sequence[str]) -> list[tuple[UUID, Provider]]:
    query = (
        select(Membership.scheme_id, Provider)
        .join(Provider, Provider.id == Membership.provider_id)
        .where(Provider.cqc_location_id.in_(location_ids), Membership.state.in_(MEMBER_STATES))
        .distinct()
        .order_by(Provider.id)
    )
    return [(scheme_id, provider) for scheme_id, provider in db.session.execute(query)]


def _schemes(ids: Iterable[UUID]) -> Sequence[Scheme]:
    query = select(Scheme).where(Scheme.id.in_(list(ids))).options(selectinload(Scheme.lots)).order_by(Scheme.id)
    return db.session.scalars(query).all()


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
