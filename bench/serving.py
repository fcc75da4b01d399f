"""Two gunicorn workers, and eight clients that ask them one thing after another."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from bench.places import SECRET

WORKERS, CLIENTS = 2, 8
UP_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the status that it must be answered with."""

    method: str
    path: str
    body: str
    headers: Mapping[str, str]
    expected: int


@dataclass(frozen=True, slots=True)
class Served:
    """What a run gave: requests a second, and the time that 95 of 100 kept, in seconds."""

    per_second: float
    p95: float


@contextmanager
def serving(app: str, database_url: str) -> Iterator[int]:
    """A server of two sync workers on a port of its own; the port."""
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": SECRET}
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "-k", "sync", "-w", str(WORKERS)]
    command += ["-b", f"127.0.0.1:{port}", "--log-level", "error", app]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def ask_all(port: int, requests: Sequence[Asked]) -> Served:
    """Puts the requests, eight at a time. Raises RuntimeError at the first wrong answer."""
    queue: SimpleQueue[Asked] = SimpleQueue()
    for one in requests:
        queue.put(one)
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = [took for found in pool.map(lambda _: _ask_on(port, queue), range(CLIENTS)) for took in found]
    lasted = time.perf_counter() - started
    return Served(len(requests) / lasted, sorted(taken)[int(0.95 * len(taken))])


def _ask_on(port: int, queue: SimpleQueue[Asked]) -> list[float]:
    taken: list[float] = []
    with suppress(Empty):
        while True:
            one = queue.get_nowait()
            started = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request(one.method, one.path, body=one.body, headers=dict(one.headers))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            taken.append(time.perf_counter() - started)
            if answer.status != one.expected:
                raise RuntimeError(f"{one.path}: {answer.status} instead of {one.expected}: {content[:2000]!r}")
    return taken


def _wait_for(port: int) -> None:
    until = time.monotonic() + UP_WITHIN
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("The server did not come up.")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
