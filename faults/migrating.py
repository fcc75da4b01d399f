"""Migrations: two starters on an empty database at once; and a starter killed in the middle, after which the next one does it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from sqlalchemy import create_engine, inspect

from config import ROOT
from faults.places import at_the_end, folder, kill_group
from faults.registry import proof
from faults.report import Row, judged
from faults.server import environment
from faults.world import ground, psycopg_address

SEED = 20261122
PATIENCE = 120.0
TABLES_AT_LEAST = 40
UPGRADE = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]


@proof("migrate", "migrations with two starters at once, and killed in the middle", times=10)
def migrate(database: str, times: int) -> Iterator[Row]:
    """Two at once, then kills at moments spread over the time that a migration takes."""
    with folder() as place:
        empty = _empties(database, place)
        began, found, usual = time.monotonic(), list[str](), 0.0
        for number in range(max(1, times // 5)):
            address = next(empty)
            usual = max(usual, _together(address, found, number))
        yield judged(
            "migrate",
            "two starters at once",
            database,
            max(1, times // 5),
            time.monotonic() - began,
            found,
            "both ended well, one schema",
        )
        yield _kills(database, empty, times, usual)


def _empties(database: str, place: Path) -> Iterator[str]:
    """Addresses of empty databases, as many as are wanted."""
    for number in range(10_000):
        if database == "sqlite":
            yield f"sqlite:///{place / f'empty{number}.sqlite'}"
            continue
        cluster = ground(database, 3).cluster
        assert cluster
        cluster.ask(f'DROP DATABASE IF EXISTS "empty{number}" WITH (FORCE)')
        cluster.ask(f'CREATE DATABASE "empty{number}"')
        yield psycopg_address(cluster.address(f"empty{number}"))


def _together(address: str, found: list[str], number: int) -> float:
    """Two starters at the same moment; the seconds until both are done."""
    began = time.monotonic()
    both = [_start(address) for _ in range(2)]
    for process in both:
        try:
            _, words = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            kill_group(process)
            found.append(f"try {number}: a starter was not done within {PATIENCE:.0f} s")
            continue
        if process.returncode:
            found.append(f"try {number}: a starter failed: {words.decode()[-200:]}")
    found += _wrong(address, f"try {number}")
    return time.monotonic() - began


def _kills(database: str, empty: Iterator[str], times: int, usual: float) -> Row:
    began, found, halves, chance = time.monotonic(), list[str](), 0, Random(f"{SEED} {database}")
    for number in range(times):
        address = next(empty)
        process = _start(address)
        time.sleep(usual * (0.5 + 0.5 * (number + chance.random()) / times))
        halves += process.poll() is None
        kill_group(process)
        left = _tables(address)
        if 0 < left < TABLES_AT_LEAST:
            found.append(f"kill {number}: {left} tables were left half way")
        _finish(address, found, number)
    seen = f"{halves} killed in time; each left nothing or the whole schema, and the next start did the rest"
    return judged("migrate", "killed in the middle", database, times, time.monotonic() - began, found, seen)


def _finish(address: str, found: list[str], number: int) -> None:
    done = subprocess.run(
        UPGRADE, cwd=ROOT, env=environment(address), capture_output=True, timeout=PATIENCE, check=False
    )
    if done.returncode:
        found.append(f"kill {number}: the next start failed: {done.stderr.decode()[-200:]}")
    found += _wrong(address, f"kill {number}")


def _start(address: str) -> subprocess.Popen[bytes]:
    quiet, own = subprocess.DEVNULL, environment(address)
    process = subprocess.Popen(UPGRADE, cwd=ROOT, env=own, start_new_session=True, stdout=quiet, stderr=subprocess.PIPE)
    at_the_end(lambda: kill_group(process))
    return process


def _wrong(address: str, when: str) -> list[str]:
    found = _tables(address)
    return [] if found >= TABLES_AT_LEAST else [f"{when}: only {found} tables are there"]


def _tables(address: str) -> int:
    """How many tables there are, the note of the revision apart."""
    engine = create_engine(address)
    try:
        return len([name for name in inspect(engine).get_table_names() if name != "alembic_version"])
    finally:
        engine.dispose()
