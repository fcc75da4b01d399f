"""What happens to offers by itself: at the deadline the rounds close."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.database import db
from app.database.sweep import sweep, taken
from marketplace.rounds.models import Issue
from marketplace.rounds.rules import OfferState
from marketplace.rounds.services import close


def close_due() -> int:
    """Closes every issue whose deadline has come; the number closed."""
    due = select(Issue.id).where(Issue.state == OfferState.OPEN, Issue.deadline <= clock.now())
    return sweep(due.order_by(Issue.deadline, Issue.id), _close)


def _close(issue_id: UUID) -> bool:
    due = (Issue.state == OfferState.OPEN) & (Issue.deadline <= clock.now())
    issue = taken(select(Issue).where(Issue.id == issue_id, due))
    if issue is not None:
        close(issue)
    return issue is not None


def offers_overdue() -> float:
    """Issues that are open though their deadline has passed: a few for a moment; more when the timetable stands."""
    overdue = select(func.count()).where(Issue.state == OfferState.OPEN, Issue.deadline <= clock.now())
    return float(db.session.scalar(overdue) or 0)
