"""Offering every package of the county at once, beside one INSERT … SELECT of the same package-offers."""

from __future__ import annotations

from sqlalchemy import text

from app.audit import COMMAND
from app.database import db
from bench.county import County
from bench.figures import Figure, medians, seconds
from bench.places import Place
from marketplace.batches.models import Batch
from marketplace.rounds.issuing import issue_batch


def measure(place: Place, county: County, rounds: int) -> list[Figure]:
    """`issue_batch` with all that belongs to it, to the commit; the baseline likewise."""
    place.back_to("county")
    with place.house.app_context():
        issue(county)
        lines = _prepare_pairs()
    place.keep("issued")

    def ours() -> float:
        place.back_to("county")
        with place.house.app_context():
            db.session.connection()
            return seconds(lambda: issue(county))

    def bare() -> float:
        place.back_to("issued")
        with place.house.app_context():
            db.session.execute(text("DELETE FROM bare_line"))
            db.session.commit()
            return seconds(_insert_bare)

    figure, baseline = medians(rounds, ours, bare)
    return [Figure("issue all offers", place.name, figure, baseline, "s", rounds, note=f"{lines:,} lines")]


def issue(county: County) -> None:
    """Offers the whole county and commits."""
    issue_batch(db.session.get_one(Batch, county.batch_id), by=COMMAND)
    db.session.commit()


def _prepare_pairs() -> int:
    """The same package-offers as a plain list, and the bare table that is to take them."""
    kind = "uuid" if db.engine.dialect.name == "postgresql" else "CHAR(32)"
    pairs = (
        "SELECT round.package_id, offer.provider_id FROM offer_line JOIN round ON round.id = offer_line.round_id "
        "JOIN offer ON offer.id = offer_line.offer_id"
    )
    db.session.execute(text(f"CREATE TABLE pair AS {pairs}"))
    columns = f"package_id {kind} NOT NULL, provider_id {kind} NOT NULL, UNIQUE (package_id, provider_id)"
    db.session.execute(text(f"CREATE TABLE bare_line ({columns})"))
    lines = int(db.session.scalar(text("SELECT count(*) FROM pair")) or 0)
    db.session.commit()
    return lines


def _insert_bare() -> None:
    db.session.execute(text("INSERT INTO bare_line SELECT package_id, provider_id FROM pair"))
    db.session.commit()
