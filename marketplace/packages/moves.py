"""The one way in which packages change state: conditional on the state they are in, all of a set or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.database.many import among
from app.errors import Conflict
from marketplace.packages.models import Package
from marketplace.packages.rules import LABELS, MOVES, PackageStatus

# Databases limit how many values one statement may carry.
VALUES_PER_STATEMENT = 500

T = TypeVar("T")


def move(
    packages: Sequence[Package],
    end: PackageStatus,
    tag: str,
    *,
    by: Actor,
    because: str | None = None,
    starts: frozenset[PackageStatus] | None = None,
    **facts: object,
) -> None:
    """Moves every package to the state `end` and records it, or raises Conflict naming one that cannot go there.

    `starts` narrows the states from which this move is meant; without it the map of moves decides.
    """
    if not packages:
        return
    allowed = starts or frozenset(start for start, ends in MOVES.items() if end in ends)
    db.session.flush()
    versions = _moved(packages, end, because, allowed)
    if len(versions) < len({package.id for package in packages}):
        raise _conflict([package for package in packages if package.id not in versions], end)
    now = clock.now()
    for package in packages:
        values = {"status": end, "status_since": now, "status_reason": because, "version": versions[package.id]}
        for name, value in values.items():
            set_committed_value(package, name, value)
    audit.record_each(tag, packages, by=by, reason=because, **facts)


def _moved(
    packages: Sequence[Package], end: PackageStatus, because: str | None, allowed: frozenset[PackageStatus]
) -> dict[UUID, int]:
    """The new version of every package that the statement found in one of the allowed states."""
    changed = {
        "status": end,
        "status_since": clock.now(),
        "status_reason": because,
        "version": Package.version + 1,
    }
    statement = (
        update(Package)
        .where(among(Package.id, [package.id for package in packages]), Package.status.in_(sorted(allowed)))
        .values(changed)
        .returning(Package.id, Package.version)
        .execution_options(synchronize_session=False)
    )
    return {row.id: row.version for row in db.session.execute(statement)}


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in parts that fit into one statement."""
    for start in range(0, len(values), VALUES_PER_STATEMENT):
        yield values[start : start + VALUES_PER_STATEMENT]


def _conflict(left: Sequence[Package], end: PackageStatus) -> Conflict:
    first = left[0]
    status = db.session.scalar(select(Package.status).where(Package.id == first.id))
    now = LABELS[status].lower() if status else "gone"
    return Conflict(f"{first.reference} is {now} now, so it cannot become {LABELS[end].lower()}. Nothing was changed.")
