"""A database that hangs: an answer in words within ten seconds, at once for everybody after that, and recovery."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

import wsgi
from app.database import db, in_bulk, patience, patience_in_all, reading_only
from app.database.patience import LOOK_SECONDS, LOOK_WAITS, WEB_SECONDS
from config import Config
from tests.abuse.trouble import Wire, somebody_writes_for_ever

SLOW = "SELECT pg_sleep(30)"


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


def timed(ask):
    """The answer, and how many seconds it took."""
    began = time.monotonic()
    return ask(), time.monotonic() - began


def test_a_database_that_hangs_is_503_within_ten_seconds_then_at_once_and_then_well_again(hanging):
    client = hanging.house.test_client()
    assert client.get("/readyz").get_json()["database"] is True
    headers = {"Authorization": "Bearer x", "Idempotency-Key": "1"}
    assert client.post("/api/v1/packages", headers=headers).status_code < 500
    hanging.freeze()
    try:
        answer, seconds = timed(lambda: client.post("/api/v1/packages", headers=headers))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert seconds < 10
        page, seconds = timed(lambda: client.get("/sign-in", headers={"Cookie": "homeward=x"}))
        assert seconds < 10
        assert page.status_code in {200, 503}
        ready, seconds = timed(lambda: client.get("/readyz"))
        assert (ready.status_code, ready.get_json()["database"]) == (503, False)
        assert seconds < 10
        if not hanging.is_sqlite:
            _, seconds = timed(lambda: client.get("/readyz"))
            assert seconds < 1
        alive, seconds = timed(lambda: client.get("/healthz"))
        assert (alive.status_code, seconds < 1) == (200, True)
    finally:
        hanging.thaw()
    until = time.monotonic() + 10
    while not client.get("/readyz").get_json()["database"]:
        assert time.monotonic() < until, "not back within ten seconds"
        time.sleep(0.2)


def test_a_statement_that_goes_silent_half_way_ends_and_its_connection_is_thrown_away(hanging):
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
        began = time.monotonic()
        with pytest.raises(OperationalError) as caught, patience(0.3):
            connection.execute(text("SELECT 2"))
        assert caught.value.connection_invalidated
        assert time.monotonic() - began < 3
        with pytest.raises(OperationalError, match="a moment ago"):
            db.engine.connect()
        hanging.thaw()
        connection.close()


def test_a_healthy_database_that_is_only_slow_keeps_its_connection(house):
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
def test_many_slow_statements_keep_a_request_no_longer_than_one_would(house):
    slow = text("SELECT pg_sleep(0.3)")
    began = time.monotonic()
    with house.app_context(), patience_in_all(1.0), pytest.raises(OperationalError):
        [db.session.execute(slow) for _ in range(40)]
    assert 1 < time.monotonic() - began < 5
    with house.app_context():
        db.session.remove()
        assert db.session.scalar(text("SELECT 1")) == 1


@pytest.mark.postgres_only
def test_what_follows_bulk_work_in_a_request_is_given_the_time_that_its_commit_may_take(house):
    slow = text("SELECT 7 FROM pg_sleep(1.6)")
    with house.app_context(), patience_in_all(1.0):
        with in_bulk():
            db.session.execute(slow)
        assert db.session.scalar(slow) == 7
        db.session.rollback()
    with house.app_context(), patience_in_all(1.0), pytest.raises(OperationalError):
        db.session.execute(slow)


def test_bulk_work_waits_for_a_server_that_is_only_slow_and_for_no_other(hanging):
    if hanging.is_sqlite:
        with hanging.house.app_context(), in_bulk():
            assert db.session.scalar(text("SELECT 1")) == 1
        return
    with hanging.house.app_context():
        connection = db.engine.connect()
        with patience(5, look_every=0.2):
            assert connection.scalar(text("SELECT 7 FROM pg_sleep(1)")) == 7
        hanging.freeze()
        began = time.monotonic()
        with pytest.raises(OperationalError, match="fallen silent") as caught, patience(30, look_every=0.2):
            connection.execute(text("SELECT 7"))
        assert caught.value.connection_invalidated
        assert time.monotonic() - began < 5
        hanging.thaw()
        connection.close()


def test_what_a_bulk_request_waits_for_a_silent_server_is_less_than_ten_seconds():
    assert LOOK_SECONDS + LOOK_WAITS < 9
    assert LOOK_SECONDS < WEB_SECONDS
