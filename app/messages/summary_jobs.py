"""The daily summary: one email with everything that somebody wants once a day."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update

from app import clock
from app.database import db, new_id
from app.messages.letters import SUMMARY, DeliveryState
from app.messages.models import Delivery, Message

BODY = "This is what came for you since the last summary, {count} in all. Everything also stands in your inbox."


def send_summaries() -> int:
    """Queues a summary for each address that something waits for; commits per address. The number queued."""
    waits = Delivery.state == DeliveryState.FOR_SUMMARY
    query = (
        select(Message.organisation_id, Delivery.email)
        .join(Message, Message.id == Delivery.message_id)
        .where(waits, Delivery.summary_id.is_(None))
        .distinct()
        .order_by(Message.organisation_id, Delivery.email)
    )
    addresses = [(row.organisation_id, row.email) for row in db.session.execute(query)]
    db.session.rollback()
    return sum(_summarise(organisation_id, email) for organisation_id, email in addresses)


def _summarise(organisation_id: UUID, email: str) -> bool:
    """Takes what waits for one address, in one statement, so that two who try at once send one summary."""
    summary = Message(id=new_id(), organisation_id=organisation_id, kind=SUMMARY, subject="", body="", path="/inbox")
    summary.about_type, summary.about_id = "message", summary.id
    waits = (Delivery.state == DeliveryState.FOR_SUMMARY) & Delivery.summary_id.is_(None) & (Delivery.email == email)
    ours = select(Message.id).where(Message.organisation_id == organisation_id)
    taken = db.session.execute(
        update(Delivery)
        .where(waits, Delivery.message_id.in_(ours))
        .values(summary_id=summary.id)
        .execution_options(synchronize_session=False)
    )
    count = int(getattr(taken, "rowcount", 0))
    if not count:
        db.session.rollback()
        return False
    summary.subject = f"{count} {'message' if count == 1 else 'messages'} for you"
    summary.body, summary.created_at = BODY.format(count=count), clock.now()
    db.session.add(summary)
    db.session.flush()
    db.session.add(Delivery(message_id=summary.id, email=email))
    db.session.commit()
    return True
