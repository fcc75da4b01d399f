"""What every change of a batch is made of: conditional moves of its state, packages entering and leaving it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from app import clock
from app.audit import Actor
from app.audit.moves import set_state
from app.database import db, new_id
from app.errors import Conflict
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.states import BatchState
from marketplace.packages.models import Package
from marketplace.packages.moves import move
from marketplace.packages.rules import PackageStatus

STALE = "Somebody changed this batch since you opened it. Check it again; nothing was changed."


def move_batch(batch: Batch, to: BatchState, *, expected_version: int | None = None, **values: object) -> None:
    """Moves the batch if it still stands where this move may start and has the version that was seen.

    Raises Conflict saying which of the two is not so.
    """
    as_seen = None if expected_version is None else (Batch.version == expected_version, STALE)
    set_state([batch], to, values={"version": Batch.version + 1, **values}, only_if=as_seen)
    db.session.refresh(batch)


def touch(batch: Batch, expected_version: int | None = None) -> None:
    """Takes a draft for editing: its version goes up, so two people who edit at once cannot both be right."""
    db.session.flush()
    statement = update(Batch).where(Batch.id == batch.id, Batch.state == BatchState.DRAFT)
    if expected_version is not None:
        statement = statement.where(Batch.version == expected_version)
    taken = statement.values(version=Batch.version + 1).returning(Batch.id)
    found = db.session.scalars(taken.execution_options(synchronize_session=False)).one_or_none()
    db.session.refresh(batch)
    if found is None and batch.state is not BatchState.DRAFT:
        raise Conflict(f"This batch is {batch.state.label.lower()} now, so it cannot be changed.")
    if found is None:
        raise Conflict(STALE)


def enter(batch: Batch, packages: Sequence[Package], *, by: Actor) -> None:
    """Puts waiting packages into a batch. Raises Conflict when one of them waits no more."""
    move(packages, PackageStatus.IN_BATCH, "package:batched", by=by, batch=batch.reference)
    place(batch, packages)


def place(batch: Batch, packages: Sequence[Package]) -> None:
    """Gives packages their places at the end of a batch; their state is not looked at."""
    last = db.session.scalar(select(func.max(BatchPackage.position)).where(BatchPackage.batch_id == batch.id)) or 0
    for position, package in enumerate(packages, start=last + 1):
        values = {"batch_id": batch.id, "package_id": package.id, "position": position}
        db.session.add(BatchPackage(id=new_id(), authority_id=batch.authority_id, **values))
    db.session.flush()
    db.session.expire(batch, ["members"])


def leave(batch: Batch, packages: Sequence[Package], *, because: str, by: Actor, lifted: bool = False) -> None:
    """Takes packages out of a batch; those that still wait in it are ready again."""
    still = [package for package in packages if package.status is PackageStatus.IN_BATCH]
    only = frozenset({PackageStatus.IN_BATCH})
    move(still, PackageStatus.READY, "package:unbatched", by=by, because=because, starts=only)
    end_places(batch, packages, because=because, lifted=lifted)


def end_places(batch: Batch, packages: Sequence[Package], *, because: str, lifted: bool = False) -> None:
    """Ends the places of packages in a batch; their state is not looked at."""
    ends = {"removed_at": clock.now(), "removed_because": because, "lifted": lifted}
    db.session.execute(
        update(BatchPackage)
        .where(*standing_in(batch.id), BatchPackage.package_id.in_([package.id for package in packages]))
        .values(ends)
        .execution_options(synchronize_session="fetch")
    )
    db.session.expire(batch, ["members"])


def standing_in(batch_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """The conditions under which a place in a batch is live."""
    return (
        BatchPackage.batch_id == batch_id,
        BatchPackage.removed_at.is_(None),
        BatchPackage.settled_at.is_(None),
    )
