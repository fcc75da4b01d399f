"""How migrations run: one transaction, one lock so that two starters do not both migrate, foreign keys off on SQLite.

SQLite rebuilds a table to change it; with foreign keys on that would fail or delete children. They are switched off
for the migration and checked afterwards.
"""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.database import patience

LOCK = 74_281_993

db = current_app.extensions["migrate"].db


def run() -> None:
    """Runs what is missing up to the wanted revision. Whoever comes second waits as long as the first one takes."""
    with patience(None), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            _run_on_sqlite(connection)
        else:
            with connection.begin():
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                _migrate(connection)


def _run_on_sqlite(connection: Connection) -> None:
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("PRAGMA foreign_keys=OFF")
    raw.execute("PRAGMA busy_timeout=600000")
    try:
        with connection.begin():
            _migrate(connection)
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"The migration leaves rows without their parent: {broken[:5]}")
    finally:
        raw.execute("PRAGMA busy_timeout=5000")
        raw.execute("PRAGMA foreign_keys=ON")


def _migrate(connection: Connection) -> None:
    options = current_app.extensions["migrate"].configure_args
    context.configure(connection=connection, target_metadata=db.metadata, **options)
    context.run_migrations()


run()
