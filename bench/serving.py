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
from pathlib import Path
from queue import Empty, SimpleQueue

from bench.places import SECRET
from config import ROOT

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
    not_expected: bytes | None = None
    """What the answer may not hold, where its status does not tell a refusal."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a run gave: requests a second, and the time that 95 of 100 kept, in seconds."""

    per_second: float
    p95: float


@contextmanager
def serving(app: str, database_url: str) -> Iterator[int]:
    """A server of two sync workers on a port of its own; the port."""
    environment = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": SECRET}
    with served_by(sys.executable, app, environment) as port:
        yield port


@contextmanager
def served_by(python: str, app: str, environment: Mapping[str, str], folder: Path = ROOT) -> Iterator[int]:
    """The same for an application of another environment; in a folder of its own gunicorn finds no settings of ours."""
    port = free_port()
    command = [python, "-W", "ignore", "-m", "gunicorn", "-k", "sync", "-w", str(WORKERS)]
    command += ["-b", f"127.0.0.1:{port}", "--log-level", "error", app]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def ask_all(port: int, requests: Sequence[Asked]) -> Served:
    """Puts the requests, eight at a time. Raises RuntimeError at the first wrong answer."""
    return ask_each(port, [(request,) for request in requests])


def ask_each(port: int, acts: Sequence[Sequence[Asked]]) -> Served:
    """The same where an act takes several requests one after the other; an act's time is that of all of them."""
    queue: SimpleQueue[Sequence[Asked]] = SimpleQueue()
    for act in acts:
        queue.put(act)
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = [took for found in pool.map(lambda _: _ask_on(port, queue), range(CLIENTS)) for took in found]
    lasted = time.perf_counter() - started
    return Served(len(acts) / lasted, sorted(taken)[int(0.95 * len(taken))])


def ask(port: int, request: Asked) -> bytes:
    """Puts one request on a connection of its own; its content. Raises RuntimeError at a wrong answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(request.method, request.path, body=request.body, headers=dict(request.headers))
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    refused = request.not_expected is not None and request.not_expected in content
    if answer.status != request.expected or refused:
        raise RuntimeError(f"{request.path}: {answer.status} instead of {request.expected}: {content[:2000]!r}")
    return content


def _ask_on(port: int, queue: SimpleQueue[Sequence[Asked]]) -> list[float]:
    taken: list[float] = []
    with suppress(Empty):
        while True:
            act = queue.get_nowait()
            started = time.perf_counter()
            for request in act:
                ask(port, request)
            taken.append(time.perf_counter() - started)
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
