"""Pages of the ranking: the board, one round's ranking and its frozen inputs."""

from fractions import Fraction
from functools import partial
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.auth import allows, current_viewer
from app.errors import NotFoundForViewer
from app.house import House
from app.pages.context import may
from app.parties.viewer import Viewer
from app.ui.drawing import stacked_bar, time_left
from app.ui.drawing.bars import StackedBar
from brokerage.ranking import panels, queries
from brokerage.ranking.rules import TieBreak
from brokerage.ranking.views import PlaceOut, RankingOut, stops_now, view_of
from marketplace.answers.views import answers_to
from marketplace.rounds.models import Round
from marketplace.rounds.queries import round_for
from marketplace.rounds.rules import RoundState

bp = Blueprint("ranking", __name__)


@bp.get("/board")
@allows("rankings:read")
def show_board() -> str:
    """What waits for a decision, what is open with the time left, what was awarded lately."""
    viewer = current_viewer()
    wanted = request.args.get("show", "")
    shown = panels.BoardPart(wanted) if wanted in set(panels.BoardPart) else panels.BoardPart.DECIDE
    counts = panels.counts(viewer)
    return render_template(
        "brokerage/ranking/board.html",
        shown=shown,
        titles=panels.TITLES,
        counts=counts,
        page=panels.listed(viewer, shown, counts[shown]),
        requests=panels.early_requests(viewer),
        time_left_of=lambda issue: time_left(clock.now(), issue.issued_at, issue.deadline),
    )


@bp.get("/rounds/<uuid:round_id>/ranking")
@allows("rankings:read")
def show(round_id: UUID) -> str | AnyResponse:
    """The whole arithmetic of every place and all that was answered. Whoever has not declared their interests yet does
    so first.
    """
    viewer = current_viewer()
    round_ = round_for(viewer, round_id)
    if round_.state is RoundState.NONE_ACCEPTED:
        return _nobody_page(viewer, round_)
    if queries.reason_against_seeing(viewer, round_.issue) == queries.NOT_DECLARED:
        return redirect(url_for("ranking_steps.declare", issue_id=round_.issue_id, round=round_.id))
    queries.refuse_seeing(viewer, round_.issue)
    return _ranking_page(round_, view_of(round_, _number()))


@bp.get("/rounds/<uuid:round_id>/ranking/inputs.json")
@allows("rankings:read")
def inputs(round_id: UUID) -> Response:
    """The frozen inputs, byte for byte: with them anybody can make the ranking again."""
    round_, wanted = queries.round_opened(current_viewer(), round_id), _number()
    row = next((row for row in queries.rankings_of(round_) if wanted in {None, row.number}), None)
    if row is None:
        raise NotFoundForViewer("There is no ranking with this number.")
    name = f"ranking-{round_.package.reference}-{round_.number}-{row.number}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(row.inputs, content_type="application/json", headers=headers)


def _number() -> int | None:
    text = request.args.get("number", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _bars(view: RankingOut | None) -> dict[str, list[StackedBar]]:
    """The bars of the two drawings, from the exact figures."""
    if view is None:
        return {}
    lists = {"firm": view.firm, "changed": view.changed}
    return {name: [_bar(place) for place in places] for name, places in lists.items() if places}


def _bar(place: PlaceOut) -> StackedBar:
    note = {TieBreak.DRAW: "by the draw", TieBreak.HOURS: "by hours"}.get(place.tie_break, "")
    quality, price = Fraction(place.quality_points_exact), Fraction(place.price_points_exact)
    return stacked_bar(place.name, place.position or 0, quality, price, note)


def _award_url(round_: Round, place: PlaceOut) -> str | None:
    """Where this answer is awarded, while the round waits for an award."""
    endpoint = "allocation_steps.make_award"
    if round_.state is not RoundState.CLOSED or endpoint not in current_app.view_functions or place.line_id is None:
        return None
    return url_for(endpoint, line_id=place.line_id) if may(cast(House, current_app), "rankings:declare") else None


def _nobody_page(viewer: Viewer, round_: Round) -> str:
    """Of a round to which nobody said yes: at once and for ever so, with the counts; who said what, to who may read it."""
    reads = queries.reads_answers(viewer, round_.issue)
    return render_template(
        "brokerage/ranking/nobody.html",
        round=round_,
        sentence=queries.why_unranked(round_),
        answers=answers_to(Round.id == round_.id).get(round_.id, []) if reads else [],
        declare_first=queries.reason_against_seeing(viewer, round_.issue) == queries.NOT_DECLARED,
    )


def _ranking_page(round_: Round, view: RankingOut | None) -> str:
    return render_template(
        "brokerage/ranking/show.html",
        round=round_,
        view=view,
        bars=_bars(view),
        stops=stops_now(round_) if view else {},
        round_sentence=round_.state.sentence,
        award_url=partial(_award_url, round_),
    )
