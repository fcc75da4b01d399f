"""Each step by which an answer comes: on a provider's page, through the link in an email, heard by telephone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.auth.permissions import ANYONE
from app.steps import ButtonStep, PageStep, at
from app.ui.drawing import time_left, visit_grid
from app.ui.forms import HomewardForm
from app.values.money import pounds_number
from marketplace.answers import links, services, telephone
from marketplace.answers.forms import AnswerAllForm, AnswerForm, LinkForm, PhoneForm, link_form
from marketplace.answers.lines import LineFacts, decline_reasons, own_line
from marketplace.answers.queries import draft_of, line_for, offer_by_link, offer_for, open_lines
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.services import Draft, LineAnswer, Manner
from marketplace.answers.sheets import offer_sheet, package_sheet
from marketplace.rounds import queries as council
from marketplace.rounds.models import Offer, OfferLine, OfferLink
from marketplace.rounds.rules import ResponseKind, RoundState, is_open_at

bp = Blueprint("provider_offers", __name__)
links_bp = Blueprint("offer_links", __name__)
telephone_bp = Blueprint("phone_answers", __name__)

SAVED = "The draft is saved. It does not count until you send it."
SENT = "Your answer is sent. You can change it or take it back until the deadline."


@at(bp, "/offers/<uuid:offer_id>/packages/<uuid:line_id>/answer")
class AnswerPackage(PageStep[LineFacts, tuple[ResponseDraft, int | None]]):
    """Sends the answer about one package, or with `act=save` keeps it as a draft."""

    permission = "offers:answer"
    form_class = AnswerForm
    leads_to = "provider_offers.show"

    def load(self, **ids: UUID) -> LineFacts:
        return own_line(self.viewer, ids["offer_id"], ids["line_id"], lock=request.method == "POST")

    def get(self, **ids: UUID) -> str | AnyResponse:
        """Asks; when there is nothing to answer any more, the offer says why."""
        line = self.load(**ids)
        if line.round_state is RoundState.OPEN and is_open_at(clock.now(), line.deadline):
            return super().get(**ids)
        return redirect(self.onwards(line, None))

    def form(self, thing: LineFacts) -> AnswerForm:
        form = AnswerForm()
        return form.offering(decline_reasons(thing.authority_id) if form.decline_code.data else ())

    def blank(self, thing: LineFacts) -> AnswerForm:
        response = line_for(self.viewer, thing.id).response
        draft, version = draft_of(response), response.version if response else 0
        return AnswerForm(**asdict(draft), price=pounds_number(draft.price_pence), version=version)

    def act(self, thing: LineFacts, typed: tuple[ResponseDraft, int | None]) -> None:
        services.record([LineAnswer(thing, *typed)], Manner(self.viewer.actor, submit=not self._only_saves))

    def says(self, thing: LineFacts, outcome: Any) -> str:
        return SAVED if self._only_saves else SENT

    def page(self, form: HomewardForm, thing: LineFacts) -> str:
        assert isinstance(form, AnswerForm)
        line = line_for(self.viewer, thing.id)
        sheet = package_sheet(line)
        return render_template(
            "marketplace/answers/answer.html",
            form=form.offering(decline_reasons(thing.authority_id)),
            sheet=sheet,
            offer=line.offer,
            unit=thing.unit.value,
            left=time_left(clock.now(), thing.issued_at, thing.deadline),
            grid=visit_grid(sheet.visits),
        )

    @property
    def _only_saves(self) -> bool:
        return request.form.get("act") == "save"


@at(bp, "/offers/<uuid:offer_id>/packages/<uuid:line_id>/withdraw")
class WithdrawAnswer(ButtonStep[LineFacts]):
    """Takes back an answer that was sent."""

    permission = "offers:answer"
    said = "The answer is taken back. You can answer again until the deadline."
    leads_to = "provider_offers.show"

    def load(self, **ids: UUID) -> LineFacts:
        return own_line(self.viewer, ids["offer_id"], ids["line_id"], lock=True)

    def act(self, thing: LineFacts) -> None:
        services.withdraw_response(thing, by=self.viewer.actor)


@at(bp, "/offers/<uuid:offer_id>/answer-all")
class AnswerAll(PageStep[Offer, Draft]):
    """Sends one answer to every package that can still be answered."""

    permission = "offers:answer"
    form_class = AnswerAllForm
    query = staticmethod(offer_for)
    said = SENT
    leads_to = "provider_offers.show"

    def get(self, **ids: UUID) -> str | AnyResponse:
        """Asks; when there is nothing to answer any more, the offer says why."""
        offer = self.load(**ids)
        return super().get(**ids) if offer_sheet(offer).is_open else redirect(self.onwards(offer, None))

    def form(self, thing: Offer) -> AnswerAllForm:
        return AnswerAllForm().offering(decline_reasons(thing.authority_id))

    def act(self, thing: Offer, typed: Draft) -> None:
        services.answer_all(thing.id, typed, Manner(self.viewer.actor))

    def page(self, form: HomewardForm, thing: Offer) -> str:
        sheet = offer_sheet(thing)
        left = time_left(clock.now(), sheet.issued_at, sheet.deadline)
        return render_template("marketplace/answers/answer_all.html", form=form, sheet=sheet, left=left)


@at(links_bp, "/offer-links/<token>")
class AnswerByLink(PageStep[OfferLink, Mapping[UUID, ResponseDraft]]):
    """One offer for one contact, without signing in: the answers chosen spend the link.

    Mail scanners follow links, so opening it spends nothing. It works until the deadline; one that has run out
    meanwhile gives a plain page instead.
    """

    permission = ANYONE
    form_class = LinkForm

    def load(self, **ids: str) -> OfferLink:
        return offer_by_link(ids["token"])

    def form(self, thing: OfferLink) -> LinkForm:
        """Parts for all open packages, those answered meanwhile too: choosing for one of them is a conflict to be told."""
        price, lines = links.standing_price(thing.offer), open_lines(thing.offer)
        prices = {line.id: price if links.is_within(line, price) else None for line in lines}
        return link_form(lines, prices, decline_reasons(thing.offer.authority_id))

    def typed(self, form: HomewardForm, thing: OfferLink) -> Mapping[UUID, ResponseDraft]:
        assert isinstance(form, LinkForm)
        price, offer = links.standing_price(thing.offer), thing.offer
        if form.everything.data == ResponseKind.ACCEPT.value and price is not None:
            return {line.id: links.standing_yes(line, price) for line in links.answerable(offer)}
        if form.everything.data == ResponseKind.DECLINE.value:
            no = services.declining(form.decline_code.data, form.decline_text.data)
            return {line.id: no for line in links.answerable(offer)}
        chosen = {line.id: form.part(line.id).answer(line, price) for line in open_lines(offer)}
        return {line_id: draft for line_id, draft in chosen.items() if draft is not None}

    def act(self, thing: OfferLink, typed: Mapping[UUID, ResponseDraft]) -> None:
        links.answer_by_link(thing, typed)

    def onwards(self, thing: OfferLink, outcome: Any) -> str:
        return request.path

    def page(self, form: HomewardForm, thing: OfferLink) -> str:
        assert isinstance(form, LinkForm)
        sheet = offer_sheet(thing.offer)
        return render_template(
            "marketplace/answers/link.html",
            sheet=sheet,
            form=form,
            spent_at=thing.spent_at,
            parts={line.id: form.part(line.id) for line in links.answerable(thing.offer)},
            left=time_left(clock.now(), sheet.issued_at, sheet.deadline),
            grids={package.line_id: visit_grid(package.visits) for package in sheet.packages},
            has_price=links.standing_price(thing.offer) is not None,
        )


@at(telephone_bp, "/offer-lines/<uuid:line_id>/by-phone")
class AnswerByPhone(PageStep[OfferLine, tuple[ResponseDraft, datetime, int | None]]):
    """Enters what a provider said by telephone; it is told and can still change it."""

    permission = "responses:by-phone"
    form_class = PhoneForm
    query = staticmethod(council.line_for)
    said = "The answer was entered, and the provider was told."

    def form(self, thing: OfferLine) -> PhoneForm:
        return PhoneForm().offering(decline_reasons(thing.authority_id))

    def blank(self, thing: OfferLine) -> PhoneForm:
        form = self.form(thing)
        form.heard_now()
        form.version.data = str(telephone.heard_version(thing))
        return form

    def typed(self, form: HomewardForm, thing: OfferLine) -> tuple[ResponseDraft, datetime, int | None]:
        assert isinstance(form, PhoneForm)
        draft, seen = form.typed()
        return draft, form.heard_at(), seen

    def act(self, thing: OfferLine, typed: tuple[ResponseDraft, datetime, int | None]) -> None:
        draft, heard_at, seen = typed
        telephone.enter_by_phone(thing, draft, heard_at, by=self.viewer.actor, expected_version=seen)

    def onwards(self, thing: OfferLine, outcome: Any) -> str:
        return url_for("offers.show", issue_id=thing.offer.issue_id)

    def page(self, form: HomewardForm, thing: OfferLine) -> str:
        return render_template(
            "marketplace/answers/by_phone.html",
            line=thing,
            issue=thing.offer.issue,
            form=form,
            is_open=thing.offer.issue.takes_answers,
            refused=telephone.reason_against_entering(thing),
            heard=telephone.heard_version(thing) > 0,
        )
