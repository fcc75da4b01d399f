"""Answers of the whole county, as rows: about a quarter of the package-offers, three yeses to two noes, set by set."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app import clock
from app.database import db
from app.database.bulk import ReadyRows, ready_rows
from marketplace.rounds.models import Issue, OfferLine, Response, Round
from marketplace.rounds.rules import OfferState, ResponseKind, ResponseState, RoundState

SHARE = 0.25


def answer_the_county(seed: int = 2) -> int:
    """Writes the answers, closes every round and commits; how many answers there are."""
    rows = rows_of_answers(Random(seed))
    rows.write()
    now = clock.now()
    db.session.execute(
        update(Round).where(Round.state == RoundState.OPEN).values(state=RoundState.CLOSED, closed_at=now)
    )
    db.session.execute(update(Issue).values(state=OfferState.CLOSED, ended_at=now, deadline=now))
    db.session.commit()
    return len(rows.parameters)


def rows_of_answers(chance: Random) -> ReadyRows:
    """The answers, ready to be written."""
    lines = db.session.execute(select(OfferLine.id, OfferLine.authority_id).order_by(OfferLine.id)).all()
    return ready_rows(Response, [_answer(chance, *line) for line in lines if chance.random() < SHARE])


def _answer(chance: Random, line_id: UUID, authority_id: UUID) -> dict[str, Any]:
    now, yes = clock.now(), chance.random() < 0.6
    start = clock.today() + timedelta(days=21 if chance.random() < 0.8 else 28)
    return {
        "id": UUID(int=chance.getrandbits(128), version=4),
        "authority_id": authority_id,
        "line_id": line_id,
        "state": ResponseState.SUBMITTED,
        "kind": ResponseKind.ACCEPT if yes else ResponseKind.DECLINE,
        "price_pence": 2200 + 10 * chance.randrange(110) if yes else None,
        "earliest_start": start if yes else None,
        "alternative_times": "",
        "other_visits": "",
        "assessment_visit_needed": False,
        "people_nearby_text": "",
        "people_nearby_count": None,
        "decline_code": None if yes else "at_capacity",
        "decline_text": "",
        "note": "",
        "submitted_at": now,
        "withdrawn_at": None,
        "answered_by_label": "Provider coordinator",
        "came_by": "page",
        "entered_by": None,
        "spoken_at": None,
        "version": 1,
        "updated_at": now,
    }
