"""The page that the link in an email opens, without signing in: one offer for one contact.

Mail scanners follow links, so opening it spends nothing. It works until the deadline; an answer spends it.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.auth import anyone
from app.database import db
from app.errors import Refusal
from app.ui.drawing import time_left, visit_grid
from marketplace.answers.forms import LinkForm, declining, link_form
from marketplace.answers.links import answer_by_link, answerable, standing_price, standing_yes
from marketplace.answers.queries import LinkedOffer, offer_by_link, open_lines
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.sheets import offer_sheet
from marketplace.answers.terms import decline_reasons
from marketplace.rounds.models import Offer, OfferLine
from marketplace.rounds.rules import ResponseKind

bp = Blueprint("offer_links", __name__)


@bp.get("/offer-links/<token>")
@anyone
def show(token: str) -> str:
    """The offer, with the choices that the link allows; or that the link has been used."""
    linked = offer_by_link(token)
    return _page(linked, _form(linked.offer), token)


@bp.post("/offer-links/<token>")
@anyone
def send(token: str) -> AnyResponse:
    """Sends the answers and spends the link."""
    linked = offer_by_link(token)
    form = _form(linked.offer)
    if not form.validate_on_submit():
        return Response(_page(linked, form, token), status=422)
    try:
        answer_by_link(linked.link, linked.offer, _answers(form, linked.offer))
    except Refusal as refusal:
        db.session.rollback()
        form.take_by_package(refusal)
        return _again(form, token, refusal)
    return redirect(url_for("offer_links.show", token=token))


def _again(form: LinkForm, token: str, refusal: Refusal) -> AnyResponse:
    """The page with what was chosen; a link that has run out meanwhile gives the plain page instead."""
    return Response(_page(offer_by_link(token), form, token), status=refusal.status)


def _answers(form: LinkForm, offer: Offer) -> dict[UUID, ResponseDraft]:
    """The answers chosen, by line: one for all, or package by package."""
    price, everything = standing_price(offer), form.everything.data
    if everything == ResponseKind.ACCEPT.value and price is not None:
        return {line.id: standing_yes(line, price) for line in answerable(offer)}
    if everything == ResponseKind.DECLINE.value:
        no = declining(form.decline_code.data, form.decline_text.data)
        return {line.id: no for line in answerable(offer)}
    chosen = {line.id: form.part(line.id).answer(line, price) for line in open_lines(offer)}
    return {line_id: draft for line_id, draft in chosen.items() if draft is not None}


def _form(offer: Offer) -> LinkForm:
    """Parts for all open packages, those answered meanwhile too: choosing for one of them is a conflict to be told."""
    price, lines = standing_price(offer), open_lines(offer)
    within = {line.id: price if _fits(line, price) else None for line in lines}
    return link_form(lines, within, decline_reasons(offer.authority_id))


def _fits(line: OfferLine, price: int | None) -> bool:
    return price is not None and line.round.floor_pence <= price <= line.round.ceiling_pence


def _page(linked: LinkedOffer, form: LinkForm, token: str) -> str:
    sheet, lines = offer_sheet(linked.offer), answerable(linked.offer)
    return render_template(
        "marketplace/answers/link.html",
        sheet=sheet,
        form=form,
        token=token,
        spent_at=linked.link.spent_at,
        parts={line.id: form.part(line.id) for line in lines},
        left=time_left(clock.now(), sheet.issued_at, sheet.deadline),
        grids={one.line_id: visit_grid(one.visits) for one in sheet.packages},
        has_price=standing_price(linked.offer) is not None,
    )
