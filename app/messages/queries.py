"""Questions about the outbox as a whole: what waits, since when, and what is held back; and how one person wants emails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.database import db
from app.messages.letters import DeliveryState, MailWish
from app.messages.models import AddressWish, Delivery

LONG = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Emails that the mail server has not taken yet: how many, the oldest one's time; and how many are held back.

    Those that only their own address puts off are not among them: then the server is well.
    """

    count: int
    oldest_at: datetime | None
    held: int

    @property
    def age(self) -> timedelta:
        return clock.machine_time() - self.oldest_at if self.oldest_at else timedelta(0)

    @property
    def is_long(self) -> bool:
        """Whether the mail server, or what speaks to it, must be taken to be down."""
        return self.age > LONG


def waiting() -> Waiting:
    """One query over an index on the state."""
    queued = (Delivery.state == DeliveryState.QUEUED) & Delivery.put_off_at.is_(None)
    query = select(
        func.count().filter(queued),
        func.min(Delivery.queued_at).filter(queued),
        func.count().filter(Delivery.state == DeliveryState.HELD),
    ).where(Delivery.state.in_([DeliveryState.QUEUED, DeliveryState.HELD]))
    count, oldest_at, held = db.session.execute(query).one()
    return Waiting(count, oldest_at, held)


def mail_sentence() -> str:
    """How mail is, in words, for whoever looks after the machine."""
    try:
        found = waiting()
    except SQLAlchemyError:
        db.session.rollback()
        return "not known"
    if not found.is_long:
        return f"well, {found.count} waiting, {found.held} held back"
    return f"{found.count} waiting, the oldest for {found.age // timedelta(minutes=1)} minutes, {found.held} held back"


def wishes_of(organisation_id: UUID, email: str) -> dict[str, MailWish]:
    query = select(AddressWish.topic, AddressWish.wish).where(
        AddressWish.organisation_id == organisation_id, AddressWish.email == email.lower()
    )
    return {row.topic: row.wish for row in db.session.execute(query)}
