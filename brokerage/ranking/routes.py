"""Pages of the ranking: the board, one round's ranking and its frozen inputs."""

from datetime import timedelta
from fractions import Fraction
from functools import partial
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.auth import allows, current_viewer
from app.errors import NotFoundForViewer
from app.house import House
from app.pages.context import may
from app.parties.roles import Role
from app.parties.viewer import Viewer
from app.ui.drawing import stacked_bar, time_left
from app.ui.drawing.bars import StackedBar
from brokerage.ranking import panels, queries
from brokerage.ranking.rules import TieBreak
from brokerage.ranking.views import PlaceOut, RankingOut, capacity_now, stops_now, view_of
from marketplace.answers.views import AnswerCounts, answers_to, counts_of_reasons
from marketplace.rounds.models import Issue, Offer, Round
from marketplace.rounds.models import Response as Answer
from marketplace.rounds.queries import issue_for, round_for
from marketplace.rounds.rules import ResponseKind, RoundState

bp = Blueprint("ranking", __name__)

LATELY = timedelta(days=365)
"""For so long the answers of a provider are counted on its page."""


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


def said_about_package(viewer: Viewer, package_id: UUID) -> Markup:
    """What was answered in the newest round whose seal has ended: the counts where nobody said yes, for all of the own
    authority; who said no and why, for those who may read answers.
    """
    round_ = queries.newest_opened(viewer, package_id)
    reads = round_ is not None and queries.reads_answers(viewer, round_.issue)
    if round_ is None or not (reads or round_.state is RoundState.NONE_ACCEPTED):
        return Markup()
    which = Round.id == round_.id
    return _section(
        "package",
        round=round_,
        counts=counts_of_reasons(Round.id, which).get(round_.id, AnswerCounts()),
        answers=answers_to(which).get(round_.id, []) if reads else [],
    )


def said_to_issue(viewer: Viewer, issue_id: UUID) -> Markup:
    """How many answered what to each package, by the reason, once the seal has ended; who, for those who may read it."""
    issue = issue_for(viewer, issue_id)
    counts = counts_of_reasons(Round.id, Round.issue_id == issue_id)
    no = Answer.kind == ResponseKind.DECLINE
    answers = answers_to(Round.issue_id == issue_id, no) if queries.reads_answers(viewer, issue) else {}
    rounds = sorted((round_ for round_ in issue.rounds if round_.id in counts), key=lambda each: each.package.reference)
    return _section("issue", rounds=rounds, counts=counts, answers=answers) if rounds else Markup()


def said_by_provider(viewer: Viewer, provider_id: UUID) -> Markup:
    """How a provider answered the authority lately, by the reason, for contract managers and auditors."""
    if not viewer.is_commissioner or not viewer.has(Role.CONTRACT_MANAGER, Role.AUDITOR):
        return Markup()
    lately = Issue.deadline > clock.now() - LATELY
    counts = counts_of_reasons(
        Offer.provider_id, Offer.provider_id == provider_id, Round.authority_id == viewer.authority_id, lately
    )
    return _section("provider", counts=counts.get(provider_id))


def _section(name: str, **shown: Any) -> Markup:
    section = render_template(f"brokerage/ranking/said_{name}.html", **shown)
    return Markup(section)  # noqa: S704 (a template of our own, which escapes)


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
        left=capacity_now(round_, view.places) if view else {},
        round_sentence=round_.state.sentence,
        award_url=partial(_award_url, round_),
    )
