"""Holding emails back after a restore: what was queued in the backup may have left since, and must not leave twice.

Somebody who knows looks at them: they are released, or set aside for good. In the inbox all of them stand anyway.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from app import audit, clock
from app.audit import Actor
from app.audit.moves import set_state_where
from app.database import db
from app.messages.letters import SUMMARY, DeliveryState
from app.messages.models import Delivery, Message

SET_ASIDE = "held back after a restore, and set aside"


def hold_queued(*, before: datetime, by: Actor) -> int:
    """Holds back everything that was queued before this instant and has not left; the number of emails."""
    waits = or_(
        Delivery.state == DeliveryState.QUEUED,
        (Delivery.state == DeliveryState.FOR_SUMMARY) & Delivery.summary_id.is_(None),
    )
    return _change(waits & (Delivery.queued_at < before), "mail:held", by, DeliveryState.HELD)


def release(authority_id: UUID | None, *, by: Actor) -> int:
    """Queues what is held back, of one authority or (None) of all; the number of emails."""
    now = clock.now()
    afresh = {"queued_at": now, "due_at": now, "attempts": 0}
    return _change(held(authority_id), "mail:released", by, DeliveryState.QUEUED, **afresh)


def set_aside(authority_id: UUID | None, *, by: Actor) -> int:
    """Gives up what is held back, of one authority or (None) of all, with what a summary took along; the number."""
    given_up = {"path": None, "problem": SET_ASIDE}
    summaries = select(Delivery.message_id).join(Message, Message.id == Delivery.message_id)
    items = Delivery.summary_id.in_(summaries.where(held(authority_id), Message.kind == SUMMARY).scalar_subquery())
    set_state_where(Delivery, items, to=DeliveryState.FAILED, **given_up)
    return _change(held(authority_id), "mail:set_aside", by, DeliveryState.FAILED, **given_up)


def held(authority_id: UUID | None) -> ColumnElement[bool]:
    """The emails that are held back: those of messages that an authority wrote or gets, or (None) all."""
    state = Delivery.state == DeliveryState.HELD
    return state if authority_id is None else state & of_authority(authority_id)


def of_authority(authority_id: UUID) -> ColumnElement[bool]:
    """The emails of messages that an authority wrote or gets."""
    ours = or_(Message.authority_id == authority_id, Message.organisation_id == authority_id)
    return Delivery.message_id.in_(select(Message.id).where(ours).scalar_subquery())


def _change(these: ColumnElement[bool], tag: str, by: Actor, to: DeliveryState, **values: object) -> int:
    """Changes emails, and records it about their messages."""
    messages = select(Message).where(Message.id.in_(select(Delivery.message_id).where(these).scalar_subquery()))
    subjects = db.session.scalars(messages.order_by(Message.created_at, Message.id)).all()
    audit.record_each(tag, subjects, by=by)
    return len(set_state_where(Delivery, these, to=to, **values))
