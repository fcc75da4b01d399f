"""What happens to awards by itself: proposals lapse, and rankings that opened again close."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app import clock
from app.database import db
from app.database.sweep import sweep
from brokerage.allocation.approving import has_lapsed, lapse
from brokerage.allocation.models import Award
from brokerage.allocation.outcomes import end_reopening
from brokerage.allocation.rules import AwardState
from brokerage.allocation.standing import reopened_until
from marketplace.rounds.models import Round
from marketplace.rounds.rules import RoundState
from marketplace.schemes.queries import policy_on


def lapse_due() -> int:
    """Ends proposed awards that nobody approved in two working days; how many."""
    return sweep(select(Award.id).where(Award.state == AwardState.PROPOSED), _lapse)


def end_reopened() -> int:
    """Ends rankings that opened again and were not used in time; how many."""
    stepped_back = select(Award.round_id).where(Award.state == AwardState.PULLED_OUT)
    return sweep(select(Round.id).where(Round.state == RoundState.CLOSED, Round.id.in_(stepped_back)), _end_reopened)


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
