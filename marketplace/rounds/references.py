"""References of new rows: random, so that they carry neither order nor count, and free."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from app.database import db
from app.values.reference import HOW_MANY, new_reference


def free_references(prefix: str, column: Any, count: int, draw: Callable[[int], int] = secrets.randbelow) -> list[str]:
    """So many different references that no row of the column has; a race for one ends at the UNIQUE constraint."""
    free: set[str] = set()
    while len(free) < count:
        drawn = {new_reference(prefix, draw(HOW_MANY)) for _ in range(count - len(free))} - free
        free |= drawn - set(db.session.scalars(select(column).where(column.in_(drawn))))
    return list(free)
