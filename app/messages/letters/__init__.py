"""What a slice hands over to be sent: a letter and its recipient, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.values.lifecycle import Lifecycle

SUMMARY = "summary"
"""The kind of the message that carries a daily summary; the inbox does not show it, for it has each item already."""


class DeliveryState(Lifecycle):
    """What became of one email."""

    QUEUED = "queued", "blue", "It waits to be sent.", "held sent bounced failed"
    FOR_SUMMARY = "for_summary", "light-blue", "It goes with the next daily summary.", "held sent bounced failed"
    HELD = (
        "held",
        "yellow",
        "It is held back, because it may have been sent before the data was restored.",
        "queued bounced failed",
    )
    SENT = "sent", "green", "The mail server has taken it.", "delivered bounced"
    DELIVERED = "delivered", "green", "It has arrived.", "bounced"
    BOUNCED = "bounced", "red", "It came back: the address does not take it."
    FAILED = "failed", "red", "It was never taken, and is not tried again."


class MailWish(StrEnum):
    """How somebody wants the emails of one topic. The inbox always has everything."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Address:
    """One email address of a recipient. `path` replaces the letter's link for this address alone."""

    email: str
    contact_id: UUID | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a message is for: an organisation's inbox, or one user's, and the addresses that are told."""

    organisation_id: UUID
    user_id: UUID | None = None
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the page on which people choose. `readers` are kinds of organisations, such as `provider`.

    With `notice`, what is sent counts as notice to an organisation: one person's choice never leaves nobody told.
    """

    name: str
    label: str
    hint: str
    readers: frozenset[str]
    notice: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A message. Subject and body hold no personal data: email is read by many machines.

    Without a topic nobody can choose, and everything goes at once.
    """

    kind: str
    subject: str
    body: str
    path: str
    about_type: str
    about_id: UUID
    authority_id: UUID | None = None
    topic: Topic | None = None
