"""The pages of offers that change nothing: a provider's offers, one offer, and which package a telephone answer is about.

A page is read with GET and writes nothing, not even that it was opened; see `services` for what counts as opened.
"""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.errors import NotFoundForViewer
from app.exports import file_answer
from app.ui.drawing import time_left, visit_grid
from marketplace.answers.exporting import offers_table
from marketplace.answers.lines import decline_reasons
from marketplace.answers.queries import offer_for, offers_page
from marketplace.answers.sheets import SHOWN_SENTENCES, offer_sheet
from marketplace.answers.steps import bp, links_bp, telephone_bp
from marketplace.rounds.models import Offer
from marketplace.rounds.overview import lines_of
from marketplace.rounds.queries import issue_for

PAGES = (telephone_bp, bp, links_bp)
WORDS = {"shown_sentences": SHOWN_SENTENCES}


@bp.post("/offers/export")
@allows("offers:export")
@password_again
def export() -> AnyResponse:
    """Every package that was offered to the viewer's organisation, with its own answers, as a file; recorded."""
    return file_answer(partial(offers_table, current_viewer()), "offers:exported")


@bp.get("/offers")
@allows("offers:answer")
def inbox() -> str:
    """The provider's offers: open ones by deadline, or those that are over with their outcome."""
    over = request.args.get("show") == "over"
    page = offers_page(current_viewer(), not over)
    left = {row.id: time_left(clock.now(), row.issued_at, row.deadline) for row in page.rows}
    return render_template("marketplace/answers/inbox.html", page=page, over=over, left=left, **WORDS)


@bp.get("/offers/<uuid:offer_id>")
@allows("offers:answer")
def show(offer_id: UUID) -> str:
    """One offer: its terms, its packages with their visits, and where each answer stands."""
    offer = offer_for(current_viewer(), offer_id)
    sheet = offer_sheet(offer)
    return render_template(
        "marketplace/answers/offer.html",
        reasons={reason.code: reason.label for reason in decline_reasons(offer.authority_id)},
        sheet=sheet,
        left=time_left(clock.now(), sheet.issued_at, sheet.deadline),
        grids={package.line_id: visit_grid(package.visits) for package in sheet.packages},
        entries=timeline(offer_id, Audience.PROVIDER),
        **WORDS,
    )


@telephone_bp.get("/issues/<uuid:issue_id>/offers/<uuid:offer_id>/by-phone")
@allows("responses:by-phone")
def choose(issue_id: UUID, offer_id: UUID) -> str:
    """Which package of this provider's offer the answer heard by telephone is about."""
    issue = issue_for(current_viewer(), issue_id)
    lines = lines_of(issue, Offer.id == offer_id)
    if not lines:
        raise NotFoundForViewer
    return render_template("marketplace/answers/by_phone_choose.html", issue=issue, lines=lines)
