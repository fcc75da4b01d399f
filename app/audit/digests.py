"""The hashes of the audit: pure, so that anybody can check them again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from uuid import UUID

FIRST = "0" * 64

# Made once: `json.dumps` would make an encoder at every call.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False).encode


def canonical(value: Mapping[str, object]) -> str:
    """The one spelling of a set of facts: sorted keys, no spaces."""
    return _encode(value)


def facts_digest(salt: str, reason: str | None, facts: Mapping[str, object]) -> str:
    """Digest of the readable part; without the salt, guessing a fact proves nothing."""
    return sha256(f"{salt}|{reason or ''}|{canonical(facts)}".encode()).hexdigest()


def act_digest(fields: Mapping[str, object]) -> str:
    """Digest of all that the entries of one act share: who did what when, and their facts' digest."""
    return sha256(canonical(fields).encode()).hexdigest()


def entry_digest(entry_id: UUID, subject_id: UUID, act: str) -> str:
    """Digest of an entry: the digest of its act, and which thing it is about."""
    return sha256(f"{entry_id.hex}|{subject_id.hex}|{act}".encode()).hexdigest()


def block_hash(number: int, previous: str, digests: Iterable[str]) -> str:
    return sha256("|".join([str(number), previous, *digests]).encode()).hexdigest()


def set_digest(ids: Iterable[UUID]) -> str:
    """The digest of a set of things, the same in any order."""
    return sha256("|".join(sorted(row_id.hex for row_id in ids)).encode()).hexdigest()
