"""A provider's offers over the API: its inbox, one offer, answering and taking an answer back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from flask import Response as FlaskResponse
from pydantic import Field

from app.api.shell import (
    EXPORT,
    Day,
    ExportAsked,
    ListOut,
    PageQuery,
    Sent,
    Tick,
    Version,
    Whole,
    api_blueprint,
    list_out,
)
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.errors import Invalid
from app.exports import file_answer
from marketplace.answers import services
from marketplace.answers.exporting import offers_table
from marketplace.answers.lines import locked_lines
from marketplace.answers.queries import offer_for, offers_page
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.services import InvalidAnswer, LineAnswer, Manner
from marketplace.answers.sheets import OfferOut, OfferRowOut, offer_sheet
from marketplace.packages.api import VisitIn, visits_text
from marketplace.rounds.models import Offer
from marketplace.rounds.rules import ResponseKind

bp = api_blueprint("provider_offers", __name__, "Offers to a provider")

Text = Annotated[str, Field(max_length=2000)]


class AnswerIn(Sent):
    """An answer to one package, named by its reference; without a name, and sent alone, to every open package.

    Other times come as the visits of a package do: one by one, or as text in the form of the import.
    """

    package: str | None = None
    answer: Literal["accept", "decline"] | None = None
    price_pence: Annotated[Whole, Field(ge=0, le=100_000_00)] | None = None
    earliest_start: Day | None = None
    alternative_times: Text = ""
    other_visits: Annotated[list[VisitIn], Field(max_length=140)] = []
    other_weekly_visits: Annotated[str, Field(max_length=4000)] = ""
    assessment_visit_needed: Tick = False
    people_nearby_text: Text = ""
    people_nearby_count: Whole | None = None
    decline_code: Annotated[str, Field(max_length=40)] = ""
    decline_text: Text = ""
    note: Text = ""
    version: Version | None = None


class ResponseIn(Sent):
    """Answers to one offer: kept as drafts, or sent with `submit`. All are taken or none; each package once."""

    submit: Tick
    answers: Annotated[list[AnswerIn], Field(min_length=1, max_length=200)]


class WithdrawAnswerIn(Sent):
    """The package whose answer is taken back, by its reference."""

    package: str


class OffersQuery(PageQuery):
    """Which offers: those still open, or those that are over."""

    open: bool = True


@bp.get("/offers")
@allows("offers:answer")
@bp.input(OffersQuery, location="query", arg_name="query")
@bp.output(ListOut[OfferRowOut])
def inbox(query: OffersQuery) -> dict[str, Any]:
    """The provider's offers, the most urgent first; or those that are over, newest first."""
    page = offers_page(current_viewer(), query.open, number=query.page)
    return list_out(page, page.rows)


@bp.post("/offers/export")
@allows("offers:export")
@password_again
@bp.input(ExportAsked, arg_name="asked")
@bp.doc(**EXPORT)
def export(asked: ExportAsked) -> FlaskResponse:
    """Every package that was offered to the caller's organisation, with its own answer."""
    return file_answer(partial(offers_table, current_viewer()), "offers:exported", asked.format)


@bp.get("/offers/<uuid:offer_id>")
@allows("offers:answer")
@bp.output(OfferOut)
def show(offer_id: UUID) -> OfferOut:
    """One offer with its packages and the provider's own answers."""
    return offer_sheet(offer_for(current_viewer(), offer_id))


@bp.put("/offers/<uuid:offer_id>/response")
@allows("offers:answer")
@bp.input(ResponseIn, arg_name="sent")
@bp.output(OfferOut)
def answer(offer_id: UUID, sent: ResponseIn) -> OfferOut:
    """Answers packages of an offer, each once, or all of them alike; as drafts or for good, until the deadline."""
    viewer = current_viewer()
    offer, manner = offer_for(viewer, offer_id), Manner(viewer.actor, "api", submit=sent.submit)
    _refuse_repetition([answer.package for answer in sent.answers])
    if sent.answers[0].package is None:
        _answer_all(offer, sent.answers[0], manner)
    else:
        _answer_each(offer, sent.answers, manner)
    return offer_sheet(offer_for(viewer, offer_id))


@bp.post("/offers/<uuid:offer_id>/withdraw")
@allows("offers:answer")
@bp.input(WithdrawAnswerIn, arg_name="sent")
@bp.output(OfferOut)
def withdraw(offer_id: UUID, sent: WithdrawAnswerIn) -> OfferOut:
    """Takes back the answer to one package, until the deadline."""
    viewer = current_viewer()
    line_id = _line_ids(offer_for(viewer, offer_id)).get(_reference(sent.package))
    if line_id is None:
        raise Invalid({"package": NO_SUCH_PACKAGE})
    for line in locked_lines([offer_id], [line_id]):
        services.withdraw_response(line, by=viewer.actor, came_by="api")
    return offer_sheet(offer_for(viewer, offer_id))


NO_SUCH_PACKAGE = "This offer holds no package with this reference."


def _refuse_repetition(packages: Sequence[str | None]) -> None:
    """Each package is answered once in one request: everything sent is one transaction."""
    names = [None if name is None else _reference(name) for name in packages]
    for number, name in enumerate(names):
        if name is None and len(names) > 1:
            raise Invalid({f"answers.{number}.package": "Name a package. An answer to all of them is sent alone."})
        if name in names[:number]:
            raise Invalid({f"answers.{number}.package": f"{name} is answered twice. Answer each package once."})


def _answer_all(offer: Offer, sent: AnswerIn, manner: Manner) -> None:
    draft = _draft(sent, 0)
    try:
        services.answer_all(offer.id, lambda _line: draft, manner, sent.version)
    except Invalid as refusal:
        raise Invalid(_placed(refusal.errors, 0)) from refusal


def _answer_each(offer: Offer, sent: Sequence[AnswerIn], manner: Manner) -> None:
    """All of them, or none: a refusal names the place of the answer that it is about."""
    line_ids = _line_ids(offer)
    places = {line_ids.get(_reference(answer.package or "")): place for place, answer in enumerate(sent)}
    if (unknown := places.get(None)) is not None:
        raise Invalid({f"answers.{unknown}.package": NO_SUCH_PACKAGE})
    lines = locked_lines([offer.id], [line_id for line_id in places if line_id])
    in_order = sorted(lines, key=lambda line: places[line.id])
    said = zip(in_order, sent, range(len(sent)), strict=True)
    answers = [LineAnswer(line, _draft(answer, place), answer.version) for line, answer, place in said]
    try:
        services.record(answers, manner)
    except InvalidAnswer as refusal:
        raise Invalid(_placed(refusal.errors, places[refusal.line.id])) from refusal


def _line_ids(offer: Offer) -> dict[str, UUID]:
    return {line.round.package.reference: line.id for line in offer.lines}


def _reference(typed: str) -> str:
    return typed.strip().upper()


def _draft(sent: AnswerIn, place: int) -> ResponseDraft:
    said = sent.model_dump(exclude={"package", "answer", "version", "other_visits", "other_weekly_visits"})
    try:
        visits = visits_text(sent.other_visits, sent.other_weekly_visits)
    except ValueError as wrong:
        raise Invalid(_placed({"other_visits": str(wrong)}, place)) from wrong
    return ResponseDraft(kind=ResponseKind(sent.answer) if sent.answer else None, other_visits=visits, **said)


PLACES = {"kind": "answer", "price": "price_pence"}
"""The fields of the page that are called otherwise here."""


def _placed(errors: Mapping[str, str], place: int) -> dict[str, str]:
    """A refusal's fields by their place in what was sent."""
    return {f"answers.{place}.{PLACES.get(name, name)}": text for name, text in errors.items()}
