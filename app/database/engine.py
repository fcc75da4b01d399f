"""How connections are opened: the pragmas of SQLite, the time limits of PostgreSQL, who may write when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine, Select, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from app.database.base import db

_read_only: ContextVar[bool] = ContextVar("read_only", default=False)

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")


def engine_options(url: str) -> dict[str, Any]:
    """Connection options for either database: 5 s to connect, 30 s a statement, dead connections noticed."""
    if make_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 5}}
    limits = "-c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000"
    return {
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 20,
        "connect_args": {"connect_timeout": 5, "options": limits},
    }


def prepare_engine(engine: Engine) -> None:
    """SQLite only: pragmas at connect, and BEGIN IMMEDIATE for writers, so two writers queue and never deadlock."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if _read_only.get() else "BEGIN IMMEDIATE")


@contextmanager
def reading_only() -> Iterator[None]:
    """Inside, transactions only read: a GET takes no write lock."""
    token = _read_only.set(True)
    try:
        yield
    finally:
        _read_only.reset(token)


@contextmanager
def writing() -> Iterator[None]:
    """Inside, transactions may write: the one short write a GET may do, and everything else by default."""
    token = _read_only.set(False)
    try:
        yield
    finally:
        _read_only.reset(token)


def locked(query: Select[Any], *, skip: bool = False) -> Select[Any]:
    """The rows of the first thing asked for, locked until commit. On SQLite the writer's transaction is already alone.

    Rows that are only joined are not locked: PostgreSQL refuses that for outer joins.
    """
    if db.engine.dialect.name == "sqlite":
        return query.execution_options(populate_existing=True)
    meant = query.column_descriptions[0]["entity"]
    return query.with_for_update(skip_locked=skip, of=meant).execution_options(populate_existing=True)


def can_write() -> bool:
    """Whether the database takes a write now; leaves nothing behind."""
    try:
        with writing(), db.engine.connect() as connection, connection.begin() as transaction:
            connection.execute(text("UPDATE lease SET owner = owner WHERE name = 'none'"))
            transaction.rollback()
    except SQLAlchemyError:
        return False
    return True
