"""The return path of each email: an address of its own, signed, so that a bounce says which email came back.

`bounce+<32 hexadecimal digits>-<16 of a signature>@domain` survives servers that change upper to lower case.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from config import Config

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
