"""Writing messages into the inbox and the outbox. Nothing is sent here: that happens after the commit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from app.database import new_id
from app.database.bulk import insert_rows
from app.messages.letters import SUMMARY, DeliveryState, Letter, MailWish, Recipient
from app.messages.models import Delivery, Message
from app.messages.wishes import Wishes, granted, wishes_in


def send(recipient: Recipient, letter: Letter) -> None:
    """Puts one letter into the recipient's inbox and queues its emails."""
    send_many([(recipient, letter)])


def send_many(post: Iterable[tuple[Recipient, Letter]]) -> None:
    """The same for many letters, with two statements and one question: how people want their emails."""
    letters = list(post)
    with_addresses = {recipient.organisation_id for recipient, _ in letters if recipient.addresses}
    wishes = wishes_in(with_addresses) if with_addresses else {}
    messages: list[dict[str, Any]] = []
    deliveries: list[dict[str, Any]] = []
    for recipient, letter in letters:
        message_id = new_id()
        messages.append(message_row(recipient, letter, message_id))
        deliveries.extend(_delivery_rows(recipient, letter, message_id, wishes))
    insert_rows(Message, messages)
    insert_rows(Delivery, deliveries)


def with_its_items(delivery: Delivery) -> ColumnElement[bool]:
    """One email, and where it is a daily summary what it took along: all of them come to the same end."""
    this = Delivery.id == delivery.id
    return this | (Delivery.summary_id == delivery.message_id) if delivery.message.kind == SUMMARY else this


def message_row(recipient: Recipient, letter: Letter, message_id: UUID) -> dict[str, Any]:
    return {
        "id": message_id,
        "authority_id": letter.authority_id,
        "organisation_id": recipient.organisation_id,
        "user_id": recipient.user_id,
        "kind": letter.kind,
        "subject": letter.subject,
        "body": letter.body,
        "path": letter.path,
        "about_type": letter.about_type,
        "about_id": letter.about_id,
    }


def _delivery_rows(recipient: Recipient, letter: Letter, message_id: object, wishes: Wishes) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "message_id": message_id,
            "contact_id": address.contact_id,
            "email": address.email,
            "path": address.path,
            "state": DeliveryState.FOR_SUMMARY if wish is MailWish.DAILY else DeliveryState.QUEUED,
        }
        for address, wish in granted(recipient, letter, wishes)
        if wish is not MailWish.NEVER
    ]
