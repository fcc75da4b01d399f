"""What only reads: on PostgreSQL too it cannot write, and what pages ask again and again is planned once."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from app.database import db, reading_only, writing

ASKED = "SELECT count(*) FROM organisation"
RENAME = text("UPDATE organisation SET name = name")
PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement = :asked")


@pytest.mark.postgres_only
def test_what_only_reads_cannot_write_and_its_connection_writes_again_afterwards(session):
    with db.engine.connect() as connection:
        with reading_only(), pytest.raises(InternalError, match="read-only transaction"):
            connection.execute(RENAME)
        connection.rollback()
        connection.execute(RENAME)
        connection.rollback()
        with reading_only():
            connection.execute(text(ASKED))
            connection.rollback()
            with writing():
                connection.execute(RENAME)
        connection.rollback()


@pytest.mark.postgres_only
def test_what_pages_ask_again_and_again_is_planned_once(session):
    with reading_only(), db.engine.connect() as connection:
        for _ in range(7):
            connection.execute(text(ASKED))
            connection.rollback()
        assert connection.execute(PREPARED, {"asked": ASKED}).scalar_one() == 1
