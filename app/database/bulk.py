"""Many rows made ready for the driver beforehand, so that the transaction that writes them is short.

Turning values into what a driver takes costs more than writing them; here that is done before the lock is taken.
PostgreSQL takes many rows by COPY, SQLite by one prepared statement: each is the fastest that its driver has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, NamedTuple, cast

from sqlalchemy import JSON, Table, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from app.database.base import Base, db

LINES_AT_ONCE = 2000
ROWS_AT_ONCE = 5_000
WORTH_A_COPY = 50
"""From so many rows on COPY is faster than INSERT, its own round trips counted."""


def insert_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows with the columns given; the others have their defaults."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        db.session.execute(insert(model), list(rows[start : start + ROWS_AT_ONCE]))


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """One INSERT statement and its parameters, row by row; and the same as COPY takes it, where there is COPY."""

    statement: str
    parameters: Sequence[Any]
    copy: str = ""

    def write(self) -> None:
        """Writes the rows into the current transaction."""
        if self.copy and len(self.parameters) >= WORTH_A_COPY:
            _copy(self.copy, (tuple(row.values()) for row in self.parameters))
        elif self.parameters:
            db.session.connection().exec_driver_sql(self.statement, list(self.parameters))

    def write_unless_there(self) -> bool:
        """Writes one row, unless another holds its place in a unique index; whether it was written.

        Where somebody else is about to take the place, waits for what becomes of that.
        """
        statement = f"{self.statement} ON CONFLICT DO NOTHING"
        return db.session.connection().exec_driver_sql(statement, self.parameters[0]).rowcount == 1


def ready_rows(
    model: type[Base], rows: Sequence[Mapping[str, Any]], shared: Mapping[str, Any] | None = None
) -> ReadyRows:
    """Rows of one table, each with a value for the same columns. Defaults are not filled in: give every column.

    `shared` are columns with one value for all rows; they are turned for the driver once.
    """
    if not rows:
        return ReadyRows("", ())
    shared = shared or {}
    names = (*shared, *rows[0])
    shape = _shape(cast(Table, model.__table__), db.engine.dialect.name, names)
    makers = {name: make or _written_once() for name, make in shape.makers}
    same = {name: makers.pop(name)(value) for name, value in shared.items()}
    if shape.by_name:
        named = [same | {name: make(row[name]) for name, make in makers.items()} for row in rows]
        return ReadyRows(shape.insert, named, shape.copy)
    if not same:
        return ReadyRows(shape.insert, [tuple(make(row[name]) for name, make in makers.items()) for row in rows])
    return ReadyRows(shape.insert, list(_in_order([name for name, _ in shape.makers], same, makers, rows)))


def _in_order(
    order: Sequence[str],
    same: Mapping[str, Any],
    makers: Mapping[str, Callable[[Any], Any]],
    rows: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[Any, ...]]:
    """Each row's values in the order in which the statement takes them, what all rows share already in its place."""
    template = [same.get(name) for name in order]
    places = [(order.index(name), name, make) for name, make in makers.items()]
    for row in rows:
        values = template.copy()
        for place, name, make in places:
            values[place] = make(row[name])
        yield tuple(values)


class _Shape(NamedTuple):
    """How rows of some columns are written: the statements, and the columns in the order in which they are given."""

    insert: str
    copy: str
    by_name: bool
    makers: tuple[tuple[str, Callable[[Any], Any] | None], ...]


@cache
def _shape(table: Table, _dialect_name: str, names: tuple[str, ...]) -> _Shape:
    """Worked out once for a table and its columns: there are few, and making a statement costs more than running it."""
    compiled = insert(table).compile(dialect=db.engine.dialect, column_keys=list(names))
    makers = tuple((name, _maker(table.c[name].type, db.engine.dialect)) for name in compiled.positiontup or names)
    return _Shape(str(compiled), _copy_statement(table, names), compiled.positiontup is None, makers)


def write_together(first: ReadyRows, *others: ReadyRows) -> bool:
    """Writes one row of each table, if the place of the first is still free; whether it was.

    PostgreSQL takes them in one statement, for there every statement is a journey.
    """
    if db.engine.dialect.name == "postgresql":
        statement = _together(first.statement, *(one.statement for one in others))
        values = {
            f"{place}_{name}": value
            for place, one in enumerate((first, *others))
            for name, value in one.parameters[0].items()
        }
        return db.session.connection().exec_driver_sql(statement, values).rowcount == 1
    if not first.write_unless_there():
        return False
    for one in others:
        one.write()
    return True


@cache
def _together(*inserts: str) -> str:
    """INSERT … VALUES of several tables as one statement: the others select what the first has written."""
    first, *others = (one.replace("%(", f"%({place}_") for place, one in enumerate(inserts))
    parts = [f"row_0 AS ({first} ON CONFLICT DO NOTHING RETURNING 1)"]
    for place, one in enumerate(others, 1):
        head, _, values = one.partition(" VALUES ")
        parts.append(f"row_{place} AS ({head} SELECT {values[1:-1]} FROM row_0)")  # noqa: S608 (our own names)
    return f"WITH {', '.join(parts)} SELECT 1 FROM row_0"  # noqa: S608 (our own names)


def write_identifiers(model: type[Base], names: Sequence[str], rows: Iterable[tuple[str, ...]]) -> None:
    """Rows that hold nothing but identifiers, given as 32 hex digits: written as fast as the database takes them."""
    table = cast(Table, model.__table__)
    if db.engine.dialect.name == "postgresql":
        _copy_lines(_copy_statement(table, names), rows)
        return
    columns, marks = ", ".join(names), ", ".join("?" * len(names))
    raw = db.session.connection().connection.dbapi_connection
    assert raw is not None
    statement = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608 (our own names)
    with told_as_ever(statement):
        cast(Any, raw).executemany(statement, rows)


def _copy_statement(table: Table, names: Sequence[str]) -> str:
    return f'COPY "{table.name}" ({", ".join(names)}) FROM STDIN'


def _copy(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    raw = cast(Any, db.session.connection().connection.dbapi_connection)
    with told_as_ever(statement), raw.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _copy_lines(statement: str, rows: Iterable[tuple[str, ...]]) -> None:
    """Rows whose values need no escaping, a block of lines at a time."""
    raw, waiting = cast(Any, db.session.connection().connection.dbapi_connection), iter(rows)
    with told_as_ever(statement), raw.cursor() as cursor, cursor.copy(statement) as copy:
        while block := "".join(["\t".join(row) + "\n" for row in islice(waiting, LINES_AT_ONCE)]):
            copy.write(block)


@contextmanager
def told_as_ever(statement: str) -> Iterator[None]:
    """What the driver raises is raised as SQLAlchemy's, as everywhere else."""
    dialect = db.engine.dialect
    base: type[Exception] = dialect.loaded_dbapi.Error
    try:
        yield
    except base as raised:
        raise cast(Exception, DBAPIError.instance(statement, None, raised, base, dialect=dialect)) from raised


def _maker(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What turns a value of a column into what the driver takes; None for JSON: a value many rows share is turned once."""
    if isinstance(kind, JSON):
        return None
    return kind.dialect_impl(dialect).bind_processor(dialect) or _unchanged


def _written_once() -> Callable[[Any], str | None]:
    known: dict[int, tuple[Any, str]] = {}

    def write(value: Any) -> str | None:
        if value is None:
            return None
        if id(value) not in known:
            known[id(value)] = value, json.dumps(value)  # the value is held, so that its id stays its own
        return known[id(value)][1]

    return write


def _unchanged(value: Any) -> Any:
    return value
