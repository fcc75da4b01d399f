"""What happens to awards by itself: proposals lapse, and rankings that opened again close."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.database import db
from app.errors import Refusal
from brokerage.allocation.approving import has_lapsed, lapse
from brokerage.allocation.models import Award
from brokerage.allocation.outcomes import end_reopening
from brokerage.allocation.rules import AwardState
from brokerage.allocation.standing import reopened_until
from marketplace.offers.models import Round
from marketplace.offers.rules import RoundState
from marketplace.schemes.queries import policy_on

log = logging.getLogger(__name__)


def lapse_due() -> int:
    """Ends proposed awards that nobody approved in two working days; how many."""
    ids = db.session.scalars(select(Award.id).where(Award.state == AwardState.PROPOSED)).all()
    return sum(_one(_lapse, award_id) for award_id in ids)


def end_reopened() -> int:
    """Ends rankings that opened again and were not used in time; how many."""
    stepped_back = select(Award.round_id).where(Award.state == AwardState.PULLED_OUT)
    ids = db.session.scalars(select(Round.id).where(Round.state == RoundState.CLOSED, Round.id.in_(stepped_back))).all()
    return sum(_one(_end_reopened, round_id) for round_id in ids)


def _one(act: Callable[[UUID], bool], row_id: UUID) -> bool:
    """One transaction per item; what somebody else decided meanwhile is left as it is."""
    try:
        done = act(row_id)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        # Its sentence says who decided, and for whom: names, which no log holds.
        log.info("left as it is", extra={"kind": type(refusal).__name__, "row": str(row_id)})
        return False
    return done


def _lapse(award_id: UUID) -> bool:
    award = db.session.get_one(Award, award_id)
    due = has_lapsed(award)
    if due:
        lapse(award)
    return due


def _end_reopened(round_id: UUID) -> bool:
    round_ = db.session.get_one(Round, round_id)
    until = reopened_until(round_id, policy_on(round_.issue.scheme_id, clock.today()))
    due = until is not None and clock.today() > until
    if due:
        end_reopening(round_)
    return due
