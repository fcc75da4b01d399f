"""Questions about batches, asked on behalf of a viewer: people of the authority see all of its batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, bindparam, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from app import clock
from app.database import db, only_one
from app.database.many import among
from app.errors import Invalid
from app.http.paging import Page, paged, plain_rows
from app.parties.viewer import Viewer
from app.postcodes.centroids import unsure_m
from marketplace.batches.distances import GridPoint, centroid
from marketplace.batches.models import Batch, BatchPackage, BatchProposal, LeftOutPackage
from marketplace.batches.rules import BatchablePackage, BatchLimits, BatchState, LeaveReason
from marketplace.packages.listing import with_reference
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Source, Urgency, reasons_too_soon
from marketplace.schemes.models import Lot, Scheme, SchemePolicy, Zone, ZoneArea
from marketplace.schemes.queries import first_start, policy_on
from marketplace.vocabulary import Window

MOST_MERGES = 100
WAITING = (PackageStatus.READY, PackageStatus.UNSOURCED)


def visible_batches(viewer: Viewer) -> Select[Batch]:
    """The batches the viewer may read: those of their own authority; nobody of a provider sees any."""
    query = select(Batch).where(Batch.authority_id == viewer.authority_id)
    return query if viewer.is_commissioner else query.where(Batch.id.is_(None))


def batch_for(viewer: Viewer, batch_id: UUID) -> Batch:
    """One batch with its scheme and packages; raises NotFoundForViewer."""
    query = visible_batches(viewer).where(Batch.id == batch_id).options(*_whole())
    query = query.options(selectinload(Batch.members).joinedload(BatchPackage.package).selectinload(Package.visits))
    return only_one(query)


def batches_page(viewer: Viewer, state: BatchState | None = None, *, number: int | None = None) -> Page[Batch]:
    """The batches in one state, or all, newest first."""
    query = visible_batches(viewer).options(*_whole())
    if state is not None:
        query = query.where(Batch.state == state)
    return paged(query.order_by(Batch.created_at.desc(), Batch.id), number=number)


def drafts_page(viewer: Viewer, scheme_id: UUID) -> Page[Batch]:
    """The draft batches of a scheme, by title, as the map and its table show them."""
    query = visible_batches(viewer).where(Batch.scheme_id == scheme_id, Batch.state == BatchState.DRAFT)
    return paged(query.options(*_whole()).order_by(Batch.title, Batch.id))


def batches_by_state(viewer: Viewer) -> dict[BatchState, int]:
    """How many batches stand in each state."""
    known = viewer.is_commissioner
    counts = dict(plain_rows(_BY_STATE, {"authority_id": viewer.authority_id}) if known else ())
    return {state: counts.get(state, 0) for state in BatchState}


_BY_STATE = (
    select(Batch.state, func.count(Batch.id))
    .where(Batch.authority_id == bindparam("authority_id", type_=Uuid()))
    .group_by(Batch.state)
)
"""Made once."""


def batches_to_merge(batch: Batch) -> Sequence[Batch]:
    """Other drafts with the same scheme, lot and window, by title."""
    query = select(Batch).where(
        Batch.authority_id == batch.authority_id,
        Batch.scheme_id == batch.scheme_id,
        Batch.lot_id == batch.lot_id,
        Batch.window == batch.window,
        Batch.state == BatchState.DRAFT,
        Batch.id != batch.id,
    )
    return db.session.scalars(query.order_by(Batch.title, Batch.id).limit(MOST_MERGES)).unique().all()


def package_named(viewer: Viewer, text: str) -> Package:
    """The package that people call by this reference; raises Invalid at `reference` when the viewer sees none."""
    package_id = with_reference(viewer, text)
    if package_id is None:
        raise Invalid({"reference": "There is no package with this reference. Enter one such as PKG-7K3M9."})
    return db.session.get_one(Package, package_id)


def waiting_counts(viewer: Viewer) -> Sequence[Row[UUID, Source, int, int]]:
    """How many packages wait, by lot and source: those a proposal would look at, and the urgent ones apart."""
    urgent = func.sum(case((Package.urgency == Urgency.URGENT, 1), else_=0))
    counts = (func.count(Package.id) - urgent).label("packages"), urgent.label("urgent")
    query = select(Package.lot_id, Package.source, *counts)
    waiting = query.where(Package.authority_id == viewer.authority_id, Package.status.in_(WAITING))
    order = Package.scheme_id, Package.lot_id, Package.source
    return db.session.execute(waiting.group_by(*order).order_by(*order)).all()


def latest_proposal(viewer: Viewer, scheme_id: UUID) -> BatchProposal | None:
    """The newest proposal for a scheme, or None."""
    query = _proposals(viewer).where(BatchProposal.scheme_id == scheme_id)
    newest = query.order_by(BatchProposal.proposed_at.desc(), BatchProposal.id).limit(1)
    return db.session.scalars(newest).one_or_none()


def proposal_for(viewer: Viewer, proposal_id: UUID) -> BatchProposal:
    """One proposal; raises NotFoundForViewer."""
    return only_one(_proposals(viewer).where(BatchProposal.id == proposal_id))


def left_out_page(proposal: BatchProposal, *, number: int | None = None) -> Page[LeftOutPackage]:
    """The packages a proposal left out, by reference; page `number`, or the address's."""
    query = select(LeftOutPackage).join(Package, Package.id == LeftOutPackage.package_id)
    return paged(query.where(LeftOutPackage.proposal_id == proposal.id).order_by(Package.reference), number=number)


def left_out_counts(proposal: BatchProposal) -> Sequence[Row[str, int]]:
    """How many `packages` each `reason` left out, the most frequent first."""
    count = func.count(LeftOutPackage.id).label("packages")
    query = select(LeftOutPackage.reason, count).where(LeftOutPackage.proposal_id == proposal.id)
    return db.session.execute(query.group_by(LeftOutPackage.reason).order_by(count.desc(), LeftOutPackage.reason)).all()


def areas_of(scheme_id: UUID) -> list[str]:
    """The outcodes and sectors of the scheme's zones."""
    query = select(ZoneArea.area).join(Zone, Zone.id == ZoneArea.zone_id).where(Zone.scheme_id == scheme_id)
    return list(db.session.scalars(query.distinct().order_by(ZoneArea.area)))


def to_seal_or_offer(viewer: Viewer) -> Select[Batch]:
    """Drafts to seal and sealed batches to offer, those that have waited longest first."""
    query = visible_batches(viewer).where(Batch.state.in_([BatchState.DRAFT, BatchState.SEALED]))
    return query.order_by(Batch.created_at, Batch.id)


def batch_named(viewer: Viewer, reference: str) -> UUID | None:
    """The id of the batch with this reference, or None."""
    query = visible_batches(viewer).with_only_columns(Batch.id).where(Batch.reference == reference)
    return db.session.scalars(query).one_or_none()


# ------------------------------------------------------------------- packages as the rules of batches look at them


def waiting_packages(scheme: Scheme, lot: Lot | None) -> Select[Package]:
    """The packages of a scheme (or of one of its lots) that wait to be batched or offered."""
    query = select(Package).where(
        Package.authority_id == scheme.authority_id, Package.scheme_id == scheme.id, Package.status.in_(WAITING)
    )
    return query if lot is None else query.where(Package.lot_id == lot.id)


def batchable(package: Package, scheme_name: str, lifted_because: str = "") -> BatchablePackage:
    """One package as the rules of batches take it."""
    return _batchable(package, package.lot.name, scheme_name, lifted_because)


def batchable_rows(query: Select[Package], scheme: Scheme, reasons: Mapping[UUID, str]) -> dict[UUID, BatchablePackage]:
    """The packages of a query as the rules take them, by id; `reasons` keep some of them out of batches."""
    columns: tuple[Any, ...] = (
        *(Package.id, Package.reference, Package.urgency, Package.source, Package.planned_start, Package.outcode),
        *(Package.sector, Package.weekly_minutes, Package.easting, Package.northing),
    )
    named = query.join(Lot, Lot.id == Package.lot_id).with_only_columns(*columns, Lot.name.label("lot_name"))
    rows = db.session.execute(named.order_by(Package.reference))
    return {row.id: _batchable(row, row.lot_name, scheme.name, reasons.get(row.id, "")) for row in rows}


def _batchable(package: Any, lot: str, scheme: str, lifted_because: str) -> BatchablePackage:
    """`package` is a package, or a row with the same columns."""
    place = placed(package.easting, package.northing)
    urgent = package.urgency is Urgency.URGENT
    return BatchablePackage(
        reference=package.reference,
        scheme=scheme,
        lot=lot,
        window=Window.URGENT if urgent else Window.BATCH,
        urgent=urgent,
        source=package.source,
        planned_start=package.planned_start,
        outcode=package.outcode,
        sector=package.sector,
        weekly_minutes=package.weekly_minutes,
        place=place,
        lifted_because=lifted_because,
        unsure_m=unsure_m(package.sector, package.outcode, place.easting, place.northing) if place else 0,
    )


def placed(easting: int | None, northing: int | None) -> GridPoint | None:
    """The place of a package; None where it has none."""
    return None if easting is None or northing is None else GridPoint(easting, northing)


def packages_in(batch: Batch) -> list[BatchablePackage]:
    """The packages of a batch as the rules take them."""
    return [batchable(package, batch.scheme.name) for package in batch.packages]


def in_batches_of(scheme: Scheme, besides: Collection[UUID]) -> Select[Package]:
    """The packages that stand in drafts and sealed batches of a scheme, other than these."""
    states = Batch.state.in_([BatchState.DRAFT, BatchState.SEALED])
    standing = (
        select(BatchPackage.package_id)
        .join(Batch, Batch.id == BatchPackage.batch_id)
        .where(Batch.scheme_id == scheme.id, states, ~among(Batch.id, besides), BatchPackage.removed_at.is_(None))
    )
    return select(Package).where(Package.id.in_(standing))


def standing_in(batch_ids: Collection[UUID]) -> Select[Package]:
    """The packages that stand in these batches."""
    standing = select(BatchPackage.package_id).where(
        among(BatchPackage.batch_id, batch_ids), BatchPackage.removed_at.is_(None)
    )
    return select(Package).where(Package.id.in_(standing))


def drafts_to_replace(scheme: Scheme, lot: Lot | None) -> Sequence[Batch]:
    """The drafts of a scheme (or of one lot) as they were proposed: nobody has changed them by hand since."""
    query = select(Batch).where(
        Batch.authority_id == scheme.authority_id,
        Batch.scheme_id == scheme.id,
        Batch.state == BatchState.DRAFT,
        Batch.edited_at.is_(None),
    )
    query = query if lot is None else query.where(Batch.lot_id == lot.id)
    return db.session.scalars(query.order_by(Batch.title, Batch.reference)).unique().all()


def lifted(scheme: Scheme) -> dict[UUID, str]:
    """Why packages of the scheme are kept out of batches, by package. What was typed stays with the package."""
    query = (
        select(BatchPackage.package_id, BatchPackage.left_for)
        .join(Batch, Batch.id == BatchPackage.batch_id)
        .where(Batch.scheme_id == scheme.id, BatchPackage.lifted.is_(True))
        .order_by(BatchPackage.removed_at)
    )
    usual = LeaveReason.PREFERENCE
    return {package_id: (reason or usual).stays_out for package_id, reason in db.session.execute(query)}


def limits_of(policy: SchemePolicy, sources: Iterable[str] = (), first: date = date.min) -> BatchLimits:
    """The scheme's limits for batches as the rules take them: metres and minutes."""
    return BatchLimits(
        max_weekly_minutes=policy.batch_max_minutes,
        max_packages=policy.batch_max_packages,
        max_round_trip_m=policy.batch_max_km * 1000,
        join_m=policy.batch_join_km * 1000,
        start_spread_days=policy.batch_start_spread_days,
        sources=frozenset(sources),
        first_start=first,
    )


def limits_today(batch: Batch) -> BatchLimits:
    """The limits of the batch's scheme as they stand today."""
    return limits_of(policy_on(batch.scheme_id, clock.today()))


def too_soon(batch: Batch) -> list[str]:
    """Why packages of the batch cannot be offered in it now: their care would have to begin before it can."""
    return reasons_too_soon(batch.packages, first_start_of(batch))


def first_start_of(batch: Batch) -> date:
    """The first day on which care can begin that is offered in the batch now."""
    return first_start(policy_on(batch.scheme_id, clock.today()), batch.window, clock.now())


def nearest(batch: Batch, limit: int = 5) -> Sequence[Package]:
    """Waiting packages with the terms of the batch, nearest to its middle first; none when it has no place."""
    places = [package.place for package in packages_in(batch) if package.place]
    if not places:
        return []
    middle = centroid(places)
    away = func.abs(Package.easting - middle.easting) + func.abs(Package.northing - middle.northing)
    query = waiting_packages(batch.scheme, batch.lot).where(
        Package.urgency != Urgency.URGENT, Package.easting.is_not(None), Package.northing.is_not(None)
    )
    return db.session.scalars(query.order_by(away, Package.reference).limit(limit)).all()


def _proposals(viewer: Viewer) -> Select[BatchProposal]:
    query = select(BatchProposal).where(BatchProposal.authority_id == viewer.authority_id)
    return query.options(joinedload(BatchProposal.scheme), joinedload(BatchProposal.lot))


def _whole() -> tuple[Any, ...]:
    return joinedload(Batch.scheme), selectinload(Batch.members).joinedload(BatchPackage.package)
