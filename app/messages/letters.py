"""What a slice hands over to be sent: a letter and its recipient, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class DeliveryState(StrEnum):
    """What became of one e-mail."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Address:
    """One e-mail address of a recipient. `path` replaces the letter's link for this address alone."""

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
    """A message. Subject and body hold no personal data: e-mail is read by many machines."""

    kind: str
    subject: str
    body: str
    path: str
    about_type: str
    about_id: UUID
    authority_id: UUID | None = None
