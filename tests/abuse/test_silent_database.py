"""A database that hangs: an answer in words, for everybody after that without waiting for it, and recovery.

That the answer comes within ten seconds, and recovery too, `make faults` says (`hanging` and `lock`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from importlib import import_module

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import wsgi
from app.database import db, in_bulk, patience, patience_in_all, reading_only
from config import Config
from tests.abuse.trouble import Wire, somebody_writes_for_ever
from tests.waiting import LONGEST, wait_until

SLOW = "SELECT pg_sleep(30)"
LIMITS = import_module("app.database.patience")


class Hanging:
    """The application on a database that can be made to hang, as databases of its kind do."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._url = url
        self.wire = None if self.is_sqlite else Wire(url)
        own = self.wire.url if self.wire else url
        self.house = wsgi.build(Config(database_url=own, secret_key="for tests only", testing=True))
        self._ends = threading.Event()

    def freeze(self) -> None:
        """It accepts, and then says nothing."""
        if self.wire:
            self.wire.freeze()
            return
        self._writer = somebody_writes_for_ever(self._url)
        self._writer.__enter__()

    def thaw(self) -> None:
        """It answers again."""
        if self.wire:
            self.wire.thaw()
        else:
            self._writer.__exit__(None, None, None)

    def end(self) -> None:
        """Lets go of everything."""
        with self.house.app_context():
            db.engine.dispose()
        if self.wire:
            self.wire.end()


@pytest.fixture
def hanging(house, database_url) -> Iterator[Hanging]:
    made = Hanging(database_url)
    yield made
    made.end()


@pytest.fixture
def unhurried(monkeypatch):
    """A healthy server on a busy machine may take its time to confirm that it has cancelled a statement."""
    monkeypatch.setattr(LIMITS, "CANCEL_SECONDS", LONGEST)


@pytest.fixture
def waits(monkeypatch):
    """The seconds for which the server is waited for, one figure for each try to connect and each statement."""
    seen = []
    connect, wait = LIMITS.BoundedConnection.connect, psycopg.Connection.wait

    def note_connect(*args, **settings):
        seen.append(float(settings.get("connect_timeout", 0)))
        return connect(*args, **settings)

    def note_wait(self, gen, interval=0.1, timeout=None):
        seen.append(timeout)
        return wait(self, gen, interval, timeout)

    monkeypatch.setattr(LIMITS.BoundedConnection, "connect", note_connect)
    monkeypatch.setattr(psycopg.Connection, "wait", note_wait)
    return seen


def test_a_database_that_hangs_is_503_then_asked_no_more_for_a_while_and_then_well_again(hanging, waits, monkeypatch):
    monkeypatch.setattr(LIMITS, "CLOSED_FOR", 3600.0)
    client = hanging.house.test_client()
    assert client.get("/readyz").get_json()["database"] is True
    headers = {"Authorization": "Bearer x", "Idempotency-Key": "1"}
    assert client.post("/api/v1/packages", headers=headers).status_code < 500
    hanging.freeze()
    try:
        answer = client.post("/api/v1/packages", headers=headers)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert client.get("/sign-in", headers={"Cookie": "homeward=x"}).status_code in {200, 503}
        for _ in range(2):
            waits.clear()
            ready = client.get("/readyz")
            assert (ready.status_code, ready.get_json()["database"]) == (503, False)
        assert waits == [], "the second asks nobody"
        assert client.get("/healthz").status_code == 200
    finally:
        hanging.thaw()
    monkeypatch.setattr(LIMITS, "monotonic", lambda: time.monotonic() + 3600.0)
    wait_until(lambda: client.get("/readyz").get_json()["database"], "It does not come back.")


def test_a_statement_that_goes_silent_half_way_ends_and_its_connection_is_thrown_away(hanging, waits, monkeypatch):
    monkeypatch.setattr(LIMITS, "CLOSED_FOR", 3600.0)
    with hanging.house.app_context():
        if hanging.is_sqlite:
            hanging.freeze()
            with reading_only():  # the one writer of SQLite holds up no reader
                assert db.session.scalar(text("SELECT count(*) FROM user_account")) == 0
            db.session.remove()
            hanging.thaw()
            return
        connection = db.engine.connect()
        connection.execute(text("SELECT 1"))
        hanging.freeze()
        waits.clear()
        with pytest.raises(OperationalError) as caught, patience(0.3):
            connection.execute(text("SELECT 2"))
        assert caught.value.connection_invalidated
        assert waits
        assert max(waits) <= 0.3
        with pytest.raises(OperationalError, match="a moment ago"):
            db.engine.connect()
        hanging.thaw()
        connection.close()


def test_a_healthy_database_that_is_only_slow_keeps_its_connection(house, unhurried):
    with house.app_context():
        if db.engine.dialect.name == "sqlite":
            assert db.session.scalar(text("PRAGMA busy_timeout")) == 5000
            return
        with db.engine.connect() as connection:
            mine = connection.execute(text("SELECT pg_backend_pid()")).scalar()
            connection.rollback()
            with pytest.raises(OperationalError) as late, patience(0.3):
                connection.execute(text(SLOW))
            assert late.value.orig.sqlstate == "57014"
            connection.rollback()
            assert connection.execute(text("SELECT pg_backend_pid()")).scalar() == mine


@pytest.mark.postgres_only
def test_many_slow_statements_keep_a_request_no_longer_than_one_would(house, unhurried):
    slow, answered = text("SELECT pg_sleep(0.3)"), []
    with house.app_context(), patience_in_all(1.0), pytest.raises(OperationalError):
        answered.extend(db.session.execute(slow) for _ in range(40))
    assert len(answered) <= 5, "each takes 0.3 s of the second, or of the last moment after it"
    with house.app_context():
        db.session.remove()
        assert db.session.scalar(text("SELECT 1")) == 1


@pytest.mark.postgres_only
def test_what_follows_bulk_work_in_a_request_is_given_the_time_that_its_commit_may_take(house, unhurried):
    slow = text("SELECT 7 FROM pg_sleep(1.6)")
    with house.app_context(), patience_in_all(1.0):
        with in_bulk():
            db.session.execute(slow)
        assert db.session.scalar(slow) == 7
        db.session.rollback()
    with house.app_context(), patience_in_all(1.0), pytest.raises(OperationalError):
        db.session.execute(text(SLOW))


def test_bulk_work_waits_for_a_server_that_is_only_slow_and_for_no_other(hanging, monkeypatch):
    if hanging.is_sqlite:
        with hanging.house.app_context(), in_bulk():
            assert db.session.scalar(text("SELECT 1")) == 1
        return
    with hanging.house.app_context():
        connection = db.engine.connect()
        with monkeypatch.context() as busy, patience(LONGEST, look_every=0.2):
            busy.setattr(LIMITS, "LOOK_WAITS", int(LONGEST))
            assert connection.scalar(text("SELECT 7 FROM pg_sleep(1)")) == 7
        hanging.freeze()
        with pytest.raises(OperationalError, match="fallen silent") as caught, patience(3600, look_every=0.2):
            connection.execute(text("SELECT 7"))
        assert caught.value.connection_invalidated
        hanging.thaw()
        connection.close()


def test_what_a_bulk_request_waits_for_a_silent_server_is_less_than_ten_seconds():
    assert LIMITS.LOOK_SECONDS + LIMITS.LOOK_WAITS < 9
    assert LIMITS.LOOK_SECONDS < LIMITS.WEB_SECONDS
