"""What an award does to the answers of its round: one becomes awarded, the other yeses not; a step back undoes one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app import clock
from app.audit.moves import set_state_where
from app.database import db
from app.errors import Conflict
from marketplace.rounds.models import OfferLine, Response
from marketplace.rounds.rules import ResponseKind, ResponseState


def mark_answers(round_id: UUID, awarded_line_id: UUID) -> None:
    """The answer awarded becomes so; every other yes that was sent becomes not awarded."""
    _move(awarded_line_id, ResponseState.AWARDED)
    mark_not_awarded(round_id)


def mark_not_awarded(round_id: UUID) -> None:
    """Every yes of the round that was sent and not awarded becomes not awarded."""
    lines = select(OfferLine.id).where(OfferLine.round_id == round_id)
    accepted = Response.line_id.in_(lines), Response.kind == ResponseKind.ACCEPT
    set_state_where(Response, *accepted, to=ResponseState.NOT_AWARDED, updated_at=clock.now())


def mark_pulled_out(line_id: UUID) -> None:
    """The provider awarded stepped back before care began."""
    _move(line_id, ResponseState.PULLED_OUT)


def _move(line_id: UUID, to: ResponseState) -> None:
    if not set_state_where(Response, Response.line_id == line_id, to=to, updated_at=clock.now()):
        state = db.session.scalar(select(Response.state).where(Response.line_id == line_id))
        raise Conflict(state.sentence if state else "This provider has not answered.")
