"""What happens to rankings by itself: once a round is closed, its answers are ranked and frozen."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select

from app.audit import SYSTEM
from app.database import db, locked
from brokerage.ranking.models import Ranking
from brokerage.ranking.services import rank_issue
from marketplace.offers.models import Issue, Round
from marketplace.offers.rules import OfferState, RoundState

log = logging.getLogger(__name__)


def rank_due() -> int:
    """Ranks every closed issue that has a round without a ranking, one transaction each; the number of issues."""
    unranked = (
        select(Round.issue_id)
        .outerjoin(Ranking, Ranking.round_id == Round.id)
        .join(Issue, Issue.id == Round.issue_id)
        .where(Round.state == RoundState.CLOSED, Ranking.id.is_(None), Issue.state == OfferState.CLOSED)
        .distinct()
    )
    ids = sorted(db.session.scalars(unranked))
    db.session.rollback()
    return sum(_rank_one(issue_id) for issue_id in ids)


def _rank_one(issue_id: UUID) -> bool:
    """One that cannot be ranked is logged and tried again at the next pass."""
    try:
        query = locked(select(Issue.id).where(Issue.id == issue_id), skip=True)
        if db.session.scalar(query) is None:
            return False
        rank_issue(db.session.get_one(Issue, issue_id), by=SYSTEM)
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("an issue could not be ranked", extra={"issue": str(issue_id)})
        return False
    return True
