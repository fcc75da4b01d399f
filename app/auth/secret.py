"""Secrets that are handed out once and kept as a hash: of sessions, of API tokens, of links in emails."""

from __future__ import annotations

import secrets
from hashlib import sha256


def new_secret() -> str:
    """A fresh secret: 256 random bits, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """How secrets are kept: long and random, so one plain hash is enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
