"""Writing messages into the inbox and the outbox, as people want their emails: at once, in a daily summary, or not.

The inbox always has everything. Nothing is sent here: that happens after the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select

from app.database import db, new_id
from app.database.bulk import insert_rows
from app.messages.letters import SUMMARY, Address, DeliveryState, Letter, MailWish, Recipient
from app.messages.models import AddressWish, Delivery, Message

Wishes = Mapping[tuple[UUID, str, str], MailWish]
"""By organisation, address in small letters and topic; what is missing is wanted at once."""


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


def wishes_in(organisation_ids: Iterable[UUID]) -> Wishes:
    """Every wish of these organisations' people other than `at once`: one query for a whole post."""
    query = select(AddressWish).where(AddressWish.organisation_id.in_(set(organisation_ids)))
    return {(row.organisation_id, row.email, row.topic): row.wish for row in db.session.scalars(query)}


def choose(organisation_id: UUID, email: str, wishes: Mapping[str, MailWish]) -> None:
    ours = (AddressWish.organisation_id == organisation_id) & (AddressWish.email == email.lower())
    db.session.execute(delete(AddressWish).where(ours, AddressWish.topic.in_(list(wishes))))
    rows = [
        {"id": new_id(), "organisation_id": organisation_id, "email": email.lower(), "topic": topic, "wish": wish}
        for topic, wish in wishes.items()
        if wish is not MailWish.AT_ONCE
    ]
    insert_rows(AddressWish, rows)


def granted(recipient: Recipient, letter: Letter, wishes: Wishes) -> Sequence[tuple[Address, MailWish]]:
    """Each address with how it is told. Where nobody would be told of a notice at once, everybody is."""
    topic = letter.topic
    to_all_at_once = [(address, MailWish.AT_ONCE) for address in recipient.addresses]
    if topic is None or not wishes:
        return to_all_at_once
    of, at_once = recipient.organisation_id, MailWish.AT_ONCE
    wanted = [(to, wishes.get((of, to.email.lower(), topic.name), at_once)) for to in recipient.addresses]
    if topic.notice and all(wish is not MailWish.AT_ONCE for _, wish in wanted):
        return to_all_at_once
    return wanted
