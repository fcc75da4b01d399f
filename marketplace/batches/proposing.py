"""Proposing batches: long work, worked out without a lock and then written at once, with a fixed number of statements.

Drafts that nobody has changed since they were proposed are replaced, once somebody who saw their names has said so;
sealed batches and drafts changed by hand stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, cast
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import lazyload, load_only

from app import clock
from app.audit import Actor, record, record_told
from app.audit.moves import set_state
from app.audit.services import RowSubject
from app.database import db, new_id
from app.database.bulk import insert_rows
from app.database.many import FreeReferences, among
from app.errors import Conflict, Invalid, Refusal
from app.tasks.kinds import Progress, Refused, TaskKind
from app.tasks.models import Task
from app.tasks.services import actor_of, queue
from app.values.words import counted
from marketplace.batches.gathering import Proposals, propose
from marketplace.batches.models import Batch, BatchPackage, BatchProposal, LeftOutPackage
from marketplace.batches.moves import LIVE, TITLE_LENGTH, settle_finished
from marketplace.batches.queries import (
    batchable_rows,
    drafts_to_replace,
    in_batches_of,
    lifted,
    limits_of,
    standing_in,
    waiting_packages,
)
from marketplace.batches.rules import BatchState, title_of
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Source
from marketplace.packages.services import move, move_told
from marketplace.schemes.models import Lot, Scheme
from marketplace.schemes.queries import first_start, policy_on
from marketplace.vocabulary import Window

KIND = "batches.propose"
REPLACED = "Batches were proposed anew."
OVERTAKEN = (
    "While batches were worked out, somebody changed a draft or took a package. Nothing was done; propose again."
)
MOST_PACKAGES = 10_000
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What proposing would do: which drafts go, by id with the version that was seen, and what is gathered."""

    scheme_id: UUID
    lot_id: UUID | None
    sources: tuple[str, ...]
    replaced: Mapping[UUID, int]
    package_ids: Mapping[str, UUID]
    proposals: Proposals


def queue_proposal(
    scheme: Scheme, lot: Lot | None, sources: Iterable[Source], replacing: Collection[str], *, by: Actor
) -> Task:
    """Queues the work for a scheme or one of its lots.

    Raises Invalid without a source, and Conflict naming the drafts that would be replaced and are not in `replacing`.
    """
    chosen = _chosen(sources)
    _to_replace(scheme, lot, replacing)
    return queue(
        KIND,
        f"Batches of {scheme.name}: {lot.name if lot else 'all lots'}"[:200],
        authority_id=scheme.authority_id,
        by=by,
        scheme_id=str(scheme.id),
        lot_id=str(lot.id) if lot else None,
        sources=list(chosen),
        replace=sorted(replacing),
    )


def propose_batches(
    scheme: Scheme, lot: Lot | None, sources: Iterable[Source], by: Actor, replacing: Collection[str] | None = None
) -> list[Batch]:
    """Gathers the waiting packages of a scheme (or of one lot) into drafts at once, in the transaction of the caller.

    `replacing` names the drafts that may be replaced; None all that were proposed and not changed since. Raises Invalid
    without a source, Conflict when more than 10,000 packages wait or somebody takes one of them at the same moment.
    """
    proposal = write_plan(plan_of(scheme, lot, sources, replacing), by)
    made = db.session.scalars(select(Batch).where(Batch.proposal_id == proposal.id)).unique()
    return sorted(made, key=lambda batch: min(package.reference for package in batch.packages))


def plan_of(
    scheme: Scheme,
    lot: Lot | None,
    sources: Iterable[Source],
    replacing: Collection[str] | None,
    progress: Progress = lambda _done, _total: None,
) -> BatchPlan:
    """Works out what proposing would do now; nothing is written."""
    chosen, drafts, reasons = _chosen(sources), _to_replace(scheme, lot, replacing), lifted(scheme)
    gone = [draft.id for draft in drafts]
    packages = [waiting_packages(scheme, lot), standing_in(gone)] if gone else [waiting_packages(scheme, lot)]
    waiting = {key: value for query in packages for key, value in batchable_rows(query, scheme, reasons).items()}
    if len(waiting) > MOST_PACKAGES:
        raise Conflict(f"More than {MOST_PACKAGES:,} packages are waiting. Propose for one lot at a time.")
    policy = policy_on(scheme.id, clock.today())
    limits = limits_of(policy, chosen, first_start(policy, Window.BATCH, clock.now()))
    batched = batchable_rows(in_batches_of(scheme, gone), scheme, {}).values()
    proposals = propose(waiting.values(), limits, batched, progress)
    ids = {package.reference: package_id for package_id, package in waiting.items()}
    seen = {draft.id: draft.version for draft in drafts}
    return BatchPlan(scheme.id, lot.id if lot else None, chosen, seen, ids, proposals)


def write_plan(plan: BatchPlan, by: Actor) -> BatchProposal:
    """Writes what was worked out. Raises Conflict, and writes nothing, when it does not hold any more."""
    scheme = db.session.get_one(Scheme, plan.scheme_id)
    proposal = BatchProposal(
        id=new_id(),
        authority_id=scheme.authority_id,
        proposed_by_label=by.label,
        scheme_id=plan.scheme_id,
        lot_id=plan.lot_id,
        sources=list(plan.sources),
    )
    db.session.add(proposal)
    settle_finished(scheme, by=by)
    _discard_replaced(plan.replaced, by)
    _draft(plan, proposal, scheme, by)
    known = {"authority_id": proposal.authority_id, "proposal_id": proposal.id}
    left = plan.proposals.left_out.items()
    insert_rows(LeftOutPackage, [{**known, "package_id": plan.package_ids[name], "reason": why} for name, why in left])
    figures: dict[str, Any] = _figures(plan)
    record("batch:proposed", proposal, by=by, **figures, sources=list(plan.sources))
    return proposal


def _figures(plan: BatchPlan) -> dict[str, int]:
    batches = plan.proposals.batches
    inside = sum(len(proposed.packages) for proposed in batches)
    return {"batches": len(batches), "packages": inside, "left_out": len(plan.proposals.left_out)}


def _chosen(sources: Iterable[Source]) -> tuple[str, ...]:
    chosen = tuple(sorted({Source(source).value for source in sources}))
    if not chosen:
        raise Invalid({"sources": "Choose at least one source."})
    return chosen


def _to_replace(scheme: Scheme, lot: Lot | None, replacing: Collection[str] | None) -> Sequence[Batch]:
    """The drafts that go. Raises Conflict naming those of which nobody has said that they may."""
    drafts = drafts_to_replace(scheme, lot)
    unsaid = [draft.reference for draft in drafts if replacing is not None and draft.reference not in replacing]
    if unsaid:
        named = ", ".join(unsaid[:MOST_NAMED]) + (
            f" and {len(unsaid) - MOST_NAMED} more" if unsaid[MOST_NAMED:] else ""
        )
        raise Conflict(
            f"Proposing again replaces {counted(len(unsaid), 'draft')} that nobody has changed since: {named}. "
            "Nothing is replaced until you say so."
        )
    return drafts


def _discard_replaced(replaced: Mapping[UUID, int], by: Actor) -> None:
    """Gives the replaced drafts up, all in a few statements; their packages are ready again."""
    if not replaced:
        return
    batches = (
        db.session.scalars(select(Batch).where(among(Batch.id, replaced), Batch.edited_at.is_(None))).unique().all()
    )
    if {batch.id: batch.version for batch in batches} != replaced:
        raise Conflict(OVERTAKEN)
    values = {"version": Batch.version + 1, "discarded_because": REPLACED}
    set_state(batches, BatchState.DISCARDED, values=values, starts={BatchState.DRAFT})
    packages = _loaded(standing_in(replaced))
    inside = dict(_counts(replaced))
    only = frozenset({PackageStatus.IN_BATCH})
    move(packages, PackageStatus.READY, "package:unbatched", by=by, because=REPLACED, starts=only)
    ends = {"removed_at": clock.now(), "removed_because": REPLACED}
    places = update(BatchPackage).where(among(BatchPackage.batch_id, replaced), *LIVE)
    db.session.execute(places.values(**ends).execution_options(synchronize_session=False))
    told = [(batch, {"packages": inside.get(batch.id, 0)}) for batch in batches]
    for batch in batches:
        db.session.expire(batch, ["members"])
    record_told("batch:discarded", told, by=by, reason=REPLACED)


def _counts(batch_ids: Collection[UUID]) -> Iterable[tuple[UUID, int]]:
    query = select(BatchPackage.batch_id, func.count()).where(among(BatchPackage.batch_id, batch_ids), *LIVE)
    return ((row[0], row[1]) for row in db.session.execute(query.group_by(BatchPackage.batch_id)))


def _draft(plan: BatchPlan, proposal: BatchProposal, scheme: Scheme, by: Actor) -> None:
    """The drafts with their packages, whatever their number in a few statements."""
    batches, lots = plan.proposals.batches, {lot.name: lot.id for lot in scheme.lots}
    references = FreeReferences("BAT", Batch.reference).take(len(batches))
    owned = {"authority_id": proposal.authority_id, "scheme_id": scheme.id, "proposal_id": proposal.id}
    made: list[dict[str, Any]] = []
    for proposed, reference in zip(batches, references, strict=True):
        lot = proposed.packages[0].lot
        title, why = title_of(lot, proposed.packages)[:TITLE_LENGTH], [proposed.reason]
        row = {"id": new_id(), "reference": reference, "lot_id": lots[lot], "title": title, "why": why}
        made.append({**owned, **row, "created_by_label": by.label})
    insert_rows(Batch, made)
    _put_in(plan, made, by)
    told = [
        (RowSubject(row["id"], "batch", proposal.authority_id), {"packages": len(each.packages), "title": row["title"]})
        for row, each in zip(made, batches, strict=True)
    ]
    record_told("batch:drafted", told, by=by)


def _put_in(plan: BatchPlan, made: Sequence[Mapping[str, Any]], by: Actor) -> None:
    inside = {
        plan.package_ids[reference]: (row, position)
        for row, proposed in zip(made, plan.proposals.batches, strict=True)
        for position, reference in enumerate(proposed.references, start=1)
    }
    packages = _loaded(select(Package).where(among(Package.id, inside)))
    batched = [(package, {"batch": inside[package.id][0]["reference"]}) for package in packages]
    move_told(batched, PackageStatus.IN_BATCH, "package:batched", by=by)
    rows = [
        {"authority_id": row["authority_id"], "batch_id": row["id"], "package_id": package_id, "position": position}
        for package_id, (row, position) in inside.items()
    ]
    insert_rows(BatchPackage, rows)


def _loaded(query: Select[Package]) -> Sequence[Package]:
    """The packages with no more than what a move of theirs takes."""
    moved = load_only(Package.authority_id, Package.reference, Package.status)
    return db.session.scalars(query.options(moved, lazyload(Package.lot)).order_by(Package.id)).all()


# ------------------------------------------------------------------------------------------------ as work in the queue


def _check(task: Task, _file: IO[bytes], progress: Progress) -> BatchPlan:
    scheme = db.session.get_one(Scheme, UUID(str(task.params["scheme_id"])))
    lot = db.session.get_one(Lot, UUID(str(task.params["lot_id"]))) if task.params["lot_id"] else None
    sources, replacing = (cast("list[str]", task.params[name]) for name in ("sources", "replace"))
    try:
        return plan_of(scheme, lot, map(Source, sources), replacing, progress)
    except Refusal as refusal:
        raise Refused(refusal.sentence) from refusal


def _apply(task: Task, plan: BatchPlan) -> dict[str, object]:
    try:
        proposal = write_plan(plan, actor_of(task))
    except Refusal as refusal:
        raise Refused(refusal.sentence) from refusal
    except IntegrityError as lost:
        raise Refused(OVERTAKEN) from lost
    counts, url = _figures(plan), f"/batches/drafts/{plan.scheme_id}"
    return {**counts, "figures": list(counts), "proposal_id": str(proposal.id), "url": url, "go_on": "See the drafts"}


PROPOSAL = TaskKind(KIND, _check, _apply)
