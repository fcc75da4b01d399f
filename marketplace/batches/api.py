"""Batches over the API: propose, list, read, edit, seal. The same steps as the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.routes import TaskOut
from app.api.shell import Given, ListOut, PageQuery, Sent, Version, api_blueprint, list_out
from app.auth import allows, current_viewer
from app.errors import MOST_REASON, Invalid
from marketplace.batches import queries, steps
from marketplace.batches.forms import LiftIn, ProposeIn, StartIn
from marketplace.batches.models import Batch, LeftOutPackage
from marketplace.batches.rules import BatchState, measured, warnings
from marketplace.packages.rules import PackageStatus, Source
from marketplace.vocabulary import Window

bp = api_blueprint("batches", __name__, "Batches")


class EditIn(Sent):
    """Packages to add, by reference, to lift out, and to give a new earliest start.

    With `version`, only if nobody changed the batch since.
    """

    version: Version | None = None
    add: Annotated[list[str], Field(max_length=100)] = []
    lift: Annotated[list[LiftIn], Field(max_length=100)] = []
    starts: Annotated[list[StartIn], Field(max_length=100)] = []


class SealIn(Sent):
    """Why, where the batch goes over a limit. With `version`, it is sealed only if nobody changed it since."""

    version: Version | None = None
    because: Annotated[str, Field(max_length=MOST_REASON)] = ""


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
    first_wanted_start: date | None
    weekly_minutes: int


class BatchOut(Given):
    """A batch. Distances are metres in a straight line; minutes are a week's, with carers counted.

    Where only the sector of a package is known, the round trip and what it saves are null; within how many metres of the
    middle of their sectors such packages are, `places_within_metres` says.
    """

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
    places_within_metres: int
    saved_metres: int | None
    over_limits_because: str | None
    packages: list[BatchPackageOut]
    warnings: list[str] = []


class ReasonCountOut(Given):
    """How many packages one reason left out."""

    reason: str
    packages: int


class ProposalOut(Given):
    """One run of proposing, and why packages are in none of its batches."""

    id: UUID
    scheme_id: UUID
    lot_id: UUID | None
    sources: list[str]
    proposed_at: datetime
    left_out: list[ReasonCountOut]


@bp.post("/batches/propose")
@allows("batches:write")
@bp.input(ProposeIn, location="json")
@bp.output(TaskOut, status_code=202)
def propose(json_data: ProposeIn) -> Any:
    """Queues the proposing of batches; the task says how far it is, and its result names the proposal.

    Drafts that nobody has changed are replaced where `replace` names them; else the answer is 409 and names them.
    """
    return steps.ProposeBatches.take(json_data)


@bp.get("/batches/proposals/<uuid:proposal_id>")
@allows("batches:read")
@bp.output(ProposalOut)
def show_proposal(proposal_id: UUID) -> dict[str, Any]:
    """One run of proposing."""
    proposal = queries.proposal_for(current_viewer(), proposal_id)
    columns = {name: getattr(proposal, name) for name in ProposalOut.model_fields if name != "left_out"}
    return {**columns, "left_out": queries.left_out_counts(proposal)}


class LeftOutPackageOut(Given):
    """A package that a proposal put in no batch, and why."""

    package_id: UUID
    reference: str
    reason: str


@bp.get("/batches/proposals/<uuid:proposal_id>/left-out")
@allows("batches:read")
@bp.input(PageQuery, location="query")
@bp.output(ListOut[LeftOutPackageOut])
def show_left_out(proposal_id: UUID, query_data: PageQuery) -> dict[str, Any]:
    """Every package that a proposal left out, by reference, with its reason."""
    page = queries.left_out_page(queries.proposal_for(current_viewer(), proposal_id), number=query_data.page)
    return list_out(page, [_left_out(row) for row in page.rows])


@bp.get("/batches")
@allows("batches:read")
@bp.input(BatchQuery, location="query")
@bp.output(ListOut[BatchOut])
def index(query_data: BatchQuery) -> dict[str, Any]:
    """The batches of the authority, newest first."""
    page = queries.batches_page(current_viewer(), query_data.state, number=query_data.page)
    return list_out(page, [_out(batch) for batch in page.rows])


@bp.get("/batches/<uuid:batch_id>")
@allows("batches:read")
@bp.output(BatchOut)
def show(batch_id: UUID) -> dict[str, Any]:
    """One batch with its packages, and the limits it goes over."""
    return _whole(batch_id)


@bp.patch("/batches/<uuid:batch_id>")
@allows("batches:write")
@bp.input(EditIn, location="json")
@bp.output(BatchOut)
def edit(batch_id: UUID, json_data: EditIn) -> dict[str, Any]:
    """Lifts packages out, adds others and gives new earliest starts: all of it or nothing."""
    version = json_data.version
    for place, package in enumerate(json_data.lift):
        try:
            steps.LiftPackage.take((version, package), batch_id=batch_id)
        except Invalid as refusal:
            raise Invalid({f"lift.{place}.{name}": text for name, text in refusal.errors.items()}) from refusal
        version = None  # each step makes it go up: only the first is compared with the version sent
    for reference in json_data.add:
        steps.AddPackage.take((version, reference), batch_id=batch_id)
        version = None
    for start in json_data.starts:
        steps.GiveStart.take((version, start), batch_id=batch_id)
        version = None
    return _whole(batch_id)


@bp.post("/batches/<uuid:batch_id>/seal")
@allows("batches:write")
@bp.input(SealIn, location="json")
@bp.output(BatchOut)
def seal(batch_id: UUID, json_data: SealIn) -> dict[str, Any]:
    """Fixes the packages of a draft, so that it can be offered."""
    steps.SealBatch.take((json_data.version, json_data.because), batch_id=batch_id)
    return _whole(batch_id)


NOT_OFFERED = (BatchState.DRAFT, BatchState.SEALED)


def _whole(batch_id: UUID) -> dict[str, Any]:
    batch = queries.batch_for(current_viewer(), batch_id)
    size = measured(queries.packages_in(batch))
    said = warnings(size, queries.limits_today(batch))
    return {**_out(batch), "warnings": said + queries.too_soon(batch) if batch.state in NOT_OFFERED else said}


def _left_out(row: LeftOutPackage) -> dict[str, Any]:
    return {"package_id": row.package_id, "reference": row.package.reference, "reason": row.reason}


def _out(batch: Batch) -> dict[str, Any]:
    size = measured(queries.packages_in(batch))
    return {
        **{name: getattr(batch, name) for name in BatchOut.model_fields if hasattr(batch, name)},
        "lot": batch.lot.name,
        "weekly_minutes": size.weekly_minutes,
        "round_trip_metres": size.exact_round_trip_m,
        "places_within_metres": size.unsure_m,
        "saved_metres": size.saved_m,
    }
