"""A provider's offers over the API: its inbox, one offer, answering and taking an answer back.

Prices are texts in pounds, such as "18.50", read and refused exactly as on the page.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.shell import Given, PageOf, PageQuery, Sent, api_blueprint
from app.auth import allows, current_viewer
from app.database import db
from app.errors import Invalid
from marketplace.offers import responses
from marketplace.offers.forms import pence_typed, pounds_typed
from marketplace.offers.models import Offer, OfferLine, Response
from marketplace.offers.queries_provider import OfferRow, offer_for, offers_page
from marketplace.offers.response_rules import ResponseDraft, ResponseKind
from marketplace.offers.rules import OfferState, ResponseState, RoundState
from marketplace.offers.sheets import PackageSheet, offer_sheet

bp = api_blueprint("provider_offers", __name__, "Offers to a provider")

Text = Annotated[str, Field(max_length=2000)]


class AnswerSent(Sent):
    """An answer to one package, named by its reference; without a name, to every open package of the offer."""

    package: str | None = None
    answer: Literal["accept", "decline"] | None = None
    price: Annotated[str, Field(max_length=40)] | None = None
    earliest_start: date | None = None
    alternative_times: Text = ""
    assessment_visit_needed: bool = False
    people_nearby_text: Text = ""
    people_nearby_count: int | None = None
    decline_code: Annotated[str, Field(max_length=40)] = ""
    decline_text: Text = ""
    note: Text = ""
    version: int | None = None


class ResponseSent(Sent):
    """Answers to one offer: kept as drafts, or sent with `submit`. All are taken or none."""

    submit: bool
    answers: Annotated[list[AnswerSent], Field(min_length=1, max_length=200)]


class WithdrawSent(Sent):
    """The package whose answer is taken back, by its reference."""

    package: str


class OffersAsked(PageQuery):
    """Which offers: those still open, or those that are over."""

    open: bool = True


class AnswerGiven(Given):
    """Where the provider's own answer to one package stands. The price is in pounds."""

    state: ResponseState
    answer: ResponseKind | None
    price: str | None
    earliest_start: date | None
    alternative_times: str
    assessment_visit_needed: bool
    people_nearby_text: str
    people_nearby_count: int | None
    decline_code: str | None
    decline_text: str
    note: str
    submitted_at: datetime | None
    version: int


class VisitGiven(Given):
    """One visit of the week: weekday 0 is Monday, the window in minutes of the day."""

    weekday: int
    window_start: int
    window_end: int
    minutes: int
    carers: int
    time_critical: bool
    tasks: str


class PackageGiven(Given):
    """One package of an offer. Floor and ceiling are in pounds per unit."""

    reference: str
    area: str
    pen_picture: str
    visits: list[VisitGiven]
    weekly_minutes: int
    wanted_start: date
    must_haves: list[str]
    language: str
    floor: str
    ceiling: str
    state: RoundState
    response: AnswerGiven | None


class OfferGiven(Given):
    """One offer with its terms. The seed of the draw is null until the deadline."""

    id: UUID
    reference: str
    provider: str
    scheme: str
    lot: str
    unit: str
    state: OfferState
    issued_at: datetime
    deadline: datetime
    quality_weight: int
    price_weight: int
    price_scoring: str
    seed_hash: str
    seed: str | None
    ticket: str
    packages: list[PackageGiven]


class OfferListed(Given):
    """One line of the list."""

    id: UUID
    reference: str
    provider: str
    lot: str
    state: OfferState
    issued_at: datetime
    deadline: datetime
    packages: int
    answered: int
    awarded: int


class OffersGiven(PageOf):
    """A page of offers."""

    items: list[OfferListed]


@bp.get("/offers")
@allows("offers:answer")
@bp.input(OffersAsked, location="query", arg_name="asked")
@bp.output(OffersGiven)
@bp.doc(security="bearer")
def inbox(asked: OffersAsked) -> OffersGiven:
    """The provider's offers, the most urgent first; or those that are over, newest first."""
    page = offers_page(current_viewer(), asked.open, number=asked.page)
    items = [_listed(row) for row in page.rows]
    return OffersGiven(page=page.number, pages=page.pages, total=page.total, items=items)


@bp.get("/offers/<uuid:offer_id>")
@allows("offers:answer")
@bp.output(OfferGiven)
@bp.doc(security="bearer")
def show(offer_id: UUID) -> OfferGiven:
    """One offer with its packages and the provider's own answers."""
    return _given(offer_for(current_viewer(), offer_id))


@bp.put("/offers/<uuid:offer_id>/response")
@allows("offers:answer")
@bp.input(ResponseSent, arg_name="sent")
@bp.output(OfferGiven)
@bp.doc(security="bearer")
def answer(offer_id: UUID, sent: ResponseSent) -> OfferGiven:
    """Answers packages of an offer, as drafts or for good, until the deadline."""
    offer, by = offer_for(current_viewer(), offer_id), current_viewer().actor
    write = responses.submit if sent.submit else responses.save_draft
    for number, one in enumerate(sent.answers):
        try:
            draft = _draft(one)
            for line in _lines(offer, one.package):
                write(line, draft, by=by, came_by="api", expected_version=one.version)
        except Invalid as refusal:
            raise Invalid(_named(refusal, f"answers.{number}")) from refusal
    db.session.commit()
    return _given(offer_for(current_viewer(), offer_id))


@bp.post("/offers/<uuid:offer_id>/withdraw")
@allows("offers:answer")
@bp.input(WithdrawSent, arg_name="sent")
@bp.output(OfferGiven)
@bp.doc(security="bearer")
def withdraw(offer_id: UUID, sent: WithdrawSent) -> OfferGiven:
    """Takes back the answer to one package, until the deadline."""
    offer = offer_for(current_viewer(), offer_id)
    (line,) = _lines(offer, sent.package)
    responses.withdraw_response(line, by=current_viewer().actor, came_by="api")
    db.session.commit()
    return _given(offer_for(current_viewer(), offer_id))


def _lines(offer: Offer, package: str | None) -> list[OfferLine]:
    """The line of the package named, or all open ones."""
    if package is None:
        return responses.open_lines(offer)
    found = [line for line in offer.lines if line.round.package.reference == package.strip().upper()]
    if not found:
        raise Invalid({"package": "This offer holds no package with this reference."})
    return found


def _draft(sent: AnswerSent) -> ResponseDraft:
    return ResponseDraft(
        kind=ResponseKind(sent.answer) if sent.answer else None,
        price_pence=pence_typed(sent.price),
        **sent.model_dump(exclude={"package", "answer", "price", "version"}),
    )


def _named(refusal: Invalid, place: str) -> dict[str, str]:
    """The refusal's fields by their place in what was sent."""
    return {f"{place}.{'answer' if name == 'kind' else name}": text for name, text in refusal.errors.items()}


def _listed(row: OfferRow) -> OfferListed:
    return OfferListed(
        id=row.offer_id, **{name: getattr(row, name) for name in OfferListed.model_fields if name != "id"}
    )


def _given(offer: Offer) -> OfferGiven:
    sheet = offer_sheet(offer)
    own = {"id": sheet.offer_id, "seed": sheet.seed or None, "packages": [_package(one) for one in sheet.packages]}
    return OfferGiven(**own, **{name: getattr(sheet, name) for name in OfferGiven.model_fields if name not in own})


def _package(sheet: PackageSheet) -> PackageGiven:
    own = {
        "visits": [VisitGiven.model_validate(visit) for visit in sheet.visits],
        "floor": pounds_typed(sheet.floor_pence),
        "ceiling": pounds_typed(sheet.ceiling_pence),
        "must_haves": list(sheet.must_haves),
        "response": _answer(sheet.response) if sheet.response else None,
    }
    return PackageGiven(**own, **{name: getattr(sheet, name) for name in PackageGiven.model_fields if name not in own})


def _answer(response: Response) -> AnswerGiven:
    return AnswerGiven(
        state=response.state,
        answer=response.kind,
        price=pounds_typed(response.price_pence) or None,
        earliest_start=response.earliest_start,
        alternative_times=response.alternative_times,
        assessment_visit_needed=response.needs_assessment_visit,
        people_nearby_text=response.nearby,
        people_nearby_count=response.nearby_count,
        decline_code=response.decline_code,
        decline_text=response.decline_text,
        note=response.note,
        submitted_at=response.submitted_at,
        version=response.version,
    )
