"""What happens to rankings by itself: once a round is closed, its answers are ranked and frozen."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.audit import SYSTEM
from app.database import db, locked
from app.database.sweep import sweep
from brokerage.ranking.models import Ranking
from brokerage.ranking.services import rank_issue
from marketplace.rounds.models import Issue, Round
from marketplace.rounds.rules import OfferState, RoundState


def rank_due() -> int:
    """Ranks every closed issue that has a round without a ranking; the number of issues."""
    unranked = (
        select(Round.issue_id)
        .outerjoin(Ranking, Ranking.round_id == Round.id)
        .join(Issue, Issue.id == Round.issue_id)
        .where(Round.state == RoundState.CLOSED, Ranking.id.is_(None), Issue.state == OfferState.CLOSED)
        .distinct()
    )
    return sweep(unranked.order_by(Round.issue_id), _rank)


def _rank(issue_id: UUID) -> bool:
    if db.session.scalar(locked(select(Issue.id).where(Issue.id == issue_id), skip=True)) is None:
        return False
    rank_issue(db.session.get_one(Issue, issue_id), by=SYSTEM)
    return True
