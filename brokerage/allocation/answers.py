"""What an award does to the answers of its round: one becomes awarded, the other yeses not; a step back undoes one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from app import clock
from app.database import db
from app.errors import Conflict
from marketplace.offers.models import OfferLine, Response
from marketplace.offers.response_rules import ResponseKind
from marketplace.offers.rules import RESPONSE_SENTENCES, ResponseState


def mark_answers(round_id: UUID, awarded_line_id: UUID) -> None:
    """The answer awarded becomes so; every other yes that was sent becomes not awarded."""
    _move(awarded_line_id, (ResponseState.SUBMITTED, ResponseState.NOT_AWARDED), ResponseState.AWARDED)
    mark_not_awarded(round_id)


def mark_not_awarded(round_id: UUID) -> None:
    """Every yes of the round that was sent and not awarded becomes not awarded."""
    lines = select(OfferLine.id).where(OfferLine.round_id == round_id)
    db.session.execute(
        update(Response)
        .where(
            Response.line_id.in_(lines),
            Response.kind == ResponseKind.ACCEPT,
            Response.state == ResponseState.SUBMITTED,
        )
        .values(state=ResponseState.NOT_AWARDED, updated_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )


def mark_pulled_out(line_id: UUID) -> None:
    """The provider awarded stepped back before care began."""
    _move(line_id, (ResponseState.AWARDED,), ResponseState.PULLED_OUT)


def _move(line_id: UUID, starts: tuple[ResponseState, ...], to: ResponseState) -> None:
    statement = (
        update(Response)
        .where(Response.line_id == line_id, Response.state.in_(starts))
        .values(state=to, updated_at=clock.now())
        .returning(Response.id)
        .execution_options(synchronize_session="fetch")
    )
    if db.session.scalar(statement) is None:
        state = db.session.scalar(select(Response.state).where(Response.line_id == line_id))
        raise Conflict(RESPONSE_SENTENCES[state] if state else "This provider has not answered.")
