"""How batches change state, and how packages enter and leave them: put in, taken out, offered, settled, let go of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select, update

from app import clock
from app.audit import SYSTEM, Actor, record, record_told
from app.audit.moves import set_state
from app.database import db, new_id
from app.errors import Conflict
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.queries import packages_in
from marketplace.batches.rules import BatchState, LeaveReason, title_of, why_together
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.packages.services import move
from marketplace.schemes.models import Scheme

STALE = "Somebody changed this batch since you opened it. Check it again; nothing was changed."

# While it is in one of these, a package still stands in the batch with which it was offered.
UNDER_WAY = (PackageStatus.IN_BATCH, PackageStatus.ON_OFFER, PackageStatus.AWAITING_AWARD)
TITLE_LENGTH = 200
LIVE = (BatchPackage.removed_at.is_(None), BatchPackage.settled_at.is_(None))
"""The conditions under which a package stands in a batch."""


def move_batch(batch: Batch, to: BatchState, *, expected_version: int | None = None, **values: object) -> None:
    """Moves the batch if it still stands where this move may start and has the version that was seen.

    Raises Conflict saying which of the two is not so.
    """
    as_seen = None if expected_version is None else (Batch.version == expected_version, STALE)
    set_state([batch], to, values={"version": Batch.version + 1, **values}, only_if=as_seen)
    db.session.refresh(batch)


def take_draft(batch: Batch, expected_version: int | None = None) -> None:
    """Takes a draft for editing: its version goes up, so two people who edit at once cannot both be right."""
    db.session.flush()
    statement = update(Batch).where(Batch.id == batch.id, Batch.state == BatchState.DRAFT)
    if expected_version is not None:
        statement = statement.where(Batch.version == expected_version)
    values = {"version": Batch.version + 1, "edited_at": clock.now()}
    taken = db.session.scalar(statement.values(**values).returning(Batch.id))
    db.session.refresh(batch)
    if taken is None:
        told = f"This batch is {batch.state.label.lower()} now, so it cannot be changed."
        raise Conflict(STALE if batch.state is BatchState.DRAFT else told)


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
    _retitle(batch)


def _retitle(batch: Batch) -> None:
    """Title and reason say what is in a batch as it stands; what was done by hand stays written under it."""
    packages = packages_in(batch)
    batch.title, batch.why = title_of(batch.lot.name, packages)[:TITLE_LENGTH], [why_together(packages), *batch.why[1:]]
    db.session.flush()


def leave(
    batch: Batch, packages: Sequence[Package], *, because: str, by: Actor, left_for: LeaveReason | None = None
) -> None:
    """Takes packages out of a batch; those that still wait in it are ready again."""
    still = [package for package in packages if package.status is PackageStatus.IN_BATCH]
    only = frozenset({PackageStatus.IN_BATCH})
    move(still, PackageStatus.READY, "package:unbatched", by=by, because=because, starts=only)
    end_places(batch, packages, because=because, left_for=left_for)


def end_places(batch: Batch, packages: Sequence[Package], *, because: str, left_for: LeaveReason | None = None) -> None:
    """Ends the places of packages in a batch; their state is not looked at."""
    lifted = left_for is not None and bool(left_for.stays_out)
    ends = {"removed_at": clock.now(), "removed_because": because, "lifted": lifted, "left_for": left_for}
    _end(batch, BatchPackage.package_id.in_([package.id for package in packages]), **ends)
    _retitle(batch)


def mark_offered(batch: Batch, *, by: Actor = SYSTEM) -> None:
    """A sealed batch was put on offer. Raises Conflict when it is not sealed (any more)."""
    move_batch(batch, BatchState.OFFERED, offered_at=clock.now())
    # Counted there: to load a county of packages for their number would take a tenth of the time of offering them.
    inside = select(func.count()).where(BatchPackage.batch_id == batch.id, BatchPackage.removed_at.is_(None))
    record("batch:offered", batch, by=by, packages=db.session.scalar(inside))


def settle(batch: Batch, *, by: Actor = SYSTEM) -> bool:
    """Lets go of the packages whose offer has come to its end; when none is left, the batch is settled.

    Call it after each end of a round of one of its packages, as often as wanted. True once the batch is settled.
    """
    db.session.flush()
    if batch.state is not BatchState.OFFERED:
        return batch.state is BatchState.SETTLED
    query = select(BatchPackage.id, Package.reference, Package.status).join(BatchPackage.package)
    standing = db.session.execute(query.where(BatchPackage.batch_id == batch.id, *LIVE)).all()
    ended = [row for row in standing if row.status not in UNDER_WAY]
    _end(batch, BatchPackage.id.in_([row.id for row in ended]), settled_at=clock.now())
    told = [(batch, {"package": row.reference, "status": row.status}) for row in ended]
    record_told("batch:package_settled", told, by=by)
    if len(ended) < len(standing):
        return False
    move_batch(batch, BatchState.SETTLED, settled_at=clock.now())
    record("batch:settled", batch, by=by)
    return True


def settle_finished(scheme: Scheme, *, by: Actor = SYSTEM) -> None:
    """Settles every offered batch of a scheme in which a package has come to its end, so that it may be batched again."""
    query = (
        select(Batch.id)
        .join(Batch.members)
        .join(BatchPackage.package)
        .where(Batch.authority_id == scheme.authority_id, Batch.scheme_id == scheme.id)
        .where(Batch.state == BatchState.OFFERED, *LIVE, Package.status.not_in(UNDER_WAY))
        .distinct()
    )
    for batch_id in db.session.scalars(query).all():
        settle(db.session.get_one(Batch, batch_id), by=by)


def let_go_of(package: Package, because: str, by: Actor) -> None:
    """A package was withdrawn or put on hold: it leaves its batch. For `package.withdrawn` and `package.held`.

    `because` is the hooks' fixed sentence; what was typed stays with the package.
    """
    batch = batch_in_which(package)
    if batch is None:
        return
    if batch.state is BatchState.OFFERED:
        settle(batch, by=by)
        return
    end_places(batch, [package], because=because)
    record("batch:package_left", batch, by=by, reason=because, package=package.reference)
    if not batch.packages:
        reason = f"Its last package is {package.status.label.lower()} now."
        move_batch(batch, BatchState.DISCARDED, discarded_because=reason)
        record("batch:discarded", batch, by=by, reason=reason, packages=0)


def batch_in_which(package: Package) -> Batch | None:
    """The batch in which a package stands now, or None."""
    query = select(Batch).join(Batch.members).where(BatchPackage.package_id == package.id, *LIVE)
    return db.session.scalars(query).unique().one_or_none()


def _end(batch: Batch, *which: ColumnElement[bool], **values: object) -> None:
    """Ends those of a batch's live places, in one statement."""
    statement = update(BatchPackage).where(BatchPackage.batch_id == batch.id, *LIVE, *which).values(**values)
    db.session.execute(statement.execution_options(synchronize_session="fetch"))
    db.session.expire(batch, ["members"])
