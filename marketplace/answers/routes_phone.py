"""Pages on which a broker enters what a provider said by telephone."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.auth import allows, current_viewer
from app.database import db
from app.errors import NotFoundForViewer, Refusal
from marketplace.answers.forms import PhoneForm
from marketplace.answers.phone import enter_by_phone, heard_version, reason_against_entering
from marketplace.answers.terms import decline_reasons
from marketplace.rounds.models import OfferLine
from marketplace.rounds.overview import offer_lines
from marketplace.rounds.queries import issue_for, line_for
from marketplace.rounds.rules import OfferState, is_open_at

bp = Blueprint("phone_answers", __name__)


@bp.get("/issues/<uuid:issue_id>/offers/<uuid:offer_id>/by-phone")
@allows("responses:by-phone")
def choose(issue_id: UUID, offer_id: UUID) -> str:
    """Which package of this provider's offer the answer is about."""
    issue = issue_for(current_viewer(), issue_id)
    lines = offer_lines(issue, offer_id)
    if not lines:
        raise NotFoundForViewer
    return render_template("marketplace/answers/by_phone_choose.html", issue=issue, lines=lines)


@bp.get("/offer-lines/<uuid:line_id>/by-phone")
@allows("responses:by-phone")
def form(line_id: UUID) -> str:
    """Asks what was said, and when."""
    line = line_for(current_viewer(), line_id)
    empty = _form(line)
    empty.heard_now()
    empty.version.data = str(heard_version(line))
    return _page(line, empty)


@bp.post("/offer-lines/<uuid:line_id>/by-phone")
@allows("responses:by-phone")
def enter(line_id: UUID) -> AnyResponse:
    """Enters the answer; the provider is told and can still change it."""
    viewer = current_viewer()
    line = line_for(viewer, line_id)
    typed = _form(line)
    if not typed.validate_on_submit():
        return Response(_page(line, typed), status=422)
    try:
        seen = typed.seen_version()
        enter_by_phone(line, typed.draft(), typed.heard_at(), by=viewer.actor, expected_version=seen)
    except Refusal as refusal:
        db.session.rollback()
        typed.take(refusal)
        return Response(_page(line_for(viewer, line_id), typed), status=refusal.status)
    flash("The answer was entered, and the provider was told.", "success")
    return redirect(url_for("offers.show", issue_id=line.offer.issue_id))


def _form(line: OfferLine) -> PhoneForm:
    made = PhoneForm()
    made.offer_reasons(decline_reasons(line.authority_id))
    return made


def _page(line: OfferLine, shown: PhoneForm) -> str:
    issue = line.offer.issue
    is_open = issue.state is OfferState.OPEN and is_open_at(clock.now(), issue.deadline)
    return render_template(
        "marketplace/answers/by_phone.html",
        line=line,
        issue=issue,
        form=shown,
        is_open=is_open,
        refused=reason_against_entering(line),
        heard=heard_version(line) > 0,
    )
