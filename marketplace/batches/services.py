"""Commands on batches: proposing, editing by hand, sealing. What follows an offer is in `settling`."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import update

from app import clock
from app.audit import Actor, record
from app.database import db
from app.errors import Conflict, Invalid, reason_given
from marketplace.batches.changes import end_places, enter, leave, move_batch, place, touch
from marketplace.batches.drafting import discard_draft, new_batch, propose_batches, title_of
from marketplace.batches.edit_rules import Terms, measured, reasons_against_adding, reasons_against_starts
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.settling import let_go_of, mark_offered, settle
from marketplace.batches.states import BatchState
from marketplace.batches.waiting import batchable, packages_in
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.schemes.queries import policy_on

__all__ = [
    "add_package",
    "discard",
    "let_go_of",
    "lift_package",
    "mark_offered",
    "merge",
    "propose_batches",
    "seal",
    "settle",
    "split",
    "unseal",
]


def add_package(batch: Batch, package: Package, *, by: Actor, expected_version: int | None = None) -> None:
    """Adds a waiting package to a draft. Raises Invalid at `reference` when the rule keeps it out, Conflict when late.

    A package that was lifted out of batches before may be batched again from now on.
    """
    touch(batch, expected_version)
    if reasons := reasons_against(batch, package):
        raise Invalid({"reference": " ".join(reasons)})
    earlier = BatchPackage.package_id == package.id, BatchPackage.lifted.is_(True)
    db.session.execute(update(BatchPackage).where(*earlier).values(lifted=False))
    enter(batch, [package], by=by)
    record("batch:package_added", batch, by=by, package=package.reference)


def reasons_against(batch: Batch, package: Package) -> list[str]:
    """Why a package cannot join a batch, by the rule: one scheme, lot and window, starts close together, not urgent."""
    scheme = batch.scheme
    terms = Terms(scheme.name, batch.lot.name, batch.window)
    name = scheme.name if package.scheme_id == scheme.id else package.scheme.name
    return reasons_against_adding(batchable(package, name), packages_in(batch), terms, _spread(batch))


def lift_package(
    batch: Batch, package: Package, because: str, by: Actor, *, expected_version: int | None = None
) -> None:
    """Takes a package out for the person's own preference; it is not proposed for batches again until added by hand."""
    reason = reason_given(because)
    touch(batch, expected_version)
    _check_inside(batch, [package.id])
    leave(batch, [package], because=reason, by=by, lifted=True)
    record("batch:package_lifted", batch, by=by, reason=reason, package=package.reference)


def merge(batch: Batch, other: Batch, *, by: Actor, expected_version: int | None = None) -> None:
    """Moves every package of another draft into this one; the other is discarded. Raises Invalid at `other`."""
    if other.id == batch.id:
        raise Invalid({"other": "Choose another batch than this one."})
    for one in sorted((batch, other), key=lambda each: each.id.hex):
        touch(one, expected_version if one is batch else None)
    if (batch.scheme_id, batch.lot_id, batch.window) != (other.scheme_id, other.lot_id, other.window):
        raise Invalid({"other": "Batches can be merged only within one scheme, one lot and one response window."})
    if reasons := reasons_against_starts([*packages_in(batch), *packages_in(other)], _spread(batch)):
        raise Invalid({"other": " ".join(reasons)})
    moved, because = other.packages, f"Merged into {batch.reference}."
    _move_places(other, batch, moved, because)
    move_batch(other, BatchState.DISCARDED, discarded_because=because)
    record("batch:merged", batch, by=by, merged=other.reference, packages=len(moved))
    record("batch:discarded", other, by=by, reason=because, packages=len(moved))


def split(batch: Batch, package_ids: Iterable[UUID], *, by: Actor, expected_version: int | None = None) -> Batch:
    """Moves some packages of a draft into a new draft. Raises Invalid at `packages` unless some go and some stay."""
    wanted = set(package_ids)
    touch(batch, expected_version)
    _check_inside(batch, wanted)
    going = [package for package in batch.packages if package.id in wanted]
    if not going or len(going) == len(batch.packages):
        raise Invalid({"packages": "Choose at least one package to split off, and leave at least one."})
    why = [*batch.why, f"Split by hand from {batch.reference}."]
    made = new_batch(batch.scheme, batch.lot, title=title_of(batch.lot, going), why=why, by=by)
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
    discard_draft(batch, by=by, because=reason_given(because))


def _move_places(start: Batch, end: Batch, packages: list[Package], because: str) -> None:
    """From one batch to another: the packages stay in a batch, so their own state does not change."""
    end_places(start, packages, because=because)
    place(end, packages)


def _check_inside(batch: Batch, package_ids: Iterable[UUID]) -> None:
    inside = {package.id for package in batch.packages}
    if not set(package_ids) <= inside:
        raise Conflict("That package is not in this batch any more. Nothing was changed.")


def _spread(batch: Batch) -> int:
    return policy_on(batch.scheme_id, clock.today()).batch_start_spread_days
