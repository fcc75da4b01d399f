"""What a slice hands over to be sent: a letter and its recipient, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

SUMMARY = "summary"
"""The kind of the message that carries a daily summary; the inbox does not show it, for it has each item already."""


class DeliveryState(StrEnum):
    """What became of one email."""

    QUEUED = "queued"
    FOR_SUMMARY = "for_summary"
    HELD = "held"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"


DELIVERY_SENTENCES: dict[DeliveryState, str] = {
    DeliveryState.QUEUED: "It waits to be sent.",
    DeliveryState.FOR_SUMMARY: "It goes with the next daily summary.",
    DeliveryState.HELD: "It is held back, because it may have been sent before the data was restored.",
    DeliveryState.SENT: "The mail server has taken it.",
    DeliveryState.DELIVERED: "It has arrived.",
    DeliveryState.BOUNCED: "It came back: the address does not take it.",
    DeliveryState.FAILED: "It was never taken, and is not tried again.",
}

# Colours of the GOV.UK tag component.
DELIVERY_COLOURS: dict[DeliveryState, str] = {
    DeliveryState.QUEUED: "blue",
    DeliveryState.FOR_SUMMARY: "light-blue",
    DeliveryState.HELD: "yellow",
    DeliveryState.SENT: "green",
    DeliveryState.DELIVERED: "green",
    DeliveryState.BOUNCED: "red",
    DeliveryState.FAILED: "red",
}


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
class Letter:
    """A message. Subject and body hold no personal data: email is read by many machines."""

    kind: str
    subject: str
    body: str
    path: str
    about_type: str
    about_id: UUID
    authority_id: UUID | None = None
