"""Packages made from a package, for the same person and plan: some visits split off, or all of it handed on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import inspect, select, update

from app import audit
from app.audit import Actor
from app.database import Owned, db, new_id
from app.database.many import FreeReferences
from app.errors import Conflict, Invalid, reason_given
from marketplace.packages.models import (
    FundingShare,
    NeedConfirmation,
    Package,
    PackageParty,
    PackageSkill,
    PackageVisit,
    TextClearance,
)
from marketplace.packages.readiness import ready_if_complete
from marketplace.packages.rules import SPLITTABLE, PackageStatus

Row = TypeVar("Row", bound=Owned)

# What the new package does not share with the one it was part of; the rest of the columns is the same plan.
OWN = frozenset(
    {"id", "reference", "council_reference", "parent_id", "status", "status_since", "status_reason", "version"}
)
# Everything that hangs on a package and holds for both parts; visits are divided, not shared.
SHARED = (PackageSkill, FundingShare, PackageParty, NeedConfirmation, TextClearance)


def split(package: Package, visit_ids: Collection[UUID], *, because: str, by: Actor) -> Package:
    """Moves some visits into a new package of the same person; hours and cost ceiling are divided with them.

    The new one is ready when everything is known of it, else a draft. Raises Invalid at `visits` unless some go and some
    stay, and Conflict when providers have been asked or the visits changed since they were seen.
    """
    reason = reason_given(because)
    wanted = set(visit_ids)
    _lock(package)
    going = [visit for visit in package.visits if visit.id in wanted]
    if len(going) < len(wanted):
        raise Conflict("The visits were changed since you opened this page. Reload it and choose again.")
    if not going or len(going) == len(package.visits):
        raise Invalid({"visits": "Choose at least one visit to split off, and leave at least one."})
    child = _child_of(package, sum(visit.minutes * visit.carers for visit in going))
    _hand_over(package, child, [visit.id for visit in going])
    facts = {"visits": len(going), "weekly_minutes": child.weekly_minutes}
    audit.record("package:split", package, by=by, reason=reason, into=child.reference, **facts)
    audit.record("package:split_off", child, by=by, reason=reason, parent=package.reference, **facts)
    ready_if_complete(child, by=by)
    return child


def succeed(package: Package, planned_start: date, *, because: str, by: Actor) -> Package:
    """Makes the successor of a running package, whose provider hands it back: same person, same visits, a new start.

    It is ready when everything is known of it, else a draft. The package itself goes on until its care ends.
    """
    successor = Package(
        **_copied(package, OWN | {"planned_start"}),
        id=new_id(),
        reference=FreeReferences("PKG", Package.reference).take(1)[0],
        status=PackageStatus.DRAFT,
        planned_start=planned_start,
    )
    db.session.add(successor)
    db.session.flush()
    _copy_parts(package, successor, (*SHARED, PackageVisit))
    audit.record("package:handed_on", package, by=by, reason=reason_given(because), into=successor.reference)
    audit.record("package:succeeds", successor, by=by, parent=package.reference)
    ready_if_complete(successor, by=by)
    return successor


def _lock(package: Package) -> None:
    """Takes the package for this change, so that it is neither edited nor offered meanwhile, and reads it again."""
    db.session.flush()
    statement = (
        update(Package)
        .where(Package.id == package.id, Package.status.in_(sorted(SPLITTABLE)))
        .values(version=Package.version + 1)
        .returning(Package.id)
        .execution_options(synchronize_session=False)
    )
    taken = db.session.scalars(statement).one_or_none()
    db.session.refresh(package)
    if taken is None:
        raise Conflict(f"This package is {package.status.label.lower()}, so it cannot be split.")


def _child_of(package: Package, minutes: int) -> Package:
    ceiling = package.cost_ceiling_pence
    part = None if ceiling is None else (2 * ceiling * minutes + package.weekly_minutes) // (2 * package.weekly_minutes)
    child = Package(
        **_copied(package, OWN),
        id=new_id(),
        reference=FreeReferences("PKG", Package.reference).take(1)[0],
        parent_id=package.id,
    )
    child.status, child.weekly_minutes, child.cost_ceiling_pence = PackageStatus.DRAFT, minutes, part
    package.weekly_minutes -= minutes
    if ceiling is not None and part is not None:
        package.cost_ceiling_pence = ceiling - part
    db.session.add(child)
    db.session.flush()
    return child


def _hand_over(package: Package, child: Package, visit_ids: Iterable[UUID]) -> None:
    _copy_parts(package, child, SHARED)
    moved = update(PackageVisit).where(PackageVisit.id.in_(visit_ids)).values(package_id=child.id)
    db.session.flush()
    db.session.execute(moved.execution_options(synchronize_session="fetch"))
    for part in (package, child):
        db.session.refresh(part)


def _copy_parts(package: Package, other: Package, kinds: Iterable[type[Owned]]) -> None:
    for kind in kinds:
        of_package: Any = kind
        rows = db.session.scalars(select(kind).where(of_package.package_id == package.id)).all()
        db.session.add_all(kind(**{**_copied(row, frozenset({"id"})), "package_id": other.id}) for row in rows)
    db.session.flush()
    db.session.refresh(other)


def _copied(row: Row, without: frozenset[str]) -> dict[str, object]:
    return {
        column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs if column.key not in without
    }
