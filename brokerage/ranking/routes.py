"""Pages of the ranking: the board, declaring interests, one round's ranking and its frozen inputs."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.auth import allows, current_viewer
from app.errors import NotFoundForViewer, Refusal
from app.house import House
from app.pages.context import may
from app.parties.viewer import Viewer
from app.ui.drawing import ranking_bars, time_left
from app.ui.drawing.bars import RankedRow
from brokerage.ranking import board, queries, services
from brokerage.ranking.access import NOT_DECLARED, declaration_of
from brokerage.ranking.forms import DeclarationForm
from brokerage.ranking.presenting import PlaceRow
from brokerage.ranking.viewing import RankingView, stops_now, view_of
from marketplace.rounds.models import Issue, Round
from marketplace.rounds.rules import RoundState

bp = Blueprint("ranking", __name__)


@bp.get("/board")
@allows("rankings:read")
def show_board() -> str:
    """What waits for a decision, what is open with the time left, what was awarded lately."""
    viewer = current_viewer()
    asked = request.args.get("show", "")
    shown = board.Show(asked) if asked in set(board.Show) else board.Show.DECIDE
    counts = board.counts(viewer)
    return render_template(
        "brokerage/ranking/board.html",
        shown=shown,
        titles=board.TITLES,
        counts=counts,
        page=board.listed(viewer, shown, counts[shown]),
        requests=board.early_requests(viewer),
        time_left_of=lambda issue: time_left(clock.now(), issue.issued_at, issue.deadline),
    )


@bp.get("/issues/<uuid:issue_id>/declaration")
@allows("rankings:declare")
def declaration(issue_id: UUID) -> str:
    """The form in which somebody declares their interests before seeing an issue's answers."""
    return _declaration_page(queries.issue_seen(current_viewer(), issue_id), DeclarationForm())


@bp.post("/issues/<uuid:issue_id>/declaration")
@allows("rankings:declare")
def declare(issue_id: UUID) -> AnyResponse:
    """Writes the declaration down, and goes on to the ranking it was asked for."""
    viewer, form = current_viewer(), DeclarationForm()
    issue = queries.issue_seen(viewer, issue_id)
    if not form.validate_on_submit():
        return Response(_declaration_page(issue, form), status=422)
    try:
        services.declare_conflict(issue, form.has_conflict.data == "yes", form.note.data or "", by=viewer.actor)
    except Refusal as refusal:
        form.take(refusal)
        return Response(_declaration_page(issue, form), status=refusal.status)
    flash("Your declaration is written down.", "success")
    round_id = _round_wanted(issue)
    return redirect(url_for("ranking.show", round_id=round_id) if round_id else url_for("ranking.show_board"))


@bp.get("/rounds/<uuid:round_id>/ranking")
@allows("rankings:read")
def show(round_id: UUID) -> str | AnyResponse:
    """The whole arithmetic of every place. Whoever has not declared their interests yet does so first."""
    viewer = current_viewer()
    round_ = queries.round_seen(viewer, round_id)
    if queries.reason_against_seeing(viewer, round_.issue) == NOT_DECLARED:
        return redirect(url_for("ranking.declaration", issue_id=round_.issue_id, round=round_.id))
    queries.refuse_seeing(viewer, round_.issue)
    return _ranking_page(round_, view_of(round_, _number()))


@bp.post("/rounds/<uuid:round_id>/ranking")
@allows("rankings:declare")
def rank_again(round_id: UUID) -> AnyResponse:
    """Ranks now; a new ranking is made only if something has changed."""
    viewer = current_viewer()
    round_ = _seen(viewer, round_id)
    services.rank_round(round_, because="Ranked again on request.", by=viewer.actor)
    return redirect(url_for("ranking.show", round_id=round_.id))


@bp.get("/rounds/<uuid:round_id>/ranking/inputs.json")
@allows("rankings:read")
def inputs(round_id: UUID) -> Response:
    """The frozen inputs, byte for byte: with them anybody can make the ranking again."""
    round_ = _seen(current_viewer(), round_id)
    wanted = _number()
    row = next((row for row in queries.rankings_of(round_) if wanted in {None, row.number}), None)
    if row is None:
        raise NotFoundForViewer("There is no ranking with this number.")
    name = f"ranking-{round_.package.reference}-{round_.number}-{row.number}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(row.inputs, content_type="application/json", headers=headers)


def _seen(viewer: Viewer, round_id: UUID) -> Round:
    round_ = queries.round_seen(viewer, round_id)
    queries.refuse_seeing(viewer, round_.issue)
    return round_


def _number() -> int | None:
    text = request.args.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _round_wanted(issue: Issue) -> UUID | None:
    """The round whose ranking led to the declaration, if it is one of this issue."""
    wanted = request.args.get("round", "")
    return next((one.id for one in issue.rounds if str(one.id) == wanted), None)


def _declaration_page(issue: Issue, form: DeclarationForm) -> str:
    return render_template(
        "brokerage/ranking/declaration.html",
        issue=issue,
        form=form,
        invited=queries.names_invited(issue),
        declared=declaration_of(current_viewer().user_id, issue),
        action=url_for("ranking.declare", issue_id=issue.id, round=_round_wanted(issue)),
    )


def _ranked_rows(view: RankingView | None) -> dict[str, list[RankedRow]]:
    """The rows of the two drawings, from the exact figures."""
    if view is None:
        return {}
    lists = {"firm": view.firm, "changed": view.changed}
    return {name: [_ranked_row(place) for place in places] for name, places in lists.items() if places}


def _ranked_row(place: PlaceRow) -> RankedRow:
    note = {"draw": "by the draw", "hours": "by hours"}.get(place.tie_break, "")
    return RankedRow(
        place.name, place.position or 0, Fraction(place.quality_points_exact), Fraction(place.price_points_exact), note
    )


def _award_url(round_: Round, place: PlaceRow) -> str | None:
    """Where this answer is awarded, while the round waits for an award."""
    endpoint = "allocation.award_form"
    if round_.state is not RoundState.CLOSED or endpoint not in current_app.view_functions or place.line_id is None:
        return None
    return url_for(endpoint, line_id=place.line_id) if may(cast(House, current_app), "rankings:declare") else None


def _ranking_page(round_: Round, view: RankingView | None) -> str:
    return render_template(
        "brokerage/ranking/show.html",
        round=round_,
        view=view,
        bars={name: ranking_bars(rows) for name, rows in _ranked_rows(view).items()},
        stops=stops_now(round_) if view else {},
        round_sentence=round_.state.sentence,
        award_url=partial(_award_url, round_),
    )
