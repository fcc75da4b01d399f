"""Offering over the API: a batch, a package, one issue, more time, taking it back. Same services as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.api.shell import Given, Sent, Version, api_blueprint
from app.auth import allows, current_viewer
from marketplace.rounds.models import Issue
from marketplace.rounds.notice import NoticeOfOffer
from marketplace.rounds.overview import view_of
from marketplace.rounds.queries import issue_for
from marketplace.rounds.rules import NoticeState, OfferState, RoundState
from marketplace.rounds.steps import ExtendDeadline, OfferBatch, OfferPackage, WithdrawOffer
from marketplace.vocabulary import PriceScoring, Window

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


class ExclusionOut(Given):
    """Members that were not asked, by reason: each provider's name with its sentence."""

    code: str
    label: str
    providers: list[tuple[str, str]]


class IssueRoundOut(Given):
    """One package of the issue. `answers` counts yes, no and none, once the round was closed; if taken back, never."""

    round_id: UUID
    package_id: UUID
    package_reference: str
    number: int
    state: RoundState
    ended_because: str | None
    changed_since: str | None
    area_shown: str
    floor_pence: int
    ceiling_pence: int
    asked: int
    left_out: list[ExclusionOut]
    answers: dict[str, int] | None


class NoticeOut(Given):
    """One provider that was asked: proof of notice, and of how many packages it has sent an answer, never which."""

    offer_id: UUID
    reference: str
    provider_id: UUID
    provider_name: str
    notice: NoticeState
    sentence: str
    inbox_at: datetime | None
    emails: int
    sent: int
    delivered: int
    bounced: int
    opened_at: datetime | None
    packages: int
    answered: int
    phoned_at: datetime | None
    stopped: list[str]


class IssueOut(Given):
    """One act of offering. `seed` is the fair draw's secret number, given once the rounds are closed; if taken back, never."""

    id: UUID
    reference: str
    state: OfferState
    batch_id: UUID | None
    scheme_id: UUID
    lot: str
    window: Window
    issued_at: datetime
    deadline: datetime
    ended_at: datetime | None
    ended_because: str | None
    quality_weight: int
    price_weight: int
    price_scoring: PriceScoring
    quality_minimum: int
    seed_hash: str
    seed: str | None
    rounds: list[IssueRoundOut]
    offers: list[NoticeOut]


@bp.post("/batches/<uuid:batch_id>/offer")
@allows("offers:issue")
@bp.input(OfferBatchIn, location="json_or_form", arg_name="sent")
@bp.output(IssueOut, status_code=201)
def offer_batch(batch_id: UUID, sent: OfferBatchIn) -> dict[str, Any]:
    """Offers a sealed batch to every eligible member; the body may name the `version` of the batch that was seen."""
    seen = "" if sent.version is None else str(sent.version)
    return _issue_out(OfferBatch.take(seen, batch_id=batch_id))


@bp.post("/packages/<uuid:package_id>/offer")
@allows("offers:issue")
@bp.input(OfferPackageIn, location="json_or_form", arg_name="sent")
@bp.output(IssueOut, status_code=201)
def offer_package(package_id: UUID, sent: OfferPackageIn) -> dict[str, Any]:
    """Offers one package to every eligible member; the body may say what `changed_since` the last round."""
    return _issue_out(OfferPackage.take(sent.changed_since, package_id=package_id))


@bp.get("/issues/<uuid:issue_id>")
@allows("offers:watch")
@bp.output(IssueOut)
def show(issue_id: UUID) -> dict[str, Any]:
    """One issue: its rounds, who was asked with proof of notice, who was not and why."""
    return _issue_out(issue_for(current_viewer(), issue_id))


@bp.post("/issues/<uuid:issue_id>/extend")
@allows("offers:extend")
@bp.input(ExtendIn, location="json")
@bp.output(IssueOut)
def extend_deadline(issue_id: UUID, json_data: ExtendIn) -> dict[str, Any]:
    """Gives everybody more time."""
    ExtendDeadline.take((json_data.deadline, json_data.reason), issue_id=issue_id)
    return _issue_out(issue_for(current_viewer(), issue_id))


@bp.post("/issues/<uuid:issue_id>/withdraw")
@allows("offers:withdraw")
@bp.input(WithdrawIn, location="json")
@bp.output(IssueOut)
def withdraw(issue_id: UUID, json_data: WithdrawIn) -> dict[str, Any]:
    """Takes the whole offer back before its deadline."""
    WithdrawOffer.take(json_data.because, issue_id=issue_id)
    return _issue_out(issue_for(current_viewer(), issue_id))


def _issue_out(issue: Issue) -> dict[str, Any]:
    view = view_of(issue)
    named = IssueOut.model_fields.keys() - {"lot", "seed", "rounds", "offers"}
    return {name: getattr(issue, name) for name in named} | {
        "lot": issue.lot.name,
        "seed": issue.seed_shown,
        "rounds": view.rounds,
        "offers": [_notice_out(notice, view.stops.get(notice.offer_id, ())) for notice in view.notice],
    }


def _notice_out(told: NoticeOfOffer, stopped: Sequence[str]) -> dict[str, Any]:
    named = NoticeOut.model_fields.keys() - {"notice", "sentence", "stopped"}
    own = {"notice": told.notice.state, "sentence": told.notice.sentence, "stopped": list(stopped)}
    return own | {name: getattr(told, name) for name in named}
