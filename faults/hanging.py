"""A database that does not answer: the line to PostgreSQL frozen, cut, refused, slow; all its connections taken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from faults.proxy import Line, Proxy
from faults.recovery import comes_back, look
from faults.registry import proof
from faults.report import Row, judged
from faults.server import Server
from faults.traffic import Traffic, badly_told, readers, red_after
from faults.work import Act, answers
from faults.world import Ground, Witness, World, ground

BAD_FOR = 15.0
"""Seconds, so that a request that begins when the line has been bad for some time is seen as well."""
READERS = 6
MOST_HOGS = 200
WRONG = (503,)
SLOW = (200, 503)


@proof("hanging", "a hanging database: 503 within 10 s, no pile-up, recovery by itself", databases=("postgres",))
def hanging(database: str, times: int) -> Iterator[Row]:
    """Each kind of bad line, one after the other, under people at work."""
    prepared = ground(database, max(times, 3))
    assert prepared.cluster
    copy = prepared.copy()
    proxy = Proxy(prepared.cluster.port)
    server = Server(copy.replace(f":{prepared.cluster.port}/", f":{proxy.port}/"), workers=2)
    witness = Witness(copy)
    try:
        server.start(prepared.world.officers["auditor"])
        for number, line in enumerate((Line.FROZEN, Line.RESET, Line.REFUSED, Line.SLOW)):
            yield Hanging(prepared, server, witness, number).row(line.value, _bad(proxy, line), slow=line is Line.SLOW)
        yield Hanging(prepared, server, witness, 4).row("no connections left", _hogs(prepared), slow=True)
    finally:
        server.kill()
        witness.close()
        proxy.forget()


Bad = Callable[[], None]


@contextmanager
def _worse(start: Bad, stop: Bad) -> Iterator[None]:
    start()
    try:
        yield
    finally:
        stop()


def _bad(proxy: Proxy, line: Line) -> tuple[Bad, Bad]:
    return (lambda: proxy.turn(line)), (lambda: proxy.turn(Line.GOOD))


def _hogs(prepared: Ground) -> tuple[Bad, Bad]:
    """Takes every connection that PostgreSQL has, those for its administrators too, after ending those of others."""
    taken: list[psycopg.Connection[object]] = []
    cluster = prepared.cluster
    assert cluster

    def take() -> None:
        cluster.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'copy%'")
        with suppress(psycopg.OperationalError):
            while len(taken) < MOST_HOGS:
                taken.append(psycopg.connect(cluster.address("postgres"), connect_timeout=5))

    def give_back() -> None:
        for one in taken:
            one.close()

    return take, give_back


class Hanging:
    """One kind of trouble, from its beginning to the recovery."""

    def __init__(self, prepared: Ground, server: Server, witness: Witness, number: int) -> None:
        self._world: World = prepared.world
        self._server, self._witness = server, witness
        self._acts: list[Act] = [act for crew in answers(prepared.world, number) for act in crew][:8]
        self._found: list[str] = []

    def row(self, case: str, trouble: tuple[Bad, Bad], *, slow: bool) -> Row:
        """Lets people work through it and says what was found."""
        began, traffic = time.monotonic(), self._traffic()
        with _worse(*trouble):
            traffic.begin()
            red = None if slow else red_after(self._server.port)
            if not slow and red is None:
                self._found.append("/readyz was not red within 10 s")
            time.sleep(max(0.0, BAD_FOR - (time.monotonic() - began)))
            traffic.end()
        told = [*traffic.read, *(act.answer for act in traffic.written if act.answer)]
        self._found += badly_told(told, SLOW if slow else WRONG)
        back = comes_back(self._server.port, self._world.officers["auditor"], self._found)
        self._found += look(traffic.written, self._server.port, self._world, self._witness)
        slowest = max((answer.seconds for answer in told), default=0.0)
        seen = f"{len(told)} requests, each answered within {slowest:.1f} s; " + (
            "" if red is None else f"red in {red:.1f} s; "
        )
        return judged("hanging", case, "postgres", 1, time.monotonic() - began, self._found, f"{seen}{back}")

    def _traffic(self) -> Traffic:
        return Traffic(self._server.port, readers(self._world.officers, READERS), self._acts)
