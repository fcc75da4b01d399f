"""What feedback does by itself: where nobody said yes there is no award that would tell those who answered."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select

from app.database import db, locked
from brokerage.feedback.models import FeedbackLetter
from brokerage.feedback.rules import Outcome
from brokerage.feedback.services import write_letters
from marketplace.offers.models import OfferLine, Response, Round
from marketplace.offers.rules import ResponseState, RoundState

log = logging.getLogger(__name__)


def write_due() -> int:
    """Writes the letters of every round in which all who answered said no, one transaction each; the number of rounds."""
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
    ids = sorted(db.session.scalars(untold))
    db.session.rollback()
    return sum(_write_one(round_id) for round_id in ids)


def _write_one(round_id: UUID) -> bool:
    """One that cannot be written is logged and tried again at the next pass."""
    try:
        if db.session.scalar(locked(select(Round.id).where(Round.id == round_id), skip=True)) is None:
            return False
        written = write_letters(db.session.get_one(Round, round_id), Outcome.NONE_SUITABLE)
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("letters of feedback could not be written", extra={"round": str(round_id)})
        return False
    return bool(written)
