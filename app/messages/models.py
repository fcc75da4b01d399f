"""Tables of the inbox and the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Retention, Row, fk, one_of
from app.messages.letters import DeliveryState, MailWish


class Message(Row):
    """One item in the inbox of an organisation, or of one of its users."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_inbox", "organisation_id", "created_at"),
        Index("ix_message_about", "about_id", "kind"),
    )
    personal: ClassVar = frozenset({"subject", "body"})
    retention: ClassVar = Retention.CARE_RECORD

    authority_id: Mapped[UUID | None] = mapped_column(Uuid())
    organisation_id: Mapped[UUID] = fk("organisation.id", index=False)
    user_id: Mapped[UUID | None] = fk("user_account.id", nullable=True)
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text())
    path: Mapped[str] = mapped_column(String(300))
    about_type: Mapped[str] = mapped_column(String(60))
    about_id: Mapped[UUID] = mapped_column(Uuid())
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]

    deliveries: Mapped[list[Delivery]] = relationship(order_by="Delivery.email", back_populates="message")


class Delivery(Row):
    """One email of one message. `path` is a personal link, forgotten once the email has left.

    `put_off_at` is when the address itself was last refused for now: then it is not the server that is away.
    `summary_id` is the message of the daily summary that took this email with it.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_due", "state", "due_at"),)
    personal: ClassVar = frozenset({"email", "path"})
    retention: ClassVar = Retention.CARE_RECORD

    message_id: Mapped[UUID] = fk("message.id")
    contact_id: Mapped[UUID | None] = mapped_column(Uuid(), index=True)
    email: Mapped[str] = mapped_column(String(254))
    path: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[DeliveryState] = one_of(DeliveryState, "state", default=DeliveryState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    queued_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    put_off_at: Mapped[datetime | None]
    summary_id: Mapped[UUID | None] = mapped_column(Uuid(), index=True)
    sent_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(300))

    message: Mapped[Message] = relationship(back_populates="deliveries")


class AddressWish(Row):
    """How somebody of an organisation wants emails of one topic; no row: at once.

    It is about an address, because the contacts who are told of offers need no account.
    """

    __tablename__ = "address_wish"
    __table_args__ = (UniqueConstraint("organisation_id", "email", "topic"),)
    personal: ClassVar = frozenset({"email"})
    retention: ClassVar = Retention.ACCOUNT

    organisation_id: Mapped[UUID] = fk("organisation.id", index=False)
    email: Mapped[str] = mapped_column(String(254))
    topic: Mapped[str] = mapped_column(String(60))
    wish: Mapped[MailWish] = one_of(MailWish, "wish")
