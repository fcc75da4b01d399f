"""Batches over the API: propose, list, read, edit, seal. Same services, same permissions, same reasons as the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.shell import Given, PageOf, PageQuery, Sent, Version, api_blueprint
from app.auth import allows, current_viewer
from app.errors import Invalid
from app.parties.viewer import Viewer
from marketplace.batches import queries, services
from marketplace.batches.models import Batch
from marketplace.batches.overview import BatchView, views_of, warnings_of
from marketplace.batches.states import BatchState
from marketplace.packages.models import Package
from marketplace.packages.rules import PackageStatus, Source
from marketplace.schemes.models import Lot, Scheme
from marketplace.schemes.queries import managed_scheme
from marketplace.vocabulary import Window

bp = api_blueprint("batches", __name__, "Batches")


class ProposeIn(Sent):
    """For which packages batches are proposed: a scheme, one of its lots or all, and the sources."""

    scheme_id: UUID
    lot_id: UUID | None = None
    sources: Annotated[list[Source], Field(min_length=1)] = [Source.REALLOCATION]


class LiftIn(Sent):
    """A package to take out for the person's own preference."""

    package_id: UUID
    because: Annotated[str, Field(min_length=1, max_length=500)]


class EditIn(Sent):
    """Packages to add, by reference, and packages to lift out. With `version`, only if nobody changed the batch since."""

    version: Version | None = None
    add: Annotated[list[str], Field(max_length=100)] = []
    lift: Annotated[list[LiftIn], Field(max_length=100)] = []


class SealIn(Sent):
    """With `version`, the batch is sealed only if nobody changed it since."""

    version: Version | None = None


class BatchQuery(PageQuery):
    """Which batches, and which page of them."""

    state: BatchState | None = None


class BatchPackageOut(Given):
    """A package of a batch: no name, no address."""

    id: UUID
    reference: str
    status: PackageStatus
    source: Source
    sector: str
    planned_start: date
    weekly_minutes: int


class BatchOut(Given):
    """A batch. Distances are metres in a straight line; minutes are a week's, with carers counted."""

    id: UUID
    reference: str
    state: BatchState
    version: int
    title: str
    why: list[str]
    scheme_id: UUID
    lot_id: UUID
    lot: str
    window: Window
    created_at: datetime
    sealed_at: datetime | None
    offered_at: datetime | None
    settled_at: datetime | None
    weekly_minutes: int
    round_trip_metres: int | None
    saved_metres: int | None
    packages: list[BatchPackageOut]
    warnings: list[str] = []


class BatchListOut(PageOf):
    """One page of batches."""

    batches: list[BatchOut]


class LeftOutOut(Given):
    """How many packages one reason left out."""

    reason: str
    packages: int


class ProposedOut(Given):
    """The drafts that were made, and why other packages are in none."""

    proposal_id: UUID
    batches: list[BatchOut]
    left_out: list[LeftOutOut]


@bp.post("/batches/propose")
@allows("batches:write")
@bp.input(ProposeIn, location="json")
@bp.output(ProposedOut, status_code=201)
@bp.doc(security="bearer")
def propose(json_data: ProposeIn) -> dict[str, Any]:
    """Proposes batches; earlier drafts of the same scheme or lot are replaced."""
    viewer = current_viewer()
    scheme = managed_scheme(viewer, json_data.scheme_id)
    batches = services.propose_batches(scheme, _lot(scheme, json_data.lot_id), json_data.sources, viewer.actor)
    proposal = queries.latest_proposal(viewer, scheme.id)
    assert proposal is not None
    left_out = queries.left_out_counts(proposal)
    return {"proposal_id": proposal.id, "batches": _outs(views_of(batches)), "left_out": left_out}


@bp.get("/batches")
@allows("batches:read")
@bp.input(BatchQuery, location="query")
@bp.output(BatchListOut)
@bp.doc(security="bearer")
def index(query_data: BatchQuery) -> dict[str, Any]:
    """The batches of the authority, newest first."""
    page = queries.batches_page(current_viewer(), query_data.state, number=query_data.page)
    return {"page": page.number, "pages": page.pages, "total": page.total, "batches": _outs(views_of(page.rows))}


@bp.get("/batches/<uuid:batch_id>")
@allows("batches:read")
@bp.output(BatchOut)
@bp.doc(security="bearer")
def show(batch_id: UUID) -> dict[str, Any]:
    """One batch with its packages, and the limits it goes over."""
    return _whole(current_viewer(), batch_id)


@bp.patch("/batches/<uuid:batch_id>")
@allows("batches:write")
@bp.input(EditIn, location="json")
@bp.output(BatchOut)
@bp.doc(security="bearer")
def edit(batch_id: UUID, json_data: EditIn) -> dict[str, Any]:
    """Lifts packages out and adds others: all of it or nothing."""
    viewer = current_viewer()
    batch = queries.batch_for(viewer, batch_id)
    _edit(viewer, batch, json_data)
    return _whole(viewer, batch_id)


@bp.post("/batches/<uuid:batch_id>/seal")
@allows("batches:write")
@bp.input(SealIn, location="json")
@bp.output(BatchOut)
@bp.doc(security="bearer")
def seal(batch_id: UUID, json_data: SealIn) -> dict[str, Any]:
    """Fixes the packages of a draft, so that it can be offered."""
    viewer = current_viewer()
    batch = queries.batch_for(viewer, batch_id)
    services.seal(batch, by=viewer.actor, expected_version=json_data.version)
    return _whole(viewer, batch_id)


def _edit(viewer: Viewer, batch: Batch, sent: EditIn) -> None:
    """Each step makes the version go up, so that only the first of them is compared with the version sent."""
    version = sent.version
    for one in sent.lift:
        package = _inside(batch, one.package_id)
        services.lift_package(batch, package, one.because, viewer.actor, expected_version=version)
        version = None
    for reference in sent.add:
        package = queries.package_named(viewer, reference)
        services.add_package(batch, package, by=viewer.actor, expected_version=version)
        version = None


def _lot(scheme: Scheme, lot_id: UUID | None) -> Lot | None:
    if lot_id is None:
        return None
    lot = next((one for one in scheme.lots if one.id == lot_id), None)
    if lot is None:
        raise Invalid({"lot_id": "This scheme has no such lot."})
    return lot


def _inside(batch: Batch, package_id: UUID) -> Package:
    package = next((one for one in batch.packages if one.id == package_id), None)
    if package is None:
        raise Invalid({"lift": "One of the packages is not in this batch."})
    return package


def _whole(viewer: Viewer, batch_id: UUID) -> dict[str, Any]:
    (view,) = views_of([queries.batch_for(viewer, batch_id)])
    return {**_out(view), "warnings": warnings_of(view)}


def _outs(views: list[BatchView]) -> list[dict[str, Any]]:
    return [_out(view) for view in views]


def _out(view: BatchView) -> dict[str, Any]:
    batch = view.batch
    named = ("id", "reference", "state", "version", "title", "why", "scheme_id", "lot_id", "window", "created_at")
    return {
        **{name: getattr(batch, name) for name in (*named, "sealed_at", "offered_at", "settled_at")},
        "lot": batch.lot.name,
        "weekly_minutes": view.size.weekly_minutes,
        "round_trip_metres": view.size.round_trip_m,
        "saved_metres": view.size.saved_m,
        "packages": [BatchPackageOut.model_validate(package) for package in batch.packages],
    }
