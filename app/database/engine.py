"""How connections are opened: the pragmas of SQLite, the time limits of PostgreSQL, who may write when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from sqlalchemy import Engine, Select, event
from sqlalchemy.engine import Connection, make_url

from app.database.base import db
from app.database.patience import BoundedConnection, Circuit, connect, ping
from app.database.saving import watch
from app.database.server_time import follow_server
from app.database.tally import count_queries

_read_only: ContextVar[bool] = ContextVar("read_only", default=False)

SERVER_LIMITS = "-c statement_timeout=30000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
TCP_LIMITS = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 10_000}
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")


def engine_options(url: str) -> dict[str, Any]:
    """Connection options for either database: 5 s to connect, 5 s for a lock, dead connections noticed.

    What was typed never stands in an error's text (`hide_parameters`), for such texts end in logs.
    """
    common: dict[str, Any] = {"hide_parameters": True}
    if make_url(url).get_backend_name() == "sqlite":
        common["connect_args"] = {"timeout": 5}
        in_memory = make_url(url).database in {None, "", ":memory:"}
        return common if in_memory else {**common, "pool_timeout": 5, "pool_size": 20, "max_overflow": 20}
    return {
        **common,
        "pool_pre_ping": True,
        "pool_timeout": 5,
        "pool_size": 10,
        "max_overflow": 20,
        "connect_args": {"connect_timeout": 5, "options": SERVER_LIMITS, **TCP_LIMITS},
    }


def prepare_engine(engine: Engine) -> None:
    """Every wait has an end (PostgreSQL), writers queue and never deadlock (SQLite), failed writes are noticed."""
    watch(engine)
    count_queries(engine)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _prepare_postgresql(engine)


def _prepare_postgresql(engine: Engine) -> None:
    circuit = Circuit()
    engine.dialect.do_ping = partial(ping, engine.dialect.do_ping)  # type: ignore[method-assign]

    @event.listens_for(engine, "do_connect")
    def on_connect(_dialect: object, _record: object, cargs: Any, cparams: Any) -> BoundedConnection:
        return connect(circuit, *cargs, **cparams)

    follow_server(engine)


def _prepare_sqlite(engine: Engine) -> None:
    """Pragmas at connect, and BEGIN IMMEDIATE for writers."""

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
