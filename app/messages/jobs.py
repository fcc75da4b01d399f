"""Sending what is in the outbox: one transaction per e-mail, safe to run twice or on two machines."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from app import clock
from app.database import db, locked
from app.messages.channel import Channel, Down, Refused
from app.messages.letters import DeliveryState
from app.messages.models import Delivery
from config import Config

AT_ONCE = 500
BACK_OFF = (1, 2, 5, 10, 10, 15)
GIVE_UP_AFTER = timedelta(days=3)


def send_queued() -> int:
    """Sends the e-mails that are due; the number that left. Without a mail server they wait."""
    channel: Channel | None = current_app.extensions["mail_channel"]
    if channel is None:
        return 0
    due = select(Delivery.id).where(Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= clock.now())
    ids = db.session.scalars(due.order_by(Delivery.due_at, Delivery.id).limit(AT_ONCE)).all()
    db.session.rollback()
    return sum(_send_one(channel, delivery_id) for delivery_id in ids)


def _send_one(channel: Channel, delivery_id: UUID) -> bool:
    """Claims one e-mail by pushing its next try forward, commits, then sends: a crash means a retry, never a loss."""
    mail = _claim(delivery_id)
    if mail is None:
        return False
    try:
        channel.deliver(mail)
    except Refused as refusal:
        _settle(delivery_id, DeliveryState.BOUNCED, str(refusal))
    except Down as trouble:
        _settle(delivery_id, None, str(trouble))
    else:
        _settle(delivery_id, DeliveryState.SENT, None)
        return True
    return False


def _claim(delivery_id: UUID) -> EmailMessage | None:
    query = select(Delivery).where(
        Delivery.id == delivery_id, Delivery.state == DeliveryState.QUEUED, Delivery.due_at <= clock.now()
    )
    delivery = db.session.scalars(locked(query, skip=True)).one_or_none()
    if delivery is None:
        db.session.rollback()
        return None
    minutes = BACK_OFF[min(delivery.attempts, len(BACK_OFF) - 1)]
    delivery.attempts += 1
    delivery.due_at = clock.now() + timedelta(minutes=minutes)
    mail = _mail(delivery, current_app.extensions["config"])
    db.session.commit()
    return mail


def _settle(delivery_id: UUID, state: DeliveryState | None, problem: str | None) -> None:
    delivery = db.session.get_one(Delivery, delivery_id)
    delivery.problem = problem
    if state is DeliveryState.SENT:
        delivery.sent_at, delivery.path = clock.now(), None
    if state is DeliveryState.BOUNCED:
        delivery.bounced_at, delivery.path = clock.now(), None
    if state is None and clock.now() - delivery.message.created_at > GIVE_UP_AFTER:
        state = DeliveryState.FAILED
    delivery.state = state or delivery.state
    db.session.commit()


def _mail(delivery: Delivery, config: Config) -> EmailMessage:
    """The e-mail: the letter, its link, and a Message-ID that stays the same at every try."""
    domain = config.mail_from.partition("@")[2] or "localhost"
    mail = EmailMessage()
    mail["From"] = config.mail_from
    mail["To"] = delivery.email
    mail["Subject"] = delivery.message.subject
    mail["Date"] = format_datetime(delivery.message.created_at)
    mail["Message-ID"] = f"<{delivery.id.hex}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{delivery.message.body}\n\n{config.base_url}{delivery.path or delivery.message.path}\n")
    return mail
