"""Passwords: Argon2id, with the library's own recommended cost; cheap in tests only. What is refused, and why."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from app.auth.blocklist import is_common, says_too_much, words_about

SHORTEST = 12
LONGEST = 200
HINT = (
    f"At least {SHORTEST} characters. Three or four words that do not belong together are a good one. "
    "You can paste it from a password manager."
)

_REAL = PasswordHasher()
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def reasons_against(password: str, about: Iterable[str] = ()) -> tuple[str, ...]:
    """Why a password cannot be used, as sentences; none where it can.

    `about` is what others know of its owner: email address, name, organisation. Nothing is asked of its composition.
    """
    password = as_typed_anywhere(password)
    if len(password) < SHORTEST:
        return (f"Use at least {SHORTEST} characters.",)
    if len(password) > LONGEST:
        return (f"Use at most {LONGEST} characters.",)
    if is_common(password):
        return ("This is one of the passwords that are tried first, or is made from one. Choose another.",)
    if word := says_too_much(password, words_about((*about, "homeward"))):
        return (f"This is little more than “{word}”, which others know of you. Choose another.",)
    return ()


def as_typed_anywhere(password: str) -> str:
    """One form for the same characters, whatever keyboard or system they come from."""
    return unicodedata.normalize("NFKC", password)


def hasher() -> PasswordHasher:
    return _CHEAP if current_app.testing else _REAL


def hash_password(password: str) -> str:
    return hasher().hash(_bytes(password))


def password_matches(stored: str | None, password: str) -> bool:
    """Whether the password is right. An absent hash takes as long as a wrong password."""
    try:
        hasher().verify(stored or _stand_in(), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def renewed(stored: str, password: str) -> str:
    """The hash to keep after a sign-in: a new one where the cost of hashing has been raised since."""
    return hash_password(password) if hasher().check_needs_rehash(stored) else stored


def _bytes(password: str) -> bytes:
    return as_typed_anywhere(password).encode("utf-8", "surrogatepass")


def _stand_in() -> str:
    """The hash of nobody's password, made once, so that unknown addresses cost the same time as known ones."""
    extensions = current_app.extensions
    if "stand_in_hash" not in extensions:
        extensions["stand_in_hash"] = hash_password("nobody has this password")
    stand_in: str = extensions["stand_in_hash"]
    return stand_in
