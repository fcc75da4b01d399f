"""Migrations: of two who start at once one migrates and the other waits; one that is killed leaves what was there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from tests.conftest import fresh_database
from tests.waiting import LONGEST

ROOT = Path(__file__).resolve().parents[2]
KILLED = """
'''A later migration whose process is killed in its middle.'''

import os
import signal

import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", {head!r}


def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))
    op.add_column("organisation", sa.Column("half", sa.Integer))
    if os.environ.get("DIE"):
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def empty_url(database_url, tmp_path, request):
    """An empty database beside that of the tests."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    given = make_url(database_url).set(database="postgres").render_as_string(hide_password=False)
    return fresh_database(given, "homeward_starting")


def starts(url, *arguments, **more):
    """One starter: `flask db upgrade` in a process of its own."""
    environment = {**os.environ, "DATABASE_URL": url, "HOMEWARD_TESTING": "yes", "LOG_FORMAT": "plain", **more}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def finished(starter):
    """How it ended, when it has."""
    starter.communicate(timeout=LONGEST)
    return starter.returncode


def state_of(url):
    """The revisions that a database says it has, and its tables."""
    engine = create_engine(url)
    try:
        tables = set(inspect(engine).get_table_names())
        with engine.connect() as connection:
            known = "alembic_version" in tables
            rows = connection.execute(text("SELECT version_num FROM alembic_version")).all() if known else []
            return [row[0] for row in rows], tables
    finally:
        engine.dispose()


def test_of_two_starters_on_an_empty_database_one_migrates_and_the_other_waits(empty_url, request):
    rounds = 20 if request.config.getoption("--many") else 1
    for _ in range(rounds):
        starters = [starts(empty_url), starts(empty_url)]
        told = [starter.communicate(timeout=LONGEST)[1] for starter in starters]
        assert [starter.returncode for starter in starters] == [0, 0], told
        assert sum("Running upgrade  -> 0001" in text for text in told) == 1
        revisions, tables = state_of(empty_url)
        assert len(revisions) == 1
        assert {"organisation", "audit_entry", "offer"} <= tables
        empty(empty_url)


def empty(url):
    """Takes all tables away for the next round."""
    if url.startswith("sqlite"):
        for ending in ("", "-wal", "-shm"):
            Path(make_url(url).database + ending).unlink(missing_ok=True)
    else:
        fresh_database(
            make_url(url).set(database="postgres").render_as_string(hide_password=False), "homeward_starting"
        )


def test_a_migration_that_is_killed_half_way_leaves_the_old_schema_and_runs_later(empty_url, tmp_path):
    assert finished(starts(empty_url)) == 0
    (head,), before = state_of(empty_url)
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_killed.py").write_text(KILLED.format(head=head), "utf-8")
    assert finished(starts(empty_url, "--directory", str(folder), DIE="yes")) == -9
    assert state_of(empty_url) == ([head], before)
    assert finished(starts(empty_url, "--directory", str(folder))) == 0
    revisions, tables = state_of(empty_url)
    assert (revisions, "half" in tables) == (["9999"], True)
