"""One provider answers all its packages at once, beside a bare `executemany` of the same rows."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select

from app.audit import COMMAND
from app.database import db
from bench.county import County
from bench.figures import Figure, medians, seconds
from bench.issuing import issue
from bench.places import Place
from marketplace.answers.services import Manner, accepting, answer_all
from marketplace.rounds.models import OfferLine, Response


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """`answer_all` of the offer with the most packages, to the commit; then the rows that it wrote, bare."""
    place.back_to("county")
    with place.house.app_context():
        issue(county)
    place.keep("issued")
    rows: list[dict[str, object]] = []

    def ours() -> float:
        place.back_to("issued")
        with place.house.app_context():
            taken = seconds(_accept)
            names = [column.name for column in Response.__table__.columns]
            rows[:] = [dict(zip(names, row, strict=True)) for row in db.session.execute(select(Response.__table__))]
        return taken

    def bare() -> float:
        with place.house.app_context():
            db.session.execute(delete(Response))
            db.session.commit()
            return seconds(lambda: _write(rows))

    figure, baseline = medians(rounds, ours, bare)
    return [Figure("record bulk responses", place.name, figure, baseline, "s", rounds, note=f"{len(rows):,} rows")]


def _accept() -> None:
    most = (
        select(OfferLine.offer_id).group_by(OfferLine.offer_id).order_by(func.count().desc(), OfferLine.offer_id)
    ).limit(1)
    answer_all(db.session.scalars(most).one(), accepting(2650, None), Manner(COMMAND))
    db.session.commit()


def _write(rows: list[dict[str, object]]) -> None:
    db.session.connection().execute(insert(Response.__table__), rows)  # type: ignore[arg-type]
    db.session.commit()
