"""For thousands of identifiers at once: one condition for all of them, and reading them without making an object of each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, any_, bindparam, func, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import NullType

from app.database.base import db


def among(column: Any, ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Whether a column of identifiers holds one of these: an array on PostgreSQL, a JSON list on SQLite."""
    if db.engine.dialect.name == "postgresql":
        same: ColumnElement[bool] = column == any_(bindparam(None, list(ids), type_=ARRAY(Uuid())))
        return same
    listed = func.json_each(json.dumps([one.hex for one in ids])).table_valued("value")
    return type_coerce(column, Uuid()).in_(select(type_coerce(listed.c.value, Uuid())))


def raw(column: Any, name: str) -> ColumnElement[Any]:
    """An identifier under a name, as the driver gives it: to look up what else was read raw. A text on SQLite."""
    return type_coerce(column, NullType()).label(name)
