"""What left the house: the letters of the outbox, and the links in them."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.jobs import answer_requests
from app.database import db
from app.messages.models import Delivery, Message


def links_to(email: str, start: str) -> list[str]:
    """The links that wait in the outbox for an address, the oldest first."""
    query = select(Delivery.path).join(Message).where(Delivery.email == email, Delivery.path.startswith(start))
    return [path for path in db.session.scalars(query.order_by(Message.created_at, Delivery.due_at)) if path]


def letters_to(email: str) -> list[str]:
    """The subjects of what is sent to an address."""
    query = select(Message.subject).join(Delivery).where(Delivery.email == email).order_by(Message.created_at)
    return list(db.session.scalars(query))


def lost_password_link(client, email: str) -> str:
    """Asks for a new password and takes the link out of the outbox."""
    assert client.submit("/forgotten-password", {"email": email}).status_code == 302
    answer_requests()
    db.session.rollback()
    return links_to(email, "/new-password/")[-1]
