"""A provider's offers over the API: its inbox, one offer, answering and taking an answer back.

Prices are texts in pounds, such as "18.50", read and refused exactly as on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response as FlaskResponse

from app.api.shell import EXPORT, ExportAsked, api_blueprint, exported
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.errors import Invalid
from marketplace.answers import services
from marketplace.answers.answering_all import answer_all
from marketplace.answers.api_shapes import (
    AnswerGiven,
    AnswerSent,
    OfferGiven,
    OfferListed,
    OffersAsked,
    OffersGiven,
    PackageGiven,
    ResponseSent,
    VisitGiven,
    WithdrawSent,
)
from marketplace.answers.exporting import offers_table
from marketplace.answers.forms import pence_typed, pounds_typed
from marketplace.answers.queries import OfferRow, offer_for, offers_page
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.services import Manner
from marketplace.answers.sheets import PackageSheet, offer_sheet
from marketplace.rounds.models import Offer, OfferLine, Response
from marketplace.rounds.rules import ResponseKind

bp = api_blueprint("provider_offers", __name__, "Offers to a provider")


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


@bp.post("/offers/export")
@allows("offers:export")
@password_again
@bp.input(ExportAsked, arg_name="asked")
@bp.doc(**EXPORT)
def export(asked: ExportAsked) -> FlaskResponse:
    """Every package that was offered to the caller's organisation, with its own answer."""
    viewer = current_viewer()
    return exported(offers_table(viewer), "offers:exported", viewer.organisation_id, asked.format)


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
    """Answers packages of an offer, each once, or all of them alike; as drafts or for good, until the deadline."""
    viewer = current_viewer()
    offer, manner = offer_for(viewer, offer_id), Manner(viewer.actor, "api", submit=sent.submit)
    _refuse_repetition([one.package for one in sent.answers])
    for number, one in enumerate(sent.answers):
        try:
            _write(offer, one, manner)
        except Invalid as refusal:
            raise Invalid(_named(refusal, f"answers.{number}")) from refusal
    return _given(offer_for(viewer, offer_id))


@bp.post("/offers/<uuid:offer_id>/withdraw")
@allows("offers:answer")
@bp.input(WithdrawSent, arg_name="sent")
@bp.output(OfferGiven)
@bp.doc(security="bearer")
def withdraw(offer_id: UUID, sent: WithdrawSent) -> OfferGiven:
    """Takes back the answer to one package, until the deadline."""
    offer = offer_for(current_viewer(), offer_id)
    line = _line(offer, sent.package)
    services.withdraw_response(line, by=current_viewer().actor, came_by="api")
    return _given(offer)


def _refuse_repetition(packages: Sequence[str | None]) -> None:
    """Each package is answered once in one request: everything sent is one transaction."""
    names = [None if name is None else _reference(name) for name in packages]
    for number, name in enumerate(names):
        if name is None and len(names) > 1:
            raise Invalid({f"answers.{number}.package": "Name a package. An answer to all of them is sent alone."})
        if name in names[:number]:
            raise Invalid({f"answers.{number}.package": f"{name} is answered twice. Answer each package once."})


def _write(offer: Offer, sent: AnswerSent, manner: Manner) -> None:
    draft = _draft(sent)
    if sent.package is None:
        answer_all(offer, lambda _asked: draft, manner, sent.version)
        return
    write = services.submit if manner.submit else services.save_draft
    line = _line(offer, sent.package)
    write(line, draft, by=manner.by, came_by=manner.came_by, expected_version=sent.version)


def _line(offer: Offer, package: str) -> OfferLine:
    """The line of the package named."""
    for line in offer.lines:
        if line.round.package.reference == _reference(package):
            return line
    raise Invalid({"package": "This offer holds no package with this reference."})


def _reference(typed: str) -> str:
    return typed.strip().upper()


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
