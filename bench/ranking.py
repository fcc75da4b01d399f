"""Ranking every package of the county and writing the rankings down, beside reading its answers once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from app.audit import COMMAND
from app.database import db
from bench.answers import answer_the_county
from bench.county import County
from bench.figures import Figure, medians, seconds
from bench.issuing import issue
from bench.places import Place
from brokerage.ranking.queries import orders_of
from brokerage.ranking.rules import rank
from brokerage.ranking.services import rank_issue
from brokerage.ranking.sources import closed_rounds, gather
from marketplace.rounds.models import Issue, OfferLine, Response


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """From the database to every order with points, ties and differences, and every ranking frozen with its audit."""
    place.back_to("county")
    with place.house.app_context():
        issue(county)
        answers = answer_the_county()
    place.keep("answered")
    whole, ranking, reading = medians(
        rounds,
        lambda: _timed(place, lambda: rank_issue(_issue(), by=COMMAND)),
        lambda: _timed(place, _rank),
        lambda: _timed(place, _read),
    )
    with place.house.app_context():
        rank_issue(_issue(), by=COMMAND)
        db.session.commit()
    (again,) = medians(rounds, lambda: _timed(place, lambda: orders_of(closed_rounds(_issue()))))
    note = f"{answers:,} answers"
    return [
        Figure("rank and freeze every package", place.name, whole, reading, "s", rounds, note=note),
        Figure("of this, ranking alone", place.name, ranking, reading, "s", rounds, note=note),
        Figure("every order from what is frozen", place.name, again, reading, "s", rounds, note=note),
    ]


def _timed(place: Place, work: Callable[[], object]) -> float:
    """What was written is rolled back, so that every round has the same to do."""
    with place.house.app_context():
        db.session.connection()
        taken = seconds(work)
        db.session.rollback()
    return taken


def _rank() -> None:
    found = _issue()
    rank([round_.inputs for round_ in gather(found, closed_rounds(found))])


def _issue() -> Issue:
    return db.session.scalars(select(Issue)).unique().one()


def _read() -> None:
    """Every answer to the same rounds, yes or no, with the columns that decide a ranking: plain rows, nothing else."""
    answer = (Response.kind, Response.state, Response.price_pence, Response.earliest_start, Response.alternative_times)
    query = select(OfferLine.round_id, OfferLine.offer_id, *answer).join(Response, Response.line_id == OfferLine.id)
    db.session.execute(query.where(OfferLine.round_id.in_(closed_rounds(_issue())))).all()
