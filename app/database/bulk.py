"""Many rows made ready for the driver beforehand, so that the transaction that writes them is short.

Turning values into what a driver takes costs more than writing them; here that is done before the lock is taken.
PostgreSQL takes many rows by COPY, SQLite by one prepared statement: each is the fastest that its driver has.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice, repeat
from typing import Any, NamedTuple, cast

import psycopg
from sqlalchemy import JSON, Column, Insert, Table, column, func, insert, literal, select, table, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from app.database.base import Base, db

ROWS_AT_ONCE = 5_000
WORTH_A_COPY = 10
"""From so many rows on COPY is faster than INSERT, its own round trips counted."""
NEAR = 16
"""So many hex digits a row's id shares with the thing that it pairs; as many again are random."""


def insert_rows(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows with the columns given; the others have their defaults. What the session holds back is written first."""
    db.session.flush()
    columns = cast(Table, model.__table__).columns
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        ready_rows(model, [{column.name: _given(row, column) for column in columns} for row in part]).write()


def _given(row: Mapping[str, Any], column: Column[Any]) -> Any:
    """The value of a column that a row has, or its default."""
    if column.name in row or column.default is None:
        return row.get(column.name)
    default = cast(Any, column.default)
    return default.arg(_Given(row)) if default.is_callable else default.arg


class _Given(NamedTuple):
    """What a default is handed that follows another column of its row."""

    row: Mapping[str, Any]

    def get_current_parameters(self) -> Mapping[str, Any]:
        """The row, as SQLAlchemy's own context calls it."""
        return self.row


def insert_unless_there(model: type[Base], row: Mapping[str, Any]) -> bool:
    """Writes one row with a value for every column that has a default, unless another holds its place in a unique index;
    whether it was written. Where somebody else is about to take the place, waits for what becomes of that.
    """
    ready, dialect = ready_rows(model, [row]), db.engine.dialect.name
    statement = _insert_statement(ready.table, ready.names, dialect, unless_there=True)
    return db.session.connection().exec_driver_sql(statement, ready.given(dialect)).rowcount == 1


@dataclass(frozen=True, slots=True)
class ReadyRows:
    """Rows of one table, each a value per column, as the driver takes them."""

    table: str
    names: tuple[str, ...]
    parameters: Sequence[tuple[Any, ...]]

    def write(self) -> None:
        """Writes the rows into the current transaction."""
        if not self.parameters:
            return
        dialect = db.engine.dialect.name
        if dialect == "postgresql" and len(self.parameters) >= WORTH_A_COPY:
            with _copying(self.table, self.names) as copy:
                for row in self.parameters:
                    copy.write_row(row)
            return
        statement = _insert_statement(self.table, self.names, dialect)
        db.session.connection().exec_driver_sql(statement, self.given(dialect))

    def given(self, dialect_name: str) -> list[Any]:
        """The rows as a statement takes them: by place on SQLite, by name on PostgreSQL."""
        if dialect_name == "sqlite":
            return list(self.parameters)
        return [dict(zip(self.names, row, strict=True)) for row in self.parameters]


def ready_rows(
    model: type[Base], rows: Sequence[Mapping[str, Any]], shared: Mapping[str, Any] | None = None
) -> ReadyRows:
    """Rows of one table, each with a value for the same columns. Defaults are not filled in: give every column.

    `shared` are columns with one value for all rows; they are turned for the driver once.
    """
    table, shared = cast(Table, model.__table__), shared or {}
    names, count, columns = (*shared, *(rows[0] if rows else ())), len(rows), []
    for name, turner in zip(names, _turners(table, names, db.engine.dialect.name), strict=True):
        turned = turner or _json_writer()
        columns.append(repeat(turned(shared[name]), count) if name in shared else [turned(row[name]) for row in rows])
    return ReadyRows(table.name, names, list(zip(*columns, strict=True)))


def write_identifiers(model: type[Base], names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Rows that hold nothing but identifiers, given as 32 hex digits: written as fast as the database takes them."""
    waiting = iter(rows)
    if db.engine.dialect.name == "sqlite":
        while part := list(islice(waiting, ROWS_AT_ONCE)):
            ReadyRows(model.__tablename__, names, part).write()
        return
    with _copying(model.__tablename__, names) as copy:
        # Hex digits need no escaping, so whole blocks of lines are handed over.
        while block := "".join(["\t".join(row) + "\n" for row in islice(waiting, ROWS_AT_ONCE)]):
            copy.write(block)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Each of some things with every member of its group: hundreds of thousands of rows, out of two short lists.

    What is paired: `ones` as (identifier, group) in order, `groups` the identifiers of each group in order. `one` and
    `other` are the columns; `owned` are columns with one value for all rows. Identifiers are 32 hex digits.
    """

    one: str
    other: str
    owned: Mapping[str, str]
    ones: Sequence[tuple[str, int]]
    groups: Mapping[int, Sequence[str]]

    def rows(self) -> Iterator[tuple[str, ...]]:
        """A row per pair.

        Its id begins like the thing's and goes on at random: random enough that none can be guessed, and near its
        neighbours, so that indexes grow at their end instead of everywhere.
        """
        owned = tuple(self.owned.values())
        for one, group in self.ones:
            near, others = one[:NEAR], self.groups[group]
            drawn = secrets.token_hex(NEAR // 2 * len(others))
            for at, other in zip(range(0, len(drawn), NEAR), others, strict=True):
                yield near + drawn[at : at + NEAR], one, other, *owned


def write_pairs(model: type[Base], pairs: Pairs) -> None:
    if db.engine.dialect.name == "sqlite":
        db.session.execute(_multiplied(model, pairs))
    else:
        write_identifiers(model, ("id", pairs.one, pairs.other, *pairs.owned), pairs.rows())


def _multiplied(model: type[Base], pairs: Pairs) -> Insert:
    """The rows of `Pairs.rows`, made by SQLite out of one list: it multiplies faster than rows are handed over to it."""
    listed = json.dumps({one: pairs.groups[group] for one, group in pairs.ones})
    ones = func.json_each(listed).table_valued("key", "value", name="one")
    others = func.json_each(ones.c.value).table_valued("value", name="other")
    drawn = func.lower(func.hex(func.randomblob(NEAR // 2)))
    columns = (func.substr(ones.c.key, 1, NEAR).concat(drawn), ones.c.key, others.c.value)
    rows = select(*columns, *map(literal, pairs.owned.values())).select_from(ones.join(others, true()))
    return insert(model).from_select(("id", pairs.one, pairs.other, *pairs.owned), rows, include_defaults=False)


@cache
def _insert_statement(into: str, names: tuple[str, ...], dialect_name: str, *, unless_there: bool = False) -> str:
    """Worked out once for a table and its columns: there are few, and making a statement costs more than running it."""
    made = (postgresql.insert if dialect_name == "postgresql" else sqlite.insert)(table(into, *map(column, names)))
    return str((made.on_conflict_do_nothing() if unless_there else made).compile(dialect=db.engine.dialect))


@contextmanager
def _copying(into: str, names: Sequence[str]) -> Iterator[psycopg.Copy]:
    """A COPY into a table. What the driver raises is raised as SQLAlchemy's, as everywhere else."""
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f'COPY "{into}" ({columns}) FROM STDIN'
    connection = cast(psycopg.Connection[Any], db.session.connection().connection.dbapi_connection)
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy
    except psycopg.Error as raised:
        told = DBAPIError.instance(statement, None, raised, psycopg.Error, dialect=db.engine.dialect)
        raise cast(Exception, told) from raised


@cache
def _turners(table: Table, names: tuple[str, ...], _dialect_name: str) -> tuple[Callable[[Any], Any] | None, ...]:
    """What turns the values of columns into what the driver takes, worked out once; None for JSON, which has a writer of
    its own for every set of rows.
    """
    dialect, kinds = db.engine.dialect, [table.c[name].type for name in names]
    return tuple(
        None if isinstance(kind, JSON) else kind.dialect_impl(dialect).bind_processor(dialect) or _unchanged
        for kind in kinds
    )


def _json_writer() -> Callable[[Any], str | None]:
    """Writes a value that many rows share once."""
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
