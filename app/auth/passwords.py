"""Passwords: Argon2id, with the library's own recommended cost; cheap in tests only."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

_REAL = PasswordHasher()
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def hasher() -> PasswordHasher:
    """The hasher of this installation."""
    return _CHEAP if current_app.testing else _REAL


def hash_password(password: str) -> str:
    """The hash to store."""
    return hasher().hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Whether the password is right. An absent hash takes as long as a wrong password."""
    try:
        hasher().verify(stored or _stand_in(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def _stand_in() -> str:
    """The hash of nobody's password, made once, so that unknown addresses cost the same time as known ones."""
    extensions = current_app.extensions
    if "stand_in_hash" not in extensions:
        extensions["stand_in_hash"] = hash_password("nobody has this password")
    stand_in: str = extensions["stand_in_hash"]
    return stand_in
