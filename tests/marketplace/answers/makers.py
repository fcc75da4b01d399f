"""One answer at a time, as most tests of answers give it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.audit import Actor
from app.database import db
from marketplace.answers import services, telephone
from marketplace.answers.lines import locked_lines
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.services import LineAnswer, Manner
from marketplace.rounds.models import Offer, OfferLine, Response


def record_answer(
    line: OfferLine, draft: ResponseDraft, manner: Manner, expected_version: int | None = None
) -> Response:
    """Writes what is said about one package; the answer as it stands then."""
    services.record(
        [LineAnswer(facts, draft, expected_version) for facts in locked_lines([line.offer_id], [line.id])], manner
    )
    return _answer_to(line.id)


def submit(
    line: OfferLine, draft: ResponseDraft, *, by: Actor, came_by: str = "page", expected_version: int | None = None
) -> Response:
    """Sends an answer, or changes one that was sent."""
    return record_answer(line, draft, Manner(by, came_by), expected_version)


def save_draft(line: OfferLine, draft: ResponseDraft, *, by: Actor) -> Response:
    """Keeps what was typed."""
    return record_answer(line, draft, Manner(by, submit=False))


def withdraw_response(line: OfferLine, *, by: Actor) -> Response:
    """Takes back an answer that was sent."""
    for facts in locked_lines([line.offer_id], [line.id]):
        services.withdraw_response(facts, by=by)
    return _answer_to(line.id)


def _answer_to(line_id: UUID) -> Response:
    response = db.session.get_one(OfferLine, line_id).response
    assert response is not None
    return response


def decline_all(offer: Offer, code: str, text: str, *, by: Actor) -> int:
    """Declines every package that can still be answered; how many."""
    return services.answer_all(offer.id, lambda _line: services.declining(code, text), Manner(by))


def accept_all(offer: Offer, price_pence: int, start: date | None, *, by: Actor) -> int:
    """Accepts every package that can still be answered; how many."""
    return services.answer_all(offer.id, services.accepting(price_pence, start), Manner(by))


def enter_by_phone(line: OfferLine, draft: ResponseDraft, spoken_at: datetime, **how: Any) -> Response:
    """Enters what was heard; the answer as it stands then."""
    telephone.enter_by_phone(line, draft, spoken_at, **how)
    return _answer_to(line.id)
