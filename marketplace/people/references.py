"""References that no row has yet: five signs are few enough to meet twice in a large file."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.database import db
from app.values.reference import new_reference

ASKED_AT_ONCE = 500


class FreeReferences:
    """Gives out references of one kind, none twice and none that is taken."""

    def __init__(self, prefix: str, column: InstrumentedAttribute[str]) -> None:
        self._prefix, self._column = prefix, column
        self._given: set[str] = set()

    def take(self, count: int) -> list[str]:
        """So many more."""
        free: set[str] = set()
        while len(free) < count:
            fresh = {new_reference(self._prefix, secrets.randbits(25)) for _ in range(count - len(free))}
            free |= fresh - self._given - self._taken(sorted(fresh))
        self._given |= free
        return list(free)

    def _taken(self, references: list[str]) -> set[str]:
        parts = (references[start : start + ASKED_AT_ONCE] for start in range(0, len(references), ASKED_AT_ONCE))
        queries = (select(self._column).where(self._column.in_(part)) for part in parts)
        return {reference for query in queries for reference in db.session.scalars(query)}
