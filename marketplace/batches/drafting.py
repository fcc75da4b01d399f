"""Making draft batches out of waiting packages: by proposal, or by hand."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import selectinload

from app import clock
from app.audit import Actor, record
from app.database import db, new_id
from app.errors import Conflict, Invalid
from app.values.reference import new_reference
from marketplace.batches.changes import enter, leave, move_batch
from marketplace.batches.models import Batch, BatchProposal, LeftOutPackage
from marketplace.batches.rules import LeftOut, Proposal, propose
from marketplace.batches.settling import settle_finished
from marketplace.batches.states import BatchState
from marketplace.batches.waiting import batchable, lifted, limits_of, waiting_packages
from marketplace.packages.models import Package
from marketplace.packages.rules import Source
from marketplace.schemes.models import Lot, Scheme
from marketplace.schemes.queries import policy_on

REPLACED = "Batches were proposed anew."
MOST_PACKAGES = 10_000
TITLE_LENGTH = 200
FEW_SECTORS = 3


def propose_batches(scheme: Scheme, lot: Lot | None, sources: Iterable[Source], by: Actor) -> list[Batch]:
    """Gathers the waiting packages of a scheme (or of one lot) into draft batches; earlier drafts are replaced.

    Which packages were left out, and why, stands in the newest `BatchProposal`. Raises Invalid without a source,
    Conflict when more than 10,000 packages wait or somebody else takes one of them at the same moment.
    """
    wanted = sorted({Source(source) for source in sources})
    if not wanted:
        raise Invalid({"sources": "Choose at least one source."})
    proposal = _noted(scheme, lot, wanted, by)
    _discard_drafts(scheme, lot, by)
    settle_finished(scheme, by=by)
    waiting = _waiting(scheme, lot)
    reasons = lifted(scheme)
    limits = limits_of(policy_on(scheme.id, clock.today()), wanted)
    asked = [batchable(one, scheme.name, reasons.get(one.id, "")) for one in waiting.values()]
    found = propose(asked, limits)
    batches = [_drafted(scheme, one, waiting, proposal, by) for one in found.batches]
    _note_left_out(proposal, found.left_out, waiting)
    kept = sum(len(one.packages) for one in found.batches)
    left = len(found.left_out)
    record("batch:proposed", proposal, by=by, batches=len(batches), packages=kept, left_out=left, sources=wanted)
    return batches


def new_batch(
    scheme: Scheme, lot: Lot, *, title: str, why: Sequence[str], by: Actor, proposal: BatchProposal | None = None
) -> Batch:
    """An empty draft batch, not yet recorded: its packages come next."""
    batch = Batch(
        id=new_id(),
        authority_id=scheme.authority_id,
        reference=new_reference("BAT", secrets.randbits(25)),
        scheme=scheme,
        lot=lot,
        proposal_id=proposal.id if proposal else None,
        title=title[:TITLE_LENGTH],
        why=list(why),
        created_by_label=by.label,
    )
    db.session.add(batch)
    db.session.flush()
    return batch


def title_of(lot: Lot, packages: Sequence[Package]) -> str:
    """What a batch is called: its lot, and its sectors where these are few, else its districts."""
    sectors, outcodes = sorted({one.sector for one in packages}), sorted({one.outcode for one in packages})
    return f"{lot.name.capitalize()} in {', '.join(sectors if len(sectors) <= FEW_SECTORS else outcodes)}"


def discard_draft(batch: Batch, *, by: Actor, because: str) -> None:
    """Releases every package of a draft or sealed batch and closes it."""
    move_batch(batch, BatchState.DISCARDED, discarded_because=because)
    packages = batch.packages
    leave(batch, packages, because=because, by=by)
    record("batch:discarded", batch, by=by, reason=because, packages=len(packages))


def _noted(scheme: Scheme, lot: Lot | None, sources: Sequence[Source], by: Actor) -> BatchProposal:
    proposal = BatchProposal(
        id=new_id(),
        authority_id=scheme.authority_id,
        scheme=scheme,
        lot=lot,
        sources=[source.value for source in sources],
        proposed_by_label=by.label,
    )
    db.session.add(proposal)
    db.session.flush()
    return proposal


def _discard_drafts(scheme: Scheme, lot: Lot | None, by: Actor) -> None:
    query = select(Batch).where(
        Batch.authority_id == scheme.authority_id, Batch.scheme_id == scheme.id, Batch.state == BatchState.DRAFT
    )
    if lot is not None:
        query = query.where(Batch.lot_id == lot.id)
    for batch in db.session.scalars(query.options(selectinload(Batch.members))).all():
        discard_draft(batch, by=by, because=REPLACED)


def _waiting(scheme: Scheme, lot: Lot | None) -> dict[str, Package]:
    found = db.session.scalars(waiting_packages(scheme, lot).limit(MOST_PACKAGES + 1)).all()
    if len(found) > MOST_PACKAGES:
        raise Conflict(f"More than {MOST_PACKAGES:,} packages are waiting. Propose for one lot at a time.")
    return {package.reference: package for package in found}


def _drafted(
    scheme: Scheme, one: Proposal, waiting: Mapping[str, Package], proposal: BatchProposal, by: Actor
) -> Batch:
    packages = [waiting[reference] for reference in one.packages]
    lot = packages[0].lot
    batch = new_batch(scheme, lot, title=title_of(lot, packages), why=[one.reason], by=by, proposal=proposal)
    enter(batch, packages, by=by)
    record("batch:drafted", batch, by=by, packages=len(packages), title=batch.title)
    return batch


def _note_left_out(proposal: BatchProposal, left_out: Sequence[LeftOut], waiting: Mapping[str, Package]) -> None:
    rows = [
        {
            "id": new_id(),
            "authority_id": proposal.authority_id,
            "proposal_id": proposal.id,
            "package_id": waiting[one.reference].id,
            "reason": one.reason,
        }
        for one in left_out
    ]
    if rows:
        db.session.execute(insert(LeftOutPackage), rows)
