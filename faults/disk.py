"""A full disk: 12 MB for SQLite; for PostgreSQL a small disk under its tables, filled up likewise."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.places import NeedsRoot, small_disk
from faults.recovery import comes_back, look
from faults.registry import proof
from faults.report import Outcome, Row, judged
from faults.server import of_kind
from faults.traffic import Traffic, badly_told, readers, red_after
from faults.work import Act, offers
from faults.world import Ground, Witness, World, ground

MEGABYTES = {"sqlite": 12, "postgres": 40}
FULL_FOR = 8.0
READERS = 3
BLOCK = 65_536
REFUSED = (503, 507)


@proof("disk", "a 12 MB disk full: reads go on, no half rows, recovery without restart")
def disk(database: str, times: int) -> Iterator[Row]:
    """The disk fills up under people at work, and is freed again."""
    prepared = ground(database, max(times, 3))
    try:
        with small_disk(MEGABYTES[database]) as place:
            yield _row(prepared, place)
    except NeedsRoot as refusal:
        yield Row("disk", "full, then free", database, 0, Outcome.NOT_RUN, 0.0, str(refusal))


def _row(prepared: Ground, place: Path) -> Row:
    began, found, address = time.monotonic(), list[str](), prepared.copy(place)
    server, witness, world = of_kind(prepared.database, address), Witness(address), prepared.world
    try:
        server.start(world.officers["auditor"])
        traffic = Traffic(server.port, readers(world.officers, READERS), _acts(world))
        with _full(place):
            traffic.begin()
            red = red_after(server.port)
            time.sleep(FULL_FOR)
            traffic.end()
        if red is None:
            found.append("/readyz was not red within 10 s")
        found += _told(traffic)
        back = comes_back(server.port, world.officers["auditor"], found)
        found += look(traffic.written, server.port, world, witness)
    finally:
        server.end()
        witness.close()
        prepared.drop(address)
    refused = len([act for act in traffic.written if not act.acknowledged])
    seen = f"{len(traffic.read)} reads went on, {refused} of {len(traffic.written)} writes refused, "
    seen += f"red in {red or 0:.1f} s; {back}"
    return judged("disk", "full, then free", prepared.database, 1, time.monotonic() - began, found, seen)


def _acts(world: World) -> list[Act]:
    return [act for number in (0, 1) for crew in offers(world, number) for act in crew]


def _told(traffic: Traffic) -> list[str]:
    """Reads go on; writes are refused in words, or kept."""
    answers = [act.answer for act in traffic.written if act.answer]
    found = [f"reading: {problem}" for problem in badly_told(traffic.read, (200,))]
    found += [f"writing: {problem}" for problem in badly_told(answers, (200, 201, *REFUSED))]
    if not any(answer.status in REFUSED for answer in answers):
        found.append("no write was refused, so the disk was not full")
    if not traffic.read:
        found.append("nobody read anything")
    return found


@contextmanager
def _full(place: Path) -> Iterator[None]:
    """Fills the disk to its last byte; frees it afterwards."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (BLOCK, 4096, 512):
            _fill(file.fileno(), size)
    try:
        yield
    finally:
        filler.unlink()


def _fill(handle: int, size: int) -> None:
    try:
        while os.write(handle, bytes(size)) == size:
            pass
    except OSError:
        return
