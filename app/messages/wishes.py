"""How people want their emails: at once, in a daily summary, or not. The inbox always has everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, select

from app.database import db, new_id
from app.database.bulk import insert_rows
from app.messages.letters import Address, Letter, MailWish, Recipient
from app.messages.models import AddressWish

Wishes = Mapping[tuple[UUID, str, str], MailWish]
"""By organisation, address in small letters and topic; what is missing is wanted at once."""


def wishes_in(organisation_ids: Iterable[UUID]) -> Wishes:
    """Every wish of these organisations' people other than `at once`: one query for a whole post."""
    query = select(AddressWish).where(AddressWish.organisation_id.in_(set(organisation_ids)))
    return {(row.organisation_id, row.email, row.topic): row.wish for row in db.session.scalars(query)}


def wishes_of(organisation_id: UUID, email: str) -> dict[str, MailWish]:
    query = select(AddressWish.topic, AddressWish.wish).where(
        AddressWish.organisation_id == organisation_id, AddressWish.email == email.lower()
    )
    return {row.topic: row.wish for row in db.session.execute(query)}


def choose(organisation_id: UUID, email: str, wishes: Mapping[str, MailWish]) -> None:
    """Replaces one person's wishes for these topics."""
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
