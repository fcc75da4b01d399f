"""The terms an answer is judged by: what was frozen with the offer, and what stops this provider from saying yes now."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, select

from app import clock
from app.calendar.deadlines import local_text
from app.database import db
from marketplace.answers.asked import Asked, standing_of
from marketplace.answers.rules import DEFAULT_DECLINE_REASONS, DeclineReason, ResponseTerms
from marketplace.rounds.rules import OfferState, RoundState
from marketplace.schemes.models import DeclineCode


def decline_reasons(authority_id: UUID) -> tuple[DeclineReason, ...]:
    """The authority's own list of reasons to decline, in its order; the default list where it has none."""
    rows = db.session.connection().execute(_DECLINE_REASONS, {"authority_id": authority_id})
    return tuple(DeclineReason(*row) for row in rows) or DEFAULT_DECLINE_REASONS


_CODE = DeclineCode.__table__.c
_DECLINE_REASONS = (
    select(_CODE.code, _CODE.label, _CODE.text_required)
    .where(_CODE.authority_id == bindparam("authority_id"))
    .order_by(_CODE.position, _CODE.code)
)


def terms_of(asked: Asked, reasons: tuple[DeclineReason, ...]) -> ResponseTerms:
    """What an answer about this package is judged against: the limits it was offered under, never today's."""
    return ResponseTerms(
        floor_pence=asked.floor_pence,
        ceiling_pence=asked.ceiling_pence,
        unit=asked.unit,
        deadline=asked.deadline,
        deadline_text=local_text(asked.deadline),
        issued_on=asked.issued_at.astimezone(clock.LONDON).date(),
        wanted_start=asked.planned_start,
        round_state=RoundState.WITHDRAWN if asked.issue_state is OfferState.WITHDRAWN else asked.round_state,
        decline_reasons=reasons,
    )


def reason_against_yes(asked: Asked) -> str | None:
    """Why this provider cannot say yes now: no longer a member, suspended, or paused. A no is always taken."""
    standing = standing_of(asked)
    if not standing.is_member:
        return f"You are no longer a member for {asked.lot_name}, so you cannot say yes. You can still decline."
    if (ends := standing.suspended_until) is not None:
        day = f"{ends.day} {ends:%B %Y}"
        return f"You are suspended here until the end of {day}, so you cannot say yes. You can still decline."
    if standing.is_paused:
        return "You have paused new packages here. End the pause to say yes, or decline."
    return None
