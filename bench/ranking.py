"""Ranking every package of the county, beside reading its answers once."""

from __future__ import annotations

from sqlalchemy import select

from app.audit import COMMAND
from app.database import db
from bench.answers import answer_the_county
from bench.county import County
from bench.figures import Figure, medians, seconds
from bench.issuing import issue
from bench.places import Place
from brokerage.ranking.services import rank_issue
from marketplace.offers.models import Issue, OfferLine, Response


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """`rank_issue` freezes the ranking of every round with all its inputs; it is rolled back and made anew."""
    place.back_to("county")
    with place.house.app_context():
        issue(county)
        answers = answer_the_county()
    place.keep("answered")
    figure, baseline = medians(rounds, lambda: _timed(place, _rank), lambda: _timed(place, _read))
    note = f"{answers:,} answers"
    return [Figure("rank every package", place.name, figure, baseline, "s", 2, None, rounds, note=note)]


def _timed(place: Place, work: object) -> float:
    with place.house.app_context():
        db.session.connection()
        taken = seconds(work)  # type: ignore[arg-type]
        db.session.rollback()
    return taken


def _rank() -> None:
    rank_issue(db.session.scalars(select(Issue)).unique().one(), by=COMMAND)
    db.session.flush()


def _read() -> None:
    query = select(Response.__table__, OfferLine.round_id, OfferLine.offer_id)
    db.session.execute(query.join(OfferLine, OfferLine.id == Response.line_id)).all()
