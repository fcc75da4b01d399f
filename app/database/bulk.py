"""Many rows made ready for the driver beforehand, so that the transaction that writes them is short.

Turning values into what a driver takes costs more than writing them; here that is done before the lock is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.engine import Dialect

from app.database.base import Base, db


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """One INSERT statement and its parameters, row by row."""

    statement: str
    parameters: Sequence[Any]

    def write(self) -> None:
        """Writes the rows into the current transaction."""
        if self.parameters:
            db.session.connection().exec_driver_sql(self.statement, list(self.parameters))


def ready_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> ReadyRows:
    """Rows of one table, each with a value for the same columns. Defaults are not filled in: give every column."""
    if not rows:
        return ReadyRows("", ())
    table, dialect, names = cast(Table, model.__table__), db.engine.dialect, list(rows[0])
    compiled = insert(table).compile(dialect=dialect, column_keys=names)
    makers = {name: _maker(table, name, dialect) for name in names}
    places = compiled.positiontup
    if places is None:
        named = [{name: makers[name](row[name]) for name in names} for row in rows]
        return ReadyRows(str(compiled), named)
    in_order = [(name, makers[name]) for name in places]
    return ReadyRows(str(compiled), [tuple(make(row[name]) for name, make in in_order) for row in rows])


def _maker(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any]:
    """What turns a value of a column into what the driver takes."""
    made = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    return made or _unchanged


def _unchanged(value: Any) -> Any:
    return value
