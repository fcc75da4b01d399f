"""For thousands of identifiers at once: one condition for all of them, reading them without making an object of each,
and references that no row has yet.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CursorResult,
    Delete,
    Select,
    Update,
    Uuid,
    any_,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import NullType

from app.database.base import db
from app.values.reference import new_reference

T = TypeVar("T")
VALUES_A_STATEMENT = 500
"""Databases limit how many values one statement may carry."""


def among(column: Any, ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Whether a column of identifiers holds one of these: an array on PostgreSQL, a JSON list on SQLite."""
    if db.engine.dialect.name == "postgresql":
        same: ColumnElement[bool] = column == any_(_array(ids))
        return same
    return type_coerce(column, Uuid()).in_(listed(ids))


def listed(ids: Iterable[UUID]) -> Select[UUID]:
    """These identifiers, for use inside another question. It begins with them, however little is known of its tables."""
    if db.engine.dialect.name == "postgresql":
        return select(func.unnest(_array(ids), type_=Uuid()))
    given = func.json_each(json.dumps([one.hex for one in ids])).table_valued("value")
    return select(type_coerce(given.c.value, Uuid()))


def _array(ids: Iterable[UUID]) -> BindParameter[Any]:
    return bindparam(None, list(ids), type_=ARRAY(Uuid()))


def rows_changed(command: Update | Delete) -> int:
    """Runs a command and says how many rows met its conditions; objects that were loaded show what they are now."""
    result = db.session.execute(command.execution_options(synchronize_session="fetch"))
    return cast("CursorResult[Any]", result).rowcount


def raw(column: Any, name: str) -> ColumnElement[Any]:
    """An identifier under a name, as the driver gives it: to look up what else was read raw. A text on SQLite."""
    return type_coerce(column, NullType()).label(name)


def in_parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in parts that fit into one statement."""
    for start in range(0, len(values), VALUES_A_STATEMENT):
        yield values[start : start + VALUES_A_STATEMENT]


class FreeReferences:
    """Gives out references of one kind, none twice and none that is taken: five signs meet twice in a large file."""

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
        queries = (select(self._column).where(self._column.in_(part)) for part in in_parts(references))
        return {reference for query in queries for reference in db.session.scalars(query)}
