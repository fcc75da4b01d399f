"""Keys that are derived from SECRET_KEY: one for each purpose, so that none opens what another closed.

After SECRET_KEY was changed, SECRET_KEY_BEFORE still opens what the old one closed.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from config import Config


def closed(purpose: str, text: str) -> str:
    """The text, encrypted for this purpose under the present key."""
    return _box(purpose).encrypt(text.encode()).decode()


def opened(purpose: str, box: str) -> str | None:
    """What was closed for this purpose; None where neither the present nor the earlier key opens it."""
    try:
        return _box(purpose).decrypt(box.encode()).decode()
    except InvalidToken:
        return None


def keyed_digest(purpose: str, text: str) -> str:
    """A digest that nobody can compute or try out who has the database alone."""
    return keyed_digests(purpose, text)[0]


def keyed_digests(purpose: str, text: str) -> list[str]:
    """The digest under the present key, and under the earlier one where there is one."""
    message = text.encode("utf-8", "surrogatepass")
    return [hmac.new(key, message, sha256).hexdigest() for key in _keys(f"digest: {purpose}")]


def _box(purpose: str) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in _keys(f"box: {purpose}")])


def _keys(purpose: str) -> list[bytes]:
    config: Config = current_app.extensions["config"]
    present = str(current_app.config["SECRET_KEY"])
    masters = [present, config.secret_key_before] if config.secret_key_before else [present]
    return [hmac.new(master.encode(), purpose.encode(), sha256).digest() for master in masters]


def new_secret() -> str:
    """A fresh secret: 256 random bits, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """How secrets are kept: long and random, so one plain hash is enough."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
