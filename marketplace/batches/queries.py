"""Questions about batches, asked on behalf of a viewer: people of the authority see all of its batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.database import db
from app.errors import Invalid, NotFoundForViewer
from app.http.paging import Page, paged
from app.parties.viewer import Viewer
from marketplace.batches.models import Batch, BatchPackage, BatchProposal, LeftOutPackage
from marketplace.batches.states import BatchState
from marketplace.batches.waiting import WAITING
from marketplace.packages.models import Package
from marketplace.packages.queries import with_reference
from marketplace.packages.rules import Urgency
from marketplace.schemes.models import Zone, ZoneArea

MOST_MERGES = 100


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """How many packages of one lot and source wait to be batched; urgent ones apart."""

    scheme_id: UUID
    lot_id: UUID
    source: str
    packages: int
    urgent: int


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many packages one reason left out of a proposal."""

    reason: str
    packages: int


def visible_batches(viewer: Viewer) -> Select[Batch]:
    """The batches the viewer may read: those of their own authority; nobody of a provider sees any."""
    query = select(Batch).where(Batch.authority_id == viewer.authority_id)
    return query if viewer.is_commissioner else query.where(Batch.id.is_(None))


def batch_for(viewer: Viewer, batch_id: UUID) -> Batch:
    """One batch with its scheme and packages; raises NotFoundForViewer."""
    query = visible_batches(viewer).where(Batch.id == batch_id).options(*_whole())
    query = query.options(selectinload(Batch.members).joinedload(BatchPackage.package).selectinload(Package.visits))
    batch = db.session.scalars(query).unique().one_or_none()
    if batch is None:
        raise NotFoundForViewer
    return batch


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
    visible = visible_batches(viewer).with_only_columns(Batch.state, func.count(Batch.id)).group_by(Batch.state)
    found = {row[0]: row[1] for row in db.session.execute(visible)}
    return {state: found.get(state, 0) for state in BatchState}


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


def waiting_counts(viewer: Viewer) -> list[WaitingCount]:
    """How many packages wait, by lot and source: what a proposal would look at."""
    urgent = func.sum(case((Package.urgency == Urgency.URGENT, 1), else_=0))
    query = (
        select(Package.scheme_id, Package.lot_id, Package.source, func.count(Package.id), urgent)
        .where(Package.authority_id == viewer.authority_id, Package.status.in_(WAITING))
        .group_by(Package.scheme_id, Package.lot_id, Package.source)
        .order_by(Package.scheme_id, Package.lot_id, Package.source)
    )
    rows = db.session.execute(query)
    return [WaitingCount(scheme, lot, source, count - hurried, hurried) for scheme, lot, source, count, hurried in rows]


def latest_proposal(viewer: Viewer, scheme_id: UUID) -> BatchProposal | None:
    """The newest proposal for a scheme, or None."""
    query = _proposals(viewer).where(BatchProposal.scheme_id == scheme_id)
    newest = query.order_by(BatchProposal.proposed_at.desc(), BatchProposal.id).limit(1)
    return db.session.scalars(newest).one_or_none()


def proposal_for(viewer: Viewer, proposal_id: UUID) -> BatchProposal:
    """One proposal; raises NotFoundForViewer."""
    proposal = db.session.scalars(_proposals(viewer).where(BatchProposal.id == proposal_id)).one_or_none()
    if proposal is None:
        raise NotFoundForViewer
    return proposal


def left_out_page(proposal: BatchProposal) -> Page[LeftOutPackage]:
    """The packages a proposal left out, by reference."""
    query = select(LeftOutPackage).join(Package, Package.id == LeftOutPackage.package_id)
    return paged(query.where(LeftOutPackage.proposal_id == proposal.id).order_by(Package.reference))


def left_out_counts(proposal: BatchProposal) -> list[ReasonCount]:
    """How many packages each reason left out, the most frequent first."""
    count = func.count(LeftOutPackage.id)
    query = select(LeftOutPackage.reason, count).where(LeftOutPackage.proposal_id == proposal.id)
    rows = db.session.execute(query.group_by(LeftOutPackage.reason).order_by(count.desc(), LeftOutPackage.reason))
    return [ReasonCount(reason, packages) for reason, packages in rows]


def areas_of(scheme_ids: Sequence[UUID]) -> list[str]:
    """The outcodes and sectors of the schemes' zones."""
    query = select(ZoneArea.area).join(Zone, Zone.id == ZoneArea.zone_id).where(Zone.scheme_id.in_(scheme_ids))
    return list(db.session.scalars(query.distinct().order_by(ZoneArea.area)))


def work_waiting(viewer: Viewer, limit: int) -> Sequence[Batch]:
    """Drafts to seal and sealed batches to offer, those that have waited longest first."""
    return db.session.scalars(_waiting(viewer).order_by(Batch.created_at, Batch.id).limit(limit)).unique().all()


def work_waiting_count(viewer: Viewer) -> int:
    """How many drafts and sealed batches wait."""
    return db.session.scalar(select(func.count()).select_from(_waiting(viewer).subquery())) or 0


def batch_named(viewer: Viewer, reference: str) -> UUID | None:
    """The id of the batch with this reference, or None."""
    query = visible_batches(viewer).with_only_columns(Batch.id).where(Batch.reference == reference)
    return db.session.scalars(query).one_or_none()


def _waiting(viewer: Viewer) -> Select[Batch]:
    return visible_batches(viewer).where(Batch.state.in_([BatchState.DRAFT, BatchState.SEALED]))


def _proposals(viewer: Viewer) -> Select[BatchProposal]:
    query = select(BatchProposal).where(BatchProposal.authority_id == viewer.authority_id)
    return query.options(joinedload(BatchProposal.scheme), joinedload(BatchProposal.lot))


def _whole() -> tuple[Any, ...]:
    return joinedload(Batch.scheme), selectinload(Batch.members).joinedload(BatchPackage.package)
