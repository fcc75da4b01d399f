"""The daily summary: one email with everything that somebody wants once a day."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import insert, select, update

from app.database import db, new_id
from app.messages.letters import SUMMARY, DeliveryState, Recipient
from app.messages.models import Delivery, Message
from app.messages.services import message_row
from app.messages.templates import LetterTemplate

DAILY_SUMMARY = LetterTemplate("daily_summary", SUMMARY, folder="app.messages.letters", about="message", link="/inbox")


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
    summary_id = new_id()
    waits = (Delivery.state == DeliveryState.FOR_SUMMARY) & Delivery.summary_id.is_(None) & (Delivery.email == email)
    ours = select(Message.id).where(Message.organisation_id == organisation_id)
    taken = db.session.execute(
        update(Delivery)
        .where(waits, Delivery.message_id.in_(ours))
        .values(summary_id=summary_id)
        .execution_options(synchronize_session=False)
    )
    count = int(getattr(taken, "rowcount", 0))
    if not count:
        db.session.rollback()
        return False
    letter = DAILY_SUMMARY.write(summary_id, count=count)
    db.session.execute(insert(Message).values(message_row(Recipient(organisation_id), letter, summary_id)))
    db.session.add(Delivery(message_id=summary_id, email=email))
    db.session.commit()
    return True
