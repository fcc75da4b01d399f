"""Awards outside the system over the API: the same steps, permissions and refusals as on the pages."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.shell import Day, Given, ListOut, PageQuery, Sent, Tick, Whole, api_blueprint, list_out
from app.auth import allows, current_viewer
from brokerage.outside import queries
from brokerage.outside.models import OutsideAward
from brokerage.outside.routes import reads_why
from brokerage.outside.rules import PUBLISHED_SHARE, OutsideGround, OutsideState, OutsideWanted, added_up
from brokerage.outside.steps import AskOutside, ClearOutside, EndOutside, RefuseOutside, SecondOutside, TakeBackOutside
from contracts.agreements.api import AgreementOut, as_given

bp = api_blueprint("outside_awards", __name__, "Awards outside the system")

Words = Annotated[str, Field(max_length=500)]


class OutsideAwardIn(Sent):
    """What is asked for. The provider is a registered one, by its id or its CQC location, or is named with its postcode."""

    ground: OutsideGround
    reason: Words = ""
    provider_id: UUID | None = None
    provider_name: Annotated[str, Field(max_length=200)] = ""
    cqc_location_id: Annotated[str, Field(max_length=20)] = ""
    provider_postcode: Annotated[str, Field(max_length=12)] = ""
    price_pence: Whole | None = None
    starts_on: Day | None = None
    has_interest: Tick
    need_confirmed_with: Annotated[str, Field(max_length=200)] = ""


class OutsideDecisionIn(Sent):
    """Somebody agrees, having declared their interests."""

    has_interest: Tick
    need_confirmed_with: Annotated[str, Field(max_length=200)] = ""


class OutsideEndIn(Sent):
    """Why it is refused, taken back, or ends before care begins."""

    because: Words = ""


class OutsideAwardOut(Given):
    """One award outside the system. `clearance` says why a contract manager must decide; `reason` is null for those who may
    not read it. Money in pence.
    """

    id: UUID
    reference: str
    package_id: UUID
    package_reference: str
    provider_id: UUID | None
    provider_name: str
    cqc_location_id: str | None
    state: OutsideState
    ground: OutsideGround
    reason: str | None
    price_pence: int
    weekly_cost_pence: int
    starts_on: date
    clearance: str | None
    asked_at: datetime
    awarded_at: datetime | None
    agreement: AgreementOut | None


class ShareOfMonthOut(Given):
    """Awards of one month. `permille` is the share on the system of 1,000 awards; null where nothing was awarded."""

    first_day: date
    on_system: int
    outside: int
    permille: int | None


class SystemShareOut(Given):
    """The last twelve months, together and one by one: awards that stand, counted in the month in which they were made."""

    together: ShareOfMonthOut
    months: list[ShareOfMonthOut]
    published_elsewhere: str


@bp.get("/outside-awards")
@allows("outside:read")
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(ListOut[OutsideAwardOut])
def show_list(query: PageQuery) -> dict[str, Any]:
    """Those of the authority, newest first; each with its agreement only where it is read alone."""
    page = queries.outside_page(current_viewer(), number=query.page)
    return list_out(page, [_as_given(award) for award in page.rows])


@bp.get("/outside-awards/share")
@allows("outside:figures")
@bp.output(SystemShareOut)
def show_share() -> dict[str, Any]:
    """The share of awards that were made on the system."""
    shares = queries.shares_by_month(current_viewer())
    months = [ShareOfMonthOut.model_validate(month) for month in shares]
    whole = ShareOfMonthOut.model_validate(added_up(shares))
    return {"together": whole, "months": months, "published_elsewhere": PUBLISHED_SHARE}


@bp.get("/outside-awards/<uuid:award_id>")
@allows("outside:read")
@bp.output(OutsideAwardOut)
def show(award_id: UUID) -> dict[str, Any]:
    """One of them."""
    return _whole(queries.outside_award_for(current_viewer(), award_id))


@bp.post("/packages/<uuid:package_id>/outside-award")
@allows("outside:ask")
@bp.input(OutsideAwardIn, arg_name="sent")
@bp.output(OutsideAwardOut, status_code=202)
def ask(package_id: UUID, sent: OutsideAwardIn) -> dict[str, Any]:
    """Asks for an award outside the system; a second person must agree."""
    words = sent.model_dump() | {"provider_id": str(sent.provider_id or "")}
    return _whole(AskOutside.take(OutsideWanted(**words), package_id=package_id))


@bp.post("/outside-awards/<uuid:award_id>/second")
@allows("outside:second")
@bp.input(OutsideDecisionIn, arg_name="sent")
@bp.output(OutsideAwardOut)
def second(award_id: UUID, sent: OutsideDecisionIn) -> dict[str, Any]:
    """A second person agrees, never whoever asked."""
    return _whole(SecondOutside.take((sent.has_interest, sent.need_confirmed_with), award_id=award_id))


@bp.post("/outside-awards/<uuid:award_id>/clear")
@allows("outside:clear")
@bp.input(OutsideDecisionIn, arg_name="sent")
@bp.output(OutsideAwardOut)
def clear(award_id: UUID, sent: OutsideDecisionIn) -> dict[str, Any]:
    """A contract manager agrees, where the provider is below the gate or suspended."""
    return _whole(ClearOutside.take((sent.has_interest, sent.need_confirmed_with), award_id=award_id))


@bp.post("/outside-awards/<uuid:award_id>/refuse")
@allows("outside:refuse")
@bp.input(OutsideEndIn, arg_name="sent")
@bp.output(OutsideAwardOut)
def refuse(award_id: UUID, sent: OutsideEndIn) -> dict[str, Any]:
    """Refuses what somebody else asked for."""
    return _whole(RefuseOutside.take(sent.because, award_id=award_id))


@bp.post("/outside-awards/<uuid:award_id>/take-back")
@allows("outside:ask")
@bp.input(OutsideEndIn, arg_name="sent")
@bp.output(OutsideAwardOut)
def take_back(award_id: UUID, sent: OutsideEndIn) -> dict[str, Any]:
    """Takes back what the caller asked for."""
    return _whole(TakeBackOutside.take(sent.because, award_id=award_id))


@bp.post("/outside-awards/<uuid:award_id>/pull-out")
@allows("outside:pull-out")
@bp.input(OutsideEndIn, arg_name="sent")
@bp.output(OutsideAwardOut)
def pull_out(award_id: UUID, sent: OutsideEndIn) -> dict[str, Any]:
    """Records that the provider withdraws before care begins."""
    return _whole(EndOutside.take(sent.because, award_id=award_id))


def _whole(award: OutsideAward) -> dict[str, Any]:
    agreement = queries.agreement_of(award)
    return _as_given(award) | {"agreement": as_given(agreement) if agreement else None}


def _as_given(award: OutsideAward) -> dict[str, Any]:
    elsewhere = {"agreement", "package_reference", "reason"}
    return {
        **{name: getattr(award, name) for name in OutsideAwardOut.model_fields.keys() - elsewhere},
        "package_reference": award.package.reference,
        "reason": award.reason if reads_why(current_viewer(), award) else None,
        "agreement": None,
    }
