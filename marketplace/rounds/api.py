"""Offering over the API: a batch, a package, one issue, more time, taking it back. Same services as the pages."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.api.shell import ListOut, PageQuery, Sent, Version, api_blueprint, list_out
from app.auth import allows, current_viewer
from marketplace.rounds.overview import IssueOut, IssueRowOut, issues_page, view_of
from marketplace.rounds.queries import issue_for
from marketplace.rounds.rules import OfferState
from marketplace.rounds.steps import ExtendDeadline, OfferBatch, OfferPackage, WithdrawOffer

bp = api_blueprint("offers", __name__, "Offers by the council")

Reason = Annotated[str, Field(min_length=1, max_length=500)]


class OfferBatchIn(Sent):
    """With `version`, the batch is offered only if nobody changed it since."""

    version: Version | None = None


class OfferPackageIn(Sent):
    """What has changed since the last round, in words; "nothing" is allowed."""

    changed_since: Annotated[str, Field(max_length=500)] = ""


class WithdrawIn(Sent):
    """Why the offer is taken back. Everybody who was asked reads it."""

    because: Reason


class ExtendIn(Sent):
    """A later deadline, with its zone, and why. Everybody who was asked reads it."""

    deadline: AwareDatetime
    reason: Reason


@bp.post("/batches/<uuid:batch_id>/offer")
@allows("offers:issue")
@bp.input(OfferBatchIn, location="json_or_form", arg_name="sent")
@bp.output(IssueOut, status_code=201)
def offer_batch(batch_id: UUID, sent: OfferBatchIn) -> IssueOut:
    """Offers a sealed batch to every eligible member; the body may name the `version` of the batch that was seen."""
    seen = "" if sent.version is None else str(sent.version)
    return view_of(OfferBatch.take(seen, batch_id=batch_id))


@bp.post("/packages/<uuid:package_id>/offer")
@allows("offers:issue")
@bp.input(OfferPackageIn, location="json_or_form", arg_name="sent")
@bp.output(IssueOut, status_code=201)
def offer_package(package_id: UUID, sent: OfferPackageIn) -> IssueOut:
    """Offers one package to every eligible member; the body may say what `changed_since` the last round."""
    return view_of(OfferPackage.take(sent.changed_since, package_id=package_id))


class IssuesQuery(PageQuery):
    """Which issues, and which page of them."""

    state: OfferState | None = None


@bp.get("/issues")
@allows("offers:watch")
@bp.input(IssuesQuery, location="query", arg_name="query")
@bp.output(ListOut[IssueRowOut])
def show_list(query: IssuesQuery) -> dict[str, Any]:
    """The issues of the authority, the newest first."""
    page = issues_page(current_viewer(), query.state, number=query.page)
    return list_out(page, page.rows)


@bp.get("/issues/<uuid:issue_id>")
@allows("offers:watch")
@bp.output(IssueOut)
def show(issue_id: UUID) -> IssueOut:
    """One issue: its rounds, who was asked with proof of notice, who was not and why."""
    return view_of(issue_for(current_viewer(), issue_id))


@bp.post("/issues/<uuid:issue_id>/extend")
@allows("offers:extend")
@bp.input(ExtendIn, location="json")
@bp.output(IssueOut)
def extend_deadline(issue_id: UUID, json_data: ExtendIn) -> IssueOut:
    """Gives everybody more time."""
    ExtendDeadline.take((json_data.deadline, json_data.reason), issue_id=issue_id)
    return view_of(issue_for(current_viewer(), issue_id))


@bp.post("/issues/<uuid:issue_id>/withdraw")
@allows("offers:withdraw")
@bp.input(WithdrawIn, location="json")
@bp.output(IssueOut)
def withdraw(issue_id: UUID, json_data: WithdrawIn) -> IssueOut:
    """Takes the whole offer back before its deadline."""
    WithdrawOffer.take(json_data.because, issue_id=issue_id)
    return view_of(issue_for(current_viewer(), issue_id))
