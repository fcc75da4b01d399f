"""The email itself: the letter, its link, and a Message-ID that stays the same at every try."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.database import db
from app.messages.letters import SUMMARY
from app.messages.models import Delivery
from config import Config

REPLIES = "A reply to this email goes to {}, and is no answer to an offer."
NO_REPLIES = "Nobody reads replies to this email."
WHY_YOU = "Which emails you get is your choice: {}/account/emails (after signing in)."


def mail_of(delivery: Delivery, config: Config) -> EmailMessage:
    """One email as it leaves. No personal data is in its head."""
    domain = config.mail_from.partition("@")[2] or "localhost"
    mail = EmailMessage()
    mail["From"] = config.mail_from
    mail["To"] = delivery.email
    mail["Subject"] = " ".join(delivery.message.subject.split())
    mail["Date"] = format_datetime(delivery.message.created_at)
    mail["Message-ID"] = f"<{delivery.id.hex}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if config.reply_to:
        mail["Reply-To"] = config.reply_to
    replies = REPLIES.format(config.reply_to) if config.reply_to else NO_REPLIES
    mail.set_content("\n\n".join([*_parts(delivery, config.base_url), replies, WHY_YOU.format(config.base_url)]) + "\n")
    return mail


def _parts(delivery: Delivery, base_url: str) -> list[str]:
    """The body and its link; of a daily summary every subject with its link."""
    if delivery.message.kind != SUMMARY:
        return [delivery.message.body, _link(delivery, base_url)]
    items = [f"{one.message.subject}\n{_link(one, base_url)}" for one in gathered(delivery)]
    return [delivery.message.body, *items]


def gathered(summary: Delivery) -> Sequence[Delivery]:
    """The emails that a daily summary takes with it, oldest first."""
    query = select(Delivery).where(Delivery.summary_id == summary.message_id).options(joinedload(Delivery.message))
    return db.session.scalars(query.order_by(Delivery.queued_at, Delivery.id)).all()


def _link(delivery: Delivery, base_url: str) -> str:
    return f"{base_url}{delivery.path or delivery.message.path}"


ADDRESS = re.compile(r"bounce\+([0-9a-f]{32})-([0-9a-f]{16})@([a-z0-9.-]{1,190})", re.IGNORECASE)
PURPOSE = b"homeward return path"


@dataclass(frozen=True, slots=True)
class ReturnPaths:
    """Makes and reads return paths of one installation."""

    domain: str
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, config: Config) -> ReturnPaths:
        """With the key of this installation; the domain is BOUNCE_DOMAIN, or that of MAIL_FROM."""
        domain = config.bounce_domain or config.mail_from.partition("@")[2] or "localhost"
        key = hmac.digest(str(config.flask_settings["SECRET_KEY"]).encode(), PURPOSE, sha256)
        return cls(domain.lower(), key)

    def address(self, delivery_id: UUID) -> str:
        """The envelope sender of one email."""
        return f"bounce+{delivery_id.hex}-{self._signature(delivery_id)}@{self.domain}"

    def deliveries_in(self, text: str) -> list[UUID]:
        """The emails whose return paths stand in a text; forged ones and those of other domains are left out."""
        found = []
        for match in ADDRESS.finditer(text):
            delivery_id = UUID(match[1])
            ours = hmac.compare_digest(match[2].lower(), self._signature(delivery_id))
            if ours and match[3].lower() == self.domain:
                found.append(delivery_id)
        return found

    def _signature(self, delivery_id: UUID) -> str:
        return hmac.digest(self.key, delivery_id.bytes, sha256).hex()[:16]
