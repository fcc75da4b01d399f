"""Awarding over the API. The header Idempotency-Key is required, so that a repeated request awards once."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from flask import request
from pydantic import Field

from app.api.shell import Day, Given, Sent, api_blueprint
from app.auth import allows, current_viewer
from app.errors import Conflict, Invalid
from app.http.repeat import HEADER
from brokerage.allocation import queries
from brokerage.allocation.candidates import ANOTHER_ROUND
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AwardChoice, AwardState, NextStep
from brokerage.allocation.steps import ApproveAward, EndWithoutAward, MakeAward
from brokerage.ranking.queries import newest_of_package, refuse_seeing
from contracts.agreements.api import AgreementOut, as_given
from marketplace.packages.api import VisitIn, VisitOut, visits_text
from marketplace.rounds.models import OfferLine, Round
from marketplace.rounds.queries import line_for
from marketplace.rounds.rules import RoundState

bp = api_blueprint("awards", __name__, "Awards")

Words = Annotated[str, Field(max_length=1000)]


class AwardIn(Sent):
    """To whom, by offer line or by provider, and the reasons that the award may ask for.

    Where the provider offered other times, `agreed_visits` (or `agreed_weekly_visits`, as text) are those agreed with the
    person, on `agreed_on`: today where nothing is sent.
    """

    offer_line_id: UUID | None = None
    provider_id: UUID | None = None
    skip_reason: Words = ""
    below_minimum_reason: Words = ""
    agreed_with_person: Words = ""
    agreed_on: Day | None = None
    agreed_visits: Annotated[list[VisitIn], Field(max_length=140)] = []
    agreed_weekly_visits: Annotated[str, Field(max_length=4000)] = ""
    need_confirmed_with: Annotated[str, Field(max_length=200)] = ""
    second_person: Annotated[str, Field(max_length=254)] = ""
    exception_reason: Words = ""


class AwardOut(Given):
    """An award with the visits that it holds. `agreement` is null while it is only proposed. Money in pence."""

    id: UUID
    reference: str
    package_id: UUID
    provider_id: UUID
    state: AwardState
    place: int
    price_pence: int
    weekly_cost_pence: int
    proposed_at: datetime
    awarded_at: datetime | None
    agreed_on: date | None
    visits: list[VisitOut] | None
    agreement: AgreementOut | None


@bp.post("/packages/<uuid:package_id>/award")
@allows("awards:make")
@bp.input(AwardIn)
@bp.output(AwardOut, status_code=201)
@bp.doc(responses={202: "Proposed: a second person must approve it.", 409: "Awarded already, or changed."})
def make(package_id: UUID, json_data: AwardIn) -> tuple[dict[str, Any], int]:
    """Awards the package: 201; or proposes the award where a second person must approve it: 202."""
    if not request.headers.get(HEADER):
        raise Invalid({HEADER: f"Send the header {HEADER}, so that a repeated request awards only once."})
    round_ = newest_of_package(current_viewer(), package_id)
    refuse_seeing(current_viewer(), round_.issue)
    made: Award = MakeAward.take(_choice(json_data), line_id=_line(round_, json_data).id)
    return _as_given(made), 201 if made.state is AwardState.AWARDED else 202


class ApprovalIn(Sent):
    """The approval of a proposed award; says with whom the need was confirmed, where the last yes is older than a day."""

    need_confirmed_with: Annotated[str, Field(max_length=200)] = ""


@bp.post("/awards/<uuid:award_id>/approve")
@allows("awards:approve")
@bp.input(ApprovalIn)
@bp.output(AwardOut, status_code=201)
def approve(award_id: UUID, json_data: ApprovalIn) -> dict[str, Any]:
    """Approves a proposed award: never by whoever proposed it."""
    return _as_given(ApproveAward.take(json_data.need_confirmed_with, award_id=award_id))


class NoneSuitableIn(Sent):
    """Why no answer is suitable, and what comes next."""

    because: Annotated[str, Field(max_length=500)]
    next_step: NextStep


class EndedRoundOut(Given):
    """A round that has ended."""

    id: UUID
    number: int
    state: RoundState
    ended_because: str | None


@bp.post("/packages/<uuid:package_id>/none-suitable")
@allows("awards:make")
@bp.input(NoneSuitableIn)
@bp.output(EndedRoundOut)
def end_without_award(package_id: UUID, json_data: NoneSuitableIn) -> Any:
    """Ends the package's newest round without an award and tells everybody who answered."""
    round_ = newest_of_package(current_viewer(), package_id)
    ended = EndWithoutAward.take((json_data.because, json_data.next_step), round_id=round_.id)
    return EndedRoundOut.model_validate(ended)


def _choice(sent: AwardIn) -> AwardChoice:
    elsewhere = {"offer_line_id", "provider_id", "agreed_visits", "agreed_weekly_visits"}
    try:
        agreed = visits_text(sent.agreed_visits, sent.agreed_weekly_visits)
    except ValueError as wrong:
        raise Invalid({"agreed_visits": str(wrong)}) from wrong
    return AwardChoice(**sent.model_dump(exclude=elsewhere), agreed_visits=agreed)


def _line(round_: Round, sent: AwardIn) -> OfferLine:
    if (sent.offer_line_id is None) == (sent.provider_id is None):
        raise Invalid({"offer_line_id": "Send either offer_line_id or provider_id."})
    if sent.provider_id is not None:
        return queries.line_of_provider(round_, sent.provider_id)
    line = line_for(current_viewer(), sent.offer_line_id or round_.id)
    if line.round_id != round_.id:
        raise Conflict(ANOTHER_ROUND)
    return line


def _as_given(award: Award) -> dict[str, Any]:
    names = [name for name in AwardOut.model_fields if name != "agreement"]
    agreement = queries.agreement_of(award)
    return {
        **{name: getattr(award, name) for name in names},
        "agreement": as_given(agreement) if agreement else None,
    }
