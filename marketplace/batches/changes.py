"""What every change of a batch is made of: conditional moves of its state, packages entering and leaving it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from app import clock
from app.audit import Actor
from app.database import db, new_id
from app.errors import Conflict
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.states import LABELS, MOVES, BatchState, reason_against_move
from marketplace.packages.models import Package
from marketplace.packages.moves import move
from marketplace.packages.rules import PackageStatus

STALE = "Somebody changed this batch since you opened it. Check it again; nothing was changed."


def move_batch(batch: Batch, end: BatchState, *, expected_version: int | None = None, **values: object) -> None:
    """Moves the batch if it still stands where this move may start and has the version that was seen.

    Raises Conflict saying which of the two is not so.
    """
    starts = [start for start, ends in MOVES.items() if end in ends]
    _change(batch, starts, expected_version, end, state=end, **values)


def touch(batch: Batch, expected_version: int | None = None) -> None:
    """Takes a draft for editing: its version goes up, so two people who edit at once cannot both be right."""
    _change(batch, [BatchState.DRAFT], expected_version, None)


def _change(
    batch: Batch, starts: Sequence[BatchState], version: int | None, end: BatchState | None, **values: object
) -> None:
    db.session.flush()
    statement = update(Batch).where(Batch.id == batch.id, Batch.state.in_(starts))
    if version is not None:
        statement = statement.where(Batch.version == version)
    changed = statement.values(version=Batch.version + 1, **values).returning(Batch.id)
    found = db.session.scalars(changed.execution_options(synchronize_session=False)).one_or_none()
    db.session.refresh(batch)
    if found is None:
        raise Conflict(_why_not(batch, end) or STALE)


def _why_not(batch: Batch, end: BatchState | None) -> str | None:
    if end is not None:
        return reason_against_move(batch.state, end)
    if batch.state is BatchState.DRAFT:
        return None
    return f"This batch is {LABELS[batch.state].lower()} now, so it cannot be changed."


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
