"""Pages for closing a round before its deadline."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.errors import Conflict, Refusal
from brokerage.ranking import early
from brokerage.ranking.forms import EarlyClosingForm
from brokerage.ranking.queries import issue_seen
from marketplace.rounds.models import Issue
from marketplace.rounds.queries import all_have_answered

bp = Blueprint("early_closing", __name__)


@bp.get("/issues/<uuid:issue_id>/early-closing")
@allows("rounds:close-early")
def show(issue_id: UUID) -> str:
    """What is needed to close early, and the request that waits for a second person."""
    issue = issue_seen(current_viewer(), issue_id)
    early.refuse_unless_open(issue)
    return _page(issue, EarlyClosingForm())


@bp.post("/issues/<uuid:issue_id>/early-closing")
@allows("rounds:close-early")
def ask(issue_id: UUID) -> AnyResponse:
    """Asks a second person to agree."""
    viewer, form = current_viewer(), EarlyClosingForm()
    issue = issue_seen(viewer, issue_id)
    if not form.validate_on_submit():
        return Response(_page(issue, form), status=422)
    try:
        early.ask_to_close_early(issue, form.reason.data or "", by=viewer.actor)
    except Refusal as refusal:
        form.take(refusal)
        return Response(_page(issue, form), status=refusal.status)
    flash("Asked. A second broker can agree on this page; until then nothing changes.")
    return redirect(url_for("early_closing.show", issue_id=issue.id))


@bp.post("/issues/<uuid:issue_id>/early-closing/agreement")
@allows("rounds:close-early")
def agree(issue_id: UUID) -> AnyResponse:
    """The second person agrees: the round closes now."""
    viewer = current_viewer()
    issue = issue_seen(viewer, issue_id)
    asked = early.open_request(issue)
    if asked is None:
        raise Conflict("Nobody has asked to close this early, or somebody has agreed already.")
    early.agree_to_close_early(asked, issue, by=viewer.actor)
    return _closed()


@bp.post("/issues/<uuid:issue_id>/early-closing/answered")
@allows("rounds:close-early")
def answered(issue_id: UUID) -> AnyResponse:
    """Everybody has answered: the round closes now."""
    viewer = current_viewer()
    early.close_when_answered(issue_seen(viewer, issue_id), by=viewer.actor)
    return _closed()


def _closed() -> AnyResponse:
    flash("The round is closed, and everybody invited is being told. Its ranking will be here within a minute.")
    return redirect(url_for("ranking.show_board"))


def _page(issue: Issue, form: EarlyClosingForm) -> str:
    asked, viewer = early.open_request(issue), current_viewer()
    return render_template(
        "brokerage/ranking/early_closing.html",
        issue=issue,
        form=form,
        asked=asked,
        own_request=asked is not None and asked.asked_by == viewer.user_id,
        answered=all_have_answered(issue),
        refused=early.ENTERED_BY_PHONE if early.entered_by_phone(issue, viewer.user_id) else "",
    )
