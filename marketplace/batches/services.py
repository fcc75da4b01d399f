"""Commands on one batch: editing it by hand, sealing it, giving it up. Proposing stands in `proposing`, the rest in `moves`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import update

from app import clock
from app.audit import Actor, record
from app.database import db, new_id
from app.database.many import FreeReferences
from app.errors import MOST_REASON, Conflict, Invalid, reason_given
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.moves import end_places, enter, leave, move_batch, place, take_draft
from marketplace.batches.queries import batchable, limits_today, packages_in, too_soon
from marketplace.batches.rules import (
    BatchState,
    LeaveReason,
    measured,
    over_limits,
    reasons_against_adding,
    reasons_against_starts,
)
from marketplace.packages.models import Package
from marketplace.packages.rules import NOT_YET_OFFERED, PackageStatus
from marketplace.packages.services import give_new_start
from marketplace.schemes.models import Lot, Scheme


def new_batch(scheme: Scheme, lot: Lot, *, why: Sequence[str], by: Actor) -> Batch:
    """An empty draft made by hand, not yet recorded: its packages come next. `why` is what was done to make it."""
    batch = Batch(
        id=new_id(),
        authority_id=scheme.authority_id,
        reference=FreeReferences("BAT", Batch.reference).take(1)[0],
        scheme=scheme,
        lot=lot,
        title="",
        why=["", *why],
        edited_at=clock.now(),
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
    batch: Batch,
    package: Package,
    because: str,
    by: Actor,
    *,
    left_for: LeaveReason = LeaveReason.PREFERENCE,
    expected_version: int | None = None,
) -> None:
    """Takes a package out of a draft for a reason of the list, in words too where the reason alone says too little.

    For some reasons it is not proposed for batches again until it is added by hand.
    """
    words = reason_given(because) if left_for.needs_words or because.strip() else ""
    take_draft(batch, expected_version)
    _check_inside(batch, {package.id})
    reason = f"{left_for.label}: {words}"[:MOST_REASON] if words else f"{left_for.label}."
    leave(batch, [package], because=reason, by=by, left_for=left_for)
    record("batch:package_lifted", batch, by=by, reason=reason, package=package.reference)


def give_start(
    batch: Batch, package_ids: Iterable[UUID], start: date, *, by: Actor, expected_version: int | None = None
) -> None:
    """Gives packages of a draft a new earliest start. Raises Invalid at `start`, Conflict when late."""
    chosen = set(package_ids)
    take_draft(batch, expected_version)
    _check_inside(batch, chosen)
    packages = [package for package in batch.packages if package.id in chosen]
    give_new_start(packages, start, by=by, states=NOT_YET_OFFERED)
    record("batch:start_given", batch, by=by, packages=len(packages), becomes=start.isoformat())


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
    batch.why = [*batch.why, f"{other.reference} was merged into it by hand."]
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
    why = [*batch.why[1:], f"Split by hand from {batch.reference}."]
    made = new_batch(batch.scheme, batch.lot, why=why, by=by)
    _move_places(batch, made, going, f"Split off into {made.reference}.")
    record("batch:split", batch, by=by, into=made.reference, packages=len(going))
    record("batch:drafted", made, by=by, packages=len(going), title=made.title)
    return made


def seal(batch: Batch, *, by: Actor, because: str = "", expected_version: int | None = None) -> None:
    """Fixes the packages of a draft, so that it can be offered.

    Raises Invalid at `because` when it goes over a limit of the scheme and nobody says why; Conflict when it changed
    since it was seen, or when a package of it cannot be offered in it, by name.
    """
    words = because.strip()
    kept = reason_given(words) if words else None
    move_batch(
        batch, BatchState.SEALED, expected_version=expected_version, sealed_at=clock.now(), over_limits_because=kept
    )
    packages = batch.packages
    if not packages:
        raise Conflict("This batch has no packages. Add one, or discard it.")
    for package in packages:
        if package.status is not PackageStatus.IN_BATCH:
            state = package.status.label.lower()
            raise Conflict(f"{package.reference} is {state} now. Lift it out, then seal the batch.")
    limits, inside = limits_today(batch), packages_in(batch)
    if reasons := too_soon(batch) + reasons_against_starts(inside, limits.start_spread_days):
        raise Conflict(" ".join(reasons))
    size = measured(inside)
    if (over := over_limits(size, limits)) and not words:
        raise Invalid({"because": f"{' '.join(over)} Say why it is sealed all the same."})
    facts = {"packages": size.packages, "weekly_minutes": size.weekly_minutes}
    record("batch:sealed", batch, by=by, reason=kept, **facts)


def unseal(batch: Batch, *, by: Actor, expected_version: int | None = None) -> None:
    """Opens a sealed batch for changes again."""
    values = {"sealed_at": None, "over_limits_because": None, "edited_at": clock.now()}
    move_batch(batch, BatchState.DRAFT, expected_version=expected_version, **values)
    record("batch:unsealed", batch, by=by)


def discard(batch: Batch, *, by: Actor, because: str, expected_version: int | None = None) -> None:
    """Gives a draft or sealed batch up; its packages are ready again."""
    reason = reason_given(because)
    move_batch(batch, BatchState.DISCARDED, expected_version=expected_version, discarded_because=reason)
    packages = batch.packages
    leave(batch, packages, because=reason, by=by)
    record("batch:discarded", batch, by=by, reason=reason, packages=len(packages))


# ------------------------------------------------------------------------------------------------------- what edits share


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
