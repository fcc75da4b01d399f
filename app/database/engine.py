"""How connections are opened: the pragmas of SQLite, the time limits of PostgreSQL, who may write when."""

from __future__ import annotations

import logging
import os
import time
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import Engine, Select, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.database.base import db
from app.database.patience import BoundedConnection, Circuit, connect, end, holding, ping
from app.database.saving import watch

_read_only: ContextVar[bool] = ContextVar("read_only", default=False)

SERVER_LIMITS = "-c statement_timeout=30000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
TCP_LIMITS = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 10_000}
PRIVATE = 0o600
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
    engine.dialect.do_rollback = partial(end, engine.dialect.do_rollback)  # type: ignore[method-assign]

    @event.listens_for(engine, "do_connect")
    def on_connect(_dialect: object, _record: object, cargs: Any, cparams: Any) -> BoundedConnection:
        return connect(circuit, *cargs, **cparams)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        # None leaves it to the server, which may allow no writing at all; False would ask for it all the same.
        wanted = True if _read_only.get() else None
        if raw.read_only is not wanted:
            raw.read_only = wanted

    follow_server(engine)


def _prepare_sqlite(engine: Engine) -> None:
    """Pragmas at connect, BEGIN IMMEDIATE for writers, and a file that only its owner reads."""
    database = engine.url.database or ":memory:"

    @event.listens_for(engine, "do_connect")
    def on_open(_dialect: object, _record: object, _cargs: object, _cparams: object) -> None:
        if database != ":memory:":
            _keep_private(database)

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if _read_only.get() else "BEGIN IMMEDIATE")


def _keep_private(path: str) -> None:
    """Makes the file if it is missing, and lets nobody but its owner read it; SQLite's other files take after it.

    A file of another owner stays as it is: who runs it under another user has given the rights by hand.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE))
        if os.stat(path).st_mode & ~PRIVATE & 0o777:
            os.chmod(path, PRIVATE)


def reading_only() -> AbstractContextManager[None]:
    """Inside, transactions only read: a GET takes no write lock."""
    return holding(_read_only, True)


def writing() -> AbstractContextManager[None]:
    """Inside, transactions may write: the one short write a GET may do, and everything else by default."""
    return holding(_read_only, False)


def locked(query: Select[Any], *, skip: bool = False) -> Select[Any]:
    """The rows of the first thing asked for, locked until commit. On SQLite the writer's transaction is already alone.

    Rows that are only joined are not locked: PostgreSQL refuses that for outer joins.
    """
    if db.engine.dialect.name == "sqlite":
        return query.execution_options(populate_existing=True)
    meant = query.column_descriptions[0]["entity"]
    return query.with_for_update(skip_locked=skip, of=meant).execution_options(populate_existing=True)


@dataclass(slots=True)
class Tally:
    """Queries asked, and seconds until their first answers."""

    queries: int = 0
    seconds: float = 0.0
    asked_at: float = 0.0


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


def begin_tally() -> Tally:
    """Counts anew from here."""
    tally = Tally()
    _tally.set(tally)
    return tally


def count_queries(engine: Engine) -> None:
    """Makes every statement of this engine count; the BEGIN of SQLite is not one."""

    @event.listens_for(engine, "before_cursor_execute")
    def on_question(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        tally = _tally.get()
        if tally is not None and not statement.startswith("BEGIN"):
            tally.queries += 1
            tally.asked_at = perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def on_answer(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        tally = _tally.get()
        if tally is not None and not statement.startswith("BEGIN"):
            tally.seconds += perf_counter() - tally.asked_at


ASK_EVERY_SECONDS = 30

log = logging.getLogger(__name__)


class ServerTime:
    """When the server was last asked for its time."""

    def __init__(self) -> None:
        self._asked = float("-inf")

    def on_checkout(self, connection: Any, _record: object, _proxy: object) -> None:
        """Asks again when the last answer is old. An answer that does not come leaves the clock as it was."""
        if time.monotonic() - self._asked < ASK_EVERY_SECONDS:
            return
        self._asked = time.monotonic()
        try:
            # Straight to the driver: this belongs to no transaction and no count of a page's queries.
            with connection.cursor() as cursor:
                (instant,) = cursor.execute("SELECT clock_timestamp()").fetchone()
            connection.rollback()
        except psycopg.Error:
            return
        moved = clock.follow(instant)
        if abs(moved.total_seconds()) > 1:
            log.warning("this machine's clock is off; the database's is used, %.1f s away", moved.total_seconds())


def follow_server(engine: Engine) -> None:
    """Lets the clock follow the server of this engine, at once and from then on."""
    event.listen(engine, "checkout", ServerTime().on_checkout)
    try:
        engine.connect().close()
    except SQLAlchemyError:
        log.warning("the database could not be asked for the time; the machine's clock is used until it can")
    engine.dispose()
