"""References that no row has yet: five signs are few enough to meet twice in a large file."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.database import db
from app.values.reference import new_reference
from marketplace.packages.models import Package
from marketplace.packages.moves import parts
from marketplace.people.models import Person


def free_references(count: int) -> list[str]:
    """So many different references of packages that are not taken."""
    return _free("PKG", Package.reference, count)


def free_person_references(count: int) -> list[str]:
    """The same for people."""
    return _free("PER", Person.reference, count)


def _free(prefix: str, column: InstrumentedAttribute[str], count: int) -> list[str]:
    free: set[str] = set()
    while len(free) < count:
        fresh = {new_reference(prefix, secrets.randbits(25)) for _ in range(count - len(free))} - free
        free |= fresh - _taken(column, sorted(fresh))
    return list(free)


def _taken(column: InstrumentedAttribute[str], references: list[str]) -> set[str]:
    queries = (select(column).where(column.in_(some)) for some in parts(references))
    return {found for query in queries for found in db.session.scalars(query)}
