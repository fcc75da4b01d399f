"""Splitting a package: some visits of the week become a package of their own, for the same person and plan."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import inspect, select, update

from app import audit
from app.audit import Actor
from app.database import Owned, db, new_id
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
from marketplace.people.references import FreeReferences

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
    for kind in SHARED:
        rows = db.session.scalars(select(kind).where(kind.package_id == package.id)).all()
        db.session.add_all(kind(**{**_copied(row, frozenset({"id"})), "package_id": child.id}) for row in rows)
    moved = update(PackageVisit).where(PackageVisit.id.in_(visit_ids)).values(package_id=child.id)
    db.session.flush()
    db.session.execute(moved.execution_options(synchronize_session="fetch"))
    for part in (package, child):
        db.session.refresh(part)


def _copied(row: Row, without: frozenset[str]) -> dict[str, object]:
    return {
        column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs if column.key not in without
    }
