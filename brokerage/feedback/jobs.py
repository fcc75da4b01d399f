"""What feedback does by itself: where nobody said yes there is no award that would tell those who answered."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.database import db, locked
from app.database.sweep import sweep
from brokerage.feedback.models import FeedbackLetter
from brokerage.feedback.rules import Outcome
from brokerage.feedback.services import write_letters
from marketplace.rounds.models import OfferLine, Response, Round
from marketplace.rounds.rules import ResponseState, RoundState


def write_due() -> int:
    """Writes the letters of every round in which all who answered said no; the number of rounds."""
    untold = (
        select(Round.id)
        .join(OfferLine, OfferLine.round_id == Round.id)
        .join(Response, Response.line_id == OfferLine.id)
        .outerjoin(FeedbackLetter, FeedbackLetter.line_id == OfferLine.id)
        .where(
            Round.state == RoundState.NONE_ACCEPTED,
            Response.state == ResponseState.SUBMITTED,
            FeedbackLetter.id.is_(None),
        )
        .distinct()
    )
    return sweep(untold.order_by(Round.id), _write)


def _write(round_id: UUID) -> bool:
    if db.session.scalar(locked(select(Round.id).where(Round.id == round_id), skip=True)) is None:
        return False
    return bool(write_letters(db.session.get_one(Round, round_id), Outcome.NONE_SUITABLE))
