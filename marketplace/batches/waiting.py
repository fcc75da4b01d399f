"""Packages as batches look at them: which wait to be batched, what each is like, and which were lifted out before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select

from app.database import db
from marketplace.batches.distances import Place
from marketplace.batches.models import Batch, BatchPackage
from marketplace.batches.rules import BatchablePackage, Limits
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Urgency
from marketplace.schemes.models import Lot, Scheme, SchemePolicy
from marketplace.vocabulary import Window

PREFERENCE = "the person has a preference of their own."
WAITING = (PackageStatus.READY, PackageStatus.UNSOURCED)


def waiting_packages(scheme: Scheme, lot: Lot | None) -> Select[Package]:
    """The packages of a scheme (or of one of its lots) that wait to be batched or offered."""
    query = select(Package).where(
        Package.authority_id == scheme.authority_id, Package.scheme_id == scheme.id, Package.status.in_(WAITING)
    )
    return query if lot is None else query.where(Package.lot_id == lot.id)


def batchable(package: Package, scheme_name: str, lifted_because: str = "") -> BatchablePackage:
    """One package as the rules of batches take it."""
    placed = package.easting is not None and package.northing is not None
    return BatchablePackage(
        reference=package.reference,
        scheme=scheme_name,
        lot=package.lot.name,
        window=Window.URGENT if package.urgency is Urgency.URGENT else Window.BATCH,
        urgent=package.urgency is Urgency.URGENT,
        source=package.source,
        planned_start=package.planned_start,
        outcode=package.outcode,
        sector=package.sector,
        weekly_minutes=package.weekly_minutes,
        place=Place(package.easting or 0, package.northing or 0) if placed else None,
        lifted_because=lifted_because,
    )


def packages_in(batch: Batch) -> list[BatchablePackage]:
    """The packages of a batch as the rules take them."""
    return [batchable(package, batch.scheme.name) for package in batch.packages]


def lifted(scheme: Scheme) -> dict[UUID, str]:
    """Why packages of the scheme are kept out of batches, by package. The preference itself stays with the package."""
    query = (
        select(BatchPackage.package_id)
        .join(Batch, Batch.id == BatchPackage.batch_id)
        .where(Batch.scheme_id == scheme.id, BatchPackage.lifted.is_(True))
    )
    return dict.fromkeys(db.session.scalars(query), PREFERENCE)


def limits_of(policy: SchemePolicy, sources: Iterable[str] = ()) -> Limits:
    """The scheme's limits for batches as the rules take them: metres and minutes."""
    return Limits(
        max_weekly_minutes=policy.batch_max_minutes,
        max_packages=policy.batch_max_packages,
        max_round_trip_m=policy.batch_max_km * 1000,
        join_m=policy.batch_join_km * 1000,
        start_spread_days=policy.batch_start_spread_days,
        sources=frozenset(sources),
    )


def nearest(batch: Batch, limit: int = 5) -> Sequence[Package]:
    """Waiting packages with the terms of the batch, nearest to its middle first; none when it has no place."""
    places = [one.place for one in packages_in(batch) if one.place]
    if not places:
        return []
    east, north = sum(p.easting for p in places) // len(places), sum(p.northing for p in places) // len(places)
    away = func.abs(Package.easting - east) + func.abs(Package.northing - north)
    query = waiting_packages(batch.scheme, batch.lot).where(
        Package.urgency != Urgency.URGENT, Package.easting.is_not(None), Package.northing.is_not(None)
    )
    return db.session.scalars(query.order_by(away, Package.reference).limit(limit)).all()
