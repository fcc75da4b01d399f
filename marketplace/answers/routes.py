"""Pages of a provider: its offers, one offer, and answering package by package or all at once.

A page is read with GET and writes nothing, not even that it was opened; see `responses` for what counts as opened.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.database import db
from app.errors import Invalid, NotFoundForViewer, Refusal
from app.exports import answer as file_answer
from app.parties.models import Organisation
from app.ui.drawing import time_left, visit_grid
from marketplace.answers import answering_all, services
from marketplace.answers.asked import asked_to_answer
from marketplace.answers.exporting import offers_table
from marketplace.answers.forms import AnswerAllForm, AnswerForm, pence_typed
from marketplace.answers.queries import draft_of, line_for, offer_for, offers_page
from marketplace.answers.sheets import SHOWN_SENTENCES, offer_sheet, package_sheet
from marketplace.answers.terms import decline_reasons
from marketplace.rounds.models import Offer, OfferLine
from marketplace.rounds.rules import ResponseKind, RoundState, is_open_at

bp = Blueprint("provider_offers", __name__)

WORDS = {"shown_sentences": SHOWN_SENTENCES}


@bp.post("/offers/export")
@allows("offers:export")
@password_again
def export() -> AnyResponse:
    """Every package that was offered to the viewer's organisation, with its own answers, as a file; recorded."""
    viewer = current_viewer()
    organisation = db.session.get_one(Organisation, viewer.organisation_id)
    return file_answer(offers_table(viewer), "offers:exported", organisation, by=viewer.actor)


@bp.get("/offers")
@allows("offers:answer")
def inbox() -> str:
    """The provider's offers: open ones by deadline, or those that are over with their outcome."""
    over = request.args.get("show") == "over"
    page = offers_page(current_viewer(), not over)
    left = {row.offer_id: time_left(clock.now(), row.issued_at, row.deadline) for row in page.rows}
    return render_template("marketplace/answers/inbox.html", page=page, over=over, left=left, **WORDS)


@bp.get("/offers/<uuid:offer_id>")
@allows("offers:answer")
def show(offer_id: UUID) -> str:
    """One offer: its terms, its packages with their visits, and where each answer stands."""
    offer = offer_for(current_viewer(), offer_id)
    sheet = offer_sheet(offer)
    return render_template(
        "marketplace/answers/offer.html",
        reasons={one.code: one.label for one in decline_reasons(offer.authority_id)},
        sheet=sheet,
        left=time_left(clock.now(), sheet.issued_at, sheet.deadline),
        grids={one.line_id: visit_grid(one.visits) for one in sheet.packages},
        entries=timeline(offer_id, Audience.PROVIDER),
        **WORDS,
    )


@bp.get("/offers/<uuid:offer_id>/packages/<uuid:line_id>/answer")
@allows("offers:answer")
def answer(offer_id: UUID, line_id: UUID) -> str | AnyResponse:
    """The form for one package; when there is nothing to answer any more, the offer, which says why."""
    line = _line(offer_id, line_id)
    if not _takes_answers(line):
        return redirect(url_for("provider_offers.show", offer_id=offer_id))
    form = AnswerForm()
    form.show(draft_of(line.response), line.response.version if line.response else 0)
    return _answer_page(form, line)


@bp.post("/offers/<uuid:offer_id>/packages/<uuid:line_id>/answer")
@allows("offers:answer")
def send_answer(offer_id: UUID, line_id: UUID) -> AnyResponse:
    """Sends the answer, or with `act=save` keeps it as a draft."""
    viewer = current_viewer()
    asked = asked_to_answer(viewer, offer_id, line_id)
    form = AnswerForm()
    form.offer_reasons(decline_reasons(asked.authority_id) if form.decline_code.data else ())
    if not form.validate_on_submit():
        form.renew()
        return Response(_answer_page(form, _line(offer_id, line_id)), status=422)
    manner = services.Manner(viewer.actor, submit=request.form.get("act") != "save")
    try:
        services.record_asked(asked, form.draft(), manner, form.seen_version())
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(_answer_page(form, _line(offer_id, line_id)), status=refusal.status)
    flash(_SENT if manner.submit else _SAVED, "success")
    return redirect(url_for("provider_offers.show", offer_id=offer_id))


@bp.post("/offers/<uuid:offer_id>/packages/<uuid:line_id>/withdraw")
@allows("offers:answer")
def withdraw(offer_id: UUID, line_id: UUID) -> AnyResponse:
    """Takes back an answer that was sent."""
    services.withdraw_response(_line(offer_id, line_id), by=current_viewer().actor)
    flash("The answer is taken back. You can answer again until the deadline.", "success")
    return redirect(url_for("provider_offers.show", offer_id=offer_id))


@bp.get("/offers/<uuid:offer_id>/answer-all")
@allows("offers:answer")
def answer_all(offer_id: UUID) -> str | AnyResponse:
    """The form that answers every package at once."""
    offer = offer_for(current_viewer(), offer_id)
    if not offer_sheet(offer).is_open:
        return redirect(url_for("provider_offers.show", offer_id=offer_id))
    return _all_page(_all_form(offer), offer)


@bp.post("/offers/<uuid:offer_id>/answer-all")
@allows("offers:answer")
def send_all(offer_id: UUID) -> AnyResponse:
    """Sends one answer to every package."""
    offer = offer_for(current_viewer(), offer_id)
    form = _all_form(offer)
    if not form.validate_on_submit():
        form.renew()
        return Response(_all_page(form, offer), status=422)
    try:
        _send_all(offer, form)
    except Refusal as refusal:
        db.session.rollback()
        form.take(refusal)
        return Response(_all_page(form, offer_for(current_viewer(), offer_id)), status=refusal.status)
    flash(_SENT, "success")
    return redirect(url_for("provider_offers.show", offer_id=offer_id))


_SAVED = "The draft is saved. It does not count until you send it."
_SENT = "Your answer is sent. You can change it or take it back until the deadline."


def _takes_answers(line: OfferLine) -> bool:
    return line.round.state is RoundState.OPEN and is_open_at(clock.now(), line.offer.issue.deadline)


def _send_all(offer: Offer, form: AnswerAllForm) -> None:
    actor = current_viewer().actor
    sends: dict[str, Callable[[], object]] = {
        ResponseKind.ACCEPT.value: lambda: answering_all.accept_all(
            offer, pence_typed(form.price.data), form.earliest_start.data, by=actor
        ),
        ResponseKind.DECLINE.value: lambda: answering_all.decline_all(
            offer, form.decline_code.data or "", form.decline_text.data or "", by=actor
        ),
    }
    send = sends.get(form.kind.data or "")
    if send is None:
        raise Invalid({"kind": "Choose yes or no for all packages."})
    send()


def _line(offer_id: UUID, line_id: UUID) -> OfferLine:
    return _inside(offer_id, line_for(current_viewer(), line_id))


def _inside(offer_id: UUID, line: OfferLine) -> OfferLine:
    if line.offer_id != offer_id:
        raise NotFoundForViewer
    return line


def _all_form(offer: Offer) -> AnswerAllForm:
    form = AnswerAllForm()
    form.offer_reasons(decline_reasons(offer.authority_id))
    return form


def _answer_page(form: AnswerForm, line: OfferLine) -> str:
    sheet, issue = package_sheet(line), line.offer.issue
    form.offer_reasons(decline_reasons(line.authority_id))
    return render_template(
        "marketplace/answers/answer.html",
        form=form,
        sheet=sheet,
        offer=line.offer,
        unit=issue.lot.unit.value,
        left=time_left(clock.now(), line.offer.issued_at, issue.deadline),
        grid=visit_grid(sheet.visits),
    )


def _all_page(form: AnswerAllForm, offer: Offer) -> str:
    sheet = offer_sheet(offer)
    left = time_left(clock.now(), sheet.issued_at, sheet.deadline)
    return render_template("marketplace/answers/answer_all.html", form=form, sheet=sheet, left=left)
