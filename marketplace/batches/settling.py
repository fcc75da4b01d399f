"""What happens to a batch once its packages go their own ways: offered, settled package by package, let go of."""

from __future__ import annotations

from sqlalchemy import func, select, update

from app import clock
from app.audit import SYSTEM, Actor, record
from app.database import db
from marketplace.batches.changes import end_places, move_batch, standing_in
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.states import BatchState
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus
from marketplace.schemes.models import Scheme

# While it is in one of these, a package still stands in the batch with which it was offered.
UNDER_WAY = (PackageStatus.IN_BATCH, PackageStatus.ON_OFFER, PackageStatus.AWAITING_AWARD)


def mark_offered(batch: Batch, *, by: Actor = SYSTEM) -> None:
    """A sealed batch was put on offer. Raises Conflict when it is not sealed (any more)."""
    move_batch(batch, BatchState.OFFERED, offered_at=clock.now())
    inside = (BatchPackage.batch_id == batch.id, BatchPackage.removed_at.is_(None))
    packages = db.session.scalar(select(func.count(BatchPackage.id)).where(*inside))
    record("batch:offered", batch, by=by, packages=packages)


def settle(batch: Batch, *, by: Actor = SYSTEM) -> bool:
    """Lets go of the packages whose offer has come to its end; when none is left, the batch is settled.

    Call it after each end of a round of one of its packages, as often as wanted. True once the batch is settled.
    """
    db.session.flush()
    if batch.state is not BatchState.OFFERED:
        return batch.state is BatchState.SETTLED
    standing = db.session.execute(
        select(BatchPackage, Package.status)
        .join(Package, Package.id == BatchPackage.package_id)
        .where(*standing_in(batch.id))
    ).all()
    ended = [(place, status) for place, status in standing if status not in UNDER_WAY]
    _end(batch, [place for place, _ in ended])
    for place, status in ended:
        record("batch:package_settled", batch, by=by, package=place.package.reference, status=status)
    if len(ended) < len(standing):
        return False
    move_batch(batch, BatchState.SETTLED, settled_at=clock.now())
    record("batch:settled", batch, by=by)
    return True


def settle_finished(scheme: Scheme, *, by: Actor = SYSTEM) -> None:
    """Settles every offered batch of a scheme in which a package has come to its end, so that it may be batched again."""
    query = (
        select(Batch)
        .join(BatchPackage, BatchPackage.batch_id == Batch.id)
        .join(Package, Package.id == BatchPackage.package_id)
        .where(
            Batch.authority_id == scheme.authority_id,
            Batch.scheme_id == scheme.id,
            Batch.state == BatchState.OFFERED,
            BatchPackage.removed_at.is_(None),
            BatchPackage.settled_at.is_(None),
            Package.status.not_in(UNDER_WAY),
        )
        .distinct()
    )
    for batch_id in db.session.scalars(query.with_only_columns(Batch.id)).all():
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
    query = select(Batch).join(BatchPackage, BatchPackage.batch_id == Batch.id)
    live = (BatchPackage.removed_at.is_(None), BatchPackage.settled_at.is_(None))
    return db.session.scalars(query.where(BatchPackage.package_id == package.id, *live)).unique().one_or_none()


def _end(batch: Batch, places: list[BatchPackage]) -> None:
    db.session.execute(
        update(BatchPackage)
        .where(BatchPackage.id.in_([place.id for place in places]))
        .values(settled_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )
    db.session.expire(batch, ["members"])
