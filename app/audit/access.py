"""Reads of an identity: noted while a page is made, written before it leaves.

Queries that return a person's identity call `note_read`. The web edge writes what was noted in a short transaction
of its own; if that fails the page is not shown.
"""

from __future__ import annotations

from contextvars import ContextVar
from uuid import UUID

from sqlalchemy import insert

from app import clock
from app.audit.actor import Actor
from app.audit.models import AccessLog
from app.database import db, new_id, writing

_reads: ContextVar[set[UUID] | None] = ContextVar("identity_reads", default=None)


def begin() -> None:
    """Starts a page with nothing read yet."""
    _reads.set(set())


def note_read(person_id: UUID) -> None:
    """Notes that this page shows the identity of a person."""
    reads = _reads.get()
    if reads is not None:
        reads.add(person_id)


def has_reads() -> bool:
    return bool(_reads.get())


def write_reads(actor: Actor, page: str) -> None:
    """Writes what was noted, in a transaction of its own, and forgets it."""
    reads = _reads.get()
    if not reads:
        return
    facts = {
        "at": clock.now(),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_label": actor.label,
        "page": page,
    }
    rows = [{"id": new_id(), "person_id": person_id, **facts} for person_id in sorted(reads)]
    with writing(), db.engine.begin() as connection:
        connection.execute(insert(AccessLog), rows)
    _reads.set(set())
