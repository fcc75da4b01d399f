"""The one way in which awards change state: conditional on the state they are in; and the hours that go back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value

from app.database import db
from app.errors import Conflict
from brokerage.allocation.models import Award
from brokerage.allocation.rules import AWARD_MOVES, AWARD_SENTENCES, AwardState
from marketplace.vetting.services import release_capacity


def move(award: Award, to: AwardState, **facts: Any) -> None:
    """Changes the state where the map of moves allows it; of two at once, one gets Conflict."""
    starts = [state for state, ends in AWARD_MOVES.items() if to in ends]
    statement = (
        update(Award)
        .where(Award.id == award.id, Award.state.in_(starts))
        .values(state=to, **facts)
        .returning(Award.id)
        .execution_options(synchronize_session=False)
    )
    if db.session.scalar(statement) is None:
        db.session.refresh(award)
        raise Conflict(f"This cannot be done now. {AWARD_SENTENCES[award.state]}")
    for name, value in {"state": to, **facts}.items():
        set_committed_value(award, name, value)


def release_hours(award: Award) -> None:
    """Gives back the hours that the award holds; a declaration made since then already counts without them."""
    one = award.round
    release_capacity(
        one.issue.scheme_id, award.provider_id, one.package.zone_id, award.held_minutes, taken_at=award.proposed_at
    )
