"""Real trouble for a database: a wire that goes silent, a writer that never ends, a store that may only be read."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool


class Wire:
    """Stands between Homeward and PostgreSQL. Frozen, it takes everything and hands on nothing: nobody says goodbye."""

    def __init__(self, url: str) -> None:
        self._server = make_url(url)
        self._flows = threading.Event()
        self._flows.set()
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self._over = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where Homeward is told that the database is."""
        through = self._server.set(host="127.0.0.1", port=self._door.getsockname()[1], query={})
        return through.render_as_string(hide_password=False)

    def freeze(self) -> None:
        """From now on nothing arrives, in either direction, and new connections are accepted and not answered."""
        self._flows.clear()

    def thaw(self) -> None:
        """All flows again."""
        self._flows.set()

    def end(self) -> None:
        """Closes everything."""
        self._over = True
        self._flows.set()
        for end in (self._door, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while not self._over:
            try:
                near, _ = self._door.accept()
                self._ends.append(near)
                threading.Thread(target=self._join, args=(near,), daemon=True).start()
            except OSError:
                return

    def _join(self, near: socket.socket) -> None:
        self._flows.wait()
        far = connected(self._server)
        self._ends.append(far)
        if self._over:  # and whoever ended it may have looked through the list already
            far.close()
            return
        for source, target in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def connected(server: URL) -> socket.socket:
    """A bare connection to the PostgreSQL server of an address."""
    place = str(server.query.get("host") or server.host or "127.0.0.1")
    if not place.startswith("/"):
        return socket.create_connection((place, server.port or 5432))
    end = socket.socket(socket.AF_UNIX)
    end.connect(f"{place}/.s.PGSQL.{server.query.get('port') or server.port or 5432}")
    return end


@contextmanager
def somebody_writes_for_ever(url: str) -> Iterator[None]:
    """Another process's transaction that has written and does not end: SQLite's one writer."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode")
        raw = connection.connection.dbapi_connection
        raw.isolation_level = None
        raw.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            raw.execute("ROLLBACK")


ONLY_READING = {
    "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
}


@contextmanager
def only_reading_possible(engine: Engine) -> Iterator[None]:
    """The database refuses every write, as it does on a disk that has become read-only."""
    begin, end = ONLY_READING[engine.dialect.name]

    def says(order):
        def on_checkout(connection, _record, _proxy):
            connection.execute(order)
            connection.commit()

        return on_checkout

    refuse, allow = says(begin), says(end)
    event.listen(engine, "checkout", refuse)
    try:
        yield
    finally:
        event.remove(engine, "checkout", refuse)
        event.listen(engine, "checkout", allow)
        with engine.connect():
            pass
        event.remove(engine, "checkout", allow)
        engine.dispose()
