"""SQLite under pressure: another process holds the write lock for 20 s; and sixteen people write at the same moment."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from faults.recovery import comes_back, look
from faults.registry import proof
from faults.report import Row, judged
from faults.server import of_kind
from faults.traffic import Traffic, badly_told, readers, red_after
from faults.work import Act, Crew, answers, awards, offers
from faults.world import Witness, World, ground

LOCKED_FOR = 20.0
READERS = 4
WRITERS = 16
DONE_OR_LATER = (200, 201, 503)


@proof(
    "lock", "SQLite's write lock held by another for 20 s: writes 503 within 10 s, reads go on", databases=("sqlite",)
)
def lock(database: str, times: int) -> Iterator[Row]:
    """A lock, and a crowd."""
    prepared = ground(database, max(times, 3))
    address, world = prepared.copy(), prepared.world
    server, witness = of_kind(database, address), Witness(address)
    try:
        server.start(world.officers["auditor"])
        yield _held(server.port, world, witness, address.removeprefix("sqlite:///"))
        yield _crowd(server.port, world, witness)
    finally:
        server.end()
        witness.close()


def _held(port: int, world: World, witness: Witness, file: str) -> Row:
    began, found = time.monotonic(), list[str]()
    traffic = Traffic(port, readers(world.officers, READERS), _dealt(world, 0))
    with _holding(file):
        traffic.begin()
        red = red_after(port)
        time.sleep(max(0.0, LOCKED_FOR - (time.monotonic() - began)))
        traffic.end()
    if red is None:
        found.append("/readyz was not red within 10 s")
    refused = [act.answer for act in traffic.written if act.answer]
    found += badly_told(traffic.read, (200,)) + badly_told(refused, (503,))
    if not refused or not traffic.read:
        found.append("nobody wrote, or nobody read, while the lock was held")
    back = comes_back(port, world.officers["auditor"], found)
    found += look(traffic.written, port, world, witness)
    seen = f"{len(traffic.read)} reads went on, {len(refused)} writes were 503 within "
    seen += f"{max((answer.seconds for answer in refused), default=0.0):.1f} s; {back}"
    return judged("lock", "write lock held for 20 s", "sqlite", 1, time.monotonic() - began, found, seen)


def _crowd(port: int, world: World, witness: Witness) -> Row:
    """Nobody reads “database is locked”; who had to wait too long is told to try again, and then it is done."""
    began = time.monotonic()
    acts = [act for number in (1, 2) for act in _dealt(world, number)]
    crew = Crew(port, [acts[member::WRITERS] for member in range(WRITERS)])
    crew.begin()
    crew.end()
    told = [act.answer for act in crew.all_acts if act.answer]
    found = badly_told(told, DONE_OR_LATER) + look(crew.all_acts, port, world, witness)
    done = len([answer for answer in told if answer.good])
    slowest = max(answer.seconds for answer in told)
    seen = f"{done} of {len(told)} writes done, {len(told) - done} told to try again, each within {slowest:.1f} s"
    return judged("lock", f"{WRITERS} people writing at once", "sqlite", 1, time.monotonic() - began, found, seen)


def _dealt(world: World, number: int) -> list[Act]:
    """Offers, answers and awards in turn."""
    kinds = [[act for crew in kind(world, number) for act in crew] for kind in (offers, answers, awards)]
    return [act for three in zip(*kinds, strict=True) for act in three]


@contextmanager
def _holding(file: str) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
