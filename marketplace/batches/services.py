"""Commands on batches: proposing them, editing one by hand, sealing it. What follows an offer is in `moves`."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import selectinload

from app import clock
from app.audit import Actor, record
from app.database import db, new_id
from app.errors import Conflict, Invalid, reason_given
from app.values.reference import new_reference
from marketplace.batches.models import Batch, BatchPackage, BatchProposal, LeftOutPackage
from marketplace.batches.moves import end_places, enter, leave, move_batch, place, settle_finished, take_draft
from marketplace.batches.queries import batchable, lifted, limits_of, limits_today, packages_in, waiting_packages
from marketplace.batches.rules import (
    BatchState,
    ProposedBatch,
    measured,
    propose,
    reasons_against_adding,
    reasons_against_starts,
)
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Source
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
    chosen = sorted({Source(source) for source in sources})
    if not chosen:
        raise Invalid({"sources": "Choose at least one source."})
    proposal = _new_proposal(scheme, lot, chosen, by)
    _discard_drafts(scheme, lot, by)
    settle_finished(scheme, by=by)
    waiting, reasons = _waiting(scheme, lot), lifted(scheme)
    limits = limits_of(policy_on(scheme.id, clock.today()), chosen)
    candidates = [batchable(package, scheme.name, reasons.get(package.id, "")) for package in waiting.values()]
    proposals = propose(candidates, limits)
    batches = [_drafted(proposal, proposed, waiting, by) for proposed in proposals.batches]
    _note_left_out(proposal, proposals.left_out, waiting)
    kept, left = sum(len(proposed.packages) for proposed in proposals.batches), len(proposals.left_out)
    record("batch:proposed", proposal, by=by, batches=len(batches), packages=kept, left_out=left, sources=chosen)
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


def add_package(batch: Batch, package: Package, *, by: Actor, expected_version: int | None = None) -> None:
    """Adds a waiting package to a draft. Raises Invalid at `reference` when the rule keeps it out, Conflict when late.

    A package that was lifted out of batches before may be batched again from now on.
    """
    take_draft(batch, expected_version)
    if reasons := _reasons_against(batch, package):
        raise Invalid({"reference": " ".join(reasons)})
    earlier = BatchPackage.package_id == package.id, BatchPackage.lifted.is_(True)
    db.session.execute(update(BatchPackage).where(*earlier).values(lifted=False))
    enter(batch, [package], by=by)
    record("batch:package_added", batch, by=by, package=package.reference)


def lift_package(
    batch: Batch, package: Package, because: str, by: Actor, *, expected_version: int | None = None
) -> None:
    """Takes a package out for the person's own preference; it is not proposed for batches again until added by hand."""
    reason = reason_given(because)
    take_draft(batch, expected_version)
    _check_inside(batch, {package.id})
    leave(batch, [package], because=reason, by=by, lifted=True)
    record("batch:package_lifted", batch, by=by, reason=reason, package=package.reference)


def merge(batch: Batch, other: Batch, *, by: Actor, expected_version: int | None = None) -> None:
    """Moves every package of another draft into this one; the other is discarded. Raises Invalid at `other`."""
    if other.id == batch.id:
        raise Invalid({"other": "Choose another batch than this one."})
    for draft in sorted((batch, other), key=lambda each: each.id.hex):
        take_draft(draft, expected_version if draft is batch else None)
    if (batch.scheme_id, batch.lot_id, batch.window) != (other.scheme_id, other.lot_id, other.window):
        raise Invalid({"other": "Batches can be merged only within one scheme, one lot and one response window."})
    if reasons := reasons_against_starts(
        [*packages_in(batch), *packages_in(other)], limits_today(batch).start_spread_days
    ):
        raise Invalid({"other": " ".join(reasons)})
    moved, because = other.packages, f"Merged into {batch.reference}."
    _move_places(other, batch, moved, because)
    move_batch(other, BatchState.DISCARDED, discarded_because=because)
    record("batch:merged", batch, by=by, merged=other.reference, packages=len(moved))
    record("batch:discarded", other, by=by, reason=because, packages=len(moved))


def split(batch: Batch, package_ids: Iterable[UUID], *, by: Actor, expected_version: int | None = None) -> Batch:
    """Moves some packages of a draft into a new draft. Raises Invalid at `packages` unless some go and some stay."""
    chosen = set(package_ids)
    take_draft(batch, expected_version)
    _check_inside(batch, chosen)
    going = [package for package in batch.packages if package.id in chosen]
    if not going or len(going) == len(batch.packages):
        raise Invalid({"packages": "Choose at least one package to split off, and leave at least one."})
    why = [*batch.why, f"Split by hand from {batch.reference}."]
    made = new_batch(batch.scheme, batch.lot, title=_title(batch.lot, going), why=why, by=by)
    _move_places(batch, made, going, f"Split off into {made.reference}.")
    record("batch:split", batch, by=by, into=made.reference, packages=len(going))
    record("batch:drafted", made, by=by, packages=len(going), title=made.title)
    return made


def seal(batch: Batch, *, by: Actor, expected_version: int | None = None) -> None:
    """Fixes the packages of a draft, so that it can be offered. Raises Conflict when it changed since it was seen."""
    move_batch(batch, BatchState.SEALED, expected_version=expected_version, sealed_at=clock.now())
    packages = batch.packages
    if not packages:
        raise Conflict("This batch has no packages. Add one, or discard it.")
    for package in packages:
        if package.status is not PackageStatus.IN_BATCH:
            state = package.status.label.lower()
            raise Conflict(f"{package.reference} is {state} now. Lift it out, then seal the batch.")
    size = measured(packages_in(batch))
    record("batch:sealed", batch, by=by, packages=size.packages, weekly_minutes=size.weekly_minutes)


def unseal(batch: Batch, *, by: Actor, expected_version: int | None = None) -> None:
    """Opens a sealed batch for changes again."""
    move_batch(batch, BatchState.DRAFT, expected_version=expected_version, sealed_at=None)
    record("batch:unsealed", batch, by=by)


def discard(batch: Batch, *, by: Actor, because: str) -> None:
    """Gives a draft or sealed batch up; its packages are ready again."""
    reason = reason_given(because)
    move_batch(batch, BatchState.DISCARDED, discarded_because=reason)
    packages = batch.packages
    leave(batch, packages, because=reason, by=by)
    record("batch:discarded", batch, by=by, reason=reason, packages=len(packages))


# ------------------------------------------------------------------------------------------------- what proposing does


def _new_proposal(scheme: Scheme, lot: Lot | None, sources: Sequence[Source], by: Actor) -> BatchProposal:
    known = {"id": new_id(), "authority_id": scheme.authority_id, "proposed_by_label": by.label}
    proposal = BatchProposal(**known, scheme=scheme, lot=lot, sources=[source.value for source in sources])
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
        discard(batch, by=by, because=REPLACED)


def _waiting(scheme: Scheme, lot: Lot | None) -> dict[str, Package]:
    packages = db.session.scalars(waiting_packages(scheme, lot).limit(MOST_PACKAGES + 1)).all()
    if len(packages) > MOST_PACKAGES:
        raise Conflict(f"More than {MOST_PACKAGES:,} packages are waiting. Propose for one lot at a time.")
    return {package.reference: package for package in packages}


def _drafted(proposal: BatchProposal, proposed: ProposedBatch, waiting: Mapping[str, Package], by: Actor) -> Batch:
    packages = [waiting[reference] for reference in proposed.references]
    lot, why = packages[0].lot, [proposed.reason]
    batch = new_batch(proposal.scheme, lot, title=_title(lot, packages), why=why, by=by, proposal=proposal)
    enter(batch, packages, by=by)
    record("batch:drafted", batch, by=by, packages=len(packages), title=batch.title)
    return batch


def _note_left_out(proposal: BatchProposal, left_out: Mapping[str, str], waiting: Mapping[str, Package]) -> None:
    known = {"authority_id": proposal.authority_id, "proposal_id": proposal.id}
    rows = [
        {"id": new_id(), **known, "package_id": waiting[reference].id, "reason": reason}
        for reference, reason in left_out.items()
    ]
    if rows:
        db.session.execute(insert(LeftOutPackage), rows)


# ------------------------------------------------------------------------------------------------------- what edits share


def _title(lot: Lot, packages: Sequence[Package]) -> str:
    """What a batch is called: its lot, and its sectors where these are few, else its districts."""
    sectors = sorted({package.sector for package in packages})
    outcodes = sorted({package.outcode for package in packages})
    return f"{lot.name.capitalize()} in {', '.join(sectors if len(sectors) <= FEW_SECTORS else outcodes)}"


def _reasons_against(batch: Batch, package: Package) -> list[str]:
    """Why a package cannot join a batch, by the rule: one scheme, lot and window, starts close together, not urgent."""
    scheme = batch.scheme
    name = scheme.name if package.scheme_id == scheme.id else package.scheme.name
    terms = scheme.name, batch.lot.name, batch.window
    return reasons_against_adding(
        batchable(package, name), packages_in(batch), terms, limits_today(batch).start_spread_days
    )


def _move_places(start: Batch, end: Batch, packages: list[Package], because: str) -> None:
    """From one batch to another: the packages stay in a batch, so their own state does not change."""
    end_places(start, packages, because=because)
    place(end, packages)


def _check_inside(batch: Batch, package_ids: set[UUID]) -> None:
    if not package_ids <= {package.id for package in batch.packages}:
        raise Conflict("That package is not in this batch any more. Nothing was changed.")
