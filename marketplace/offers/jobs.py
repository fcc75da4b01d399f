"""What happens to offers by itself: at the deadline the rounds close."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.database import db, locked
from marketplace.offers.closing import close
from marketplace.offers.models import Issue
from marketplace.offers.rules import OfferState

log = logging.getLogger(__name__)


def close_due() -> int:
    """Closes every issue whose deadline has come, one transaction each; the number closed. Safe to run twice at once."""
    due = select(Issue.id).where(Issue.state == OfferState.OPEN, Issue.deadline <= clock.now())
    ids = db.session.scalars(due.order_by(Issue.deadline, Issue.id)).all()
    db.session.rollback()
    return sum(_close_one(issue_id) for issue_id in ids)


def offers_overdue() -> float:
    """Issues that are open though their deadline has passed: a few for a moment; more when the timetable stands."""
    overdue = select(func.count()).where(Issue.state == OfferState.OPEN, Issue.deadline <= clock.now())
    return float(db.session.scalar(overdue) or 0)


def _close_one(issue_id: UUID) -> bool:
    """One that cannot be closed is logged and tried again at the next pass; the others are closed all the same."""
    query = select(Issue).where(Issue.id == issue_id, Issue.state == OfferState.OPEN, Issue.deadline <= clock.now())
    try:
        issue = db.session.scalars(locked(query, skip=True)).unique().one_or_none()
        if issue is not None:
            close(issue)
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("an offer could not be closed", extra={"issue": str(issue_id)})
        return False
    return issue is not None
