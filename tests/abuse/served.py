"""The servers of use in processes of their own, on the tests' database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import build_opener

import psutil

from tests.people import KEY
from tests.waiting import LONGEST, wait_until

ROOT = Path(__file__).resolve().parents[2]
WAITRESS = (
    "import wsgi; from app.serving import serve; from config import Config; "
    "serve(wsgi.build(Config.from_environment()), host='127.0.0.1', port={port})"
)


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """Where pages begin."""
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> int:
        """The bytes that the server and its workers hold."""
        parent = psutil.Process(self.process.pid)
        return sum(one.memory_info().rss for one in (parent, *parent.children(recursive=True)))


@contextmanager
def served(kind: str, database_url: str, log: Path, **settings: str) -> Iterator[Served]:
    """A server of this kind (waitress or gunicorn) for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {"DATABASE_URL": database_url, "SECRET_KEY": KEY, "HOMEWARD_TESTING": "yes"}
    environment = {**os.environ, **own, "BIND": f"127.0.0.1:{port}", **settings}
    command = ["-m", "gunicorn", "wsgi:app"] if kind == "gunicorn" else ["-c", WAITRESS.format(port=port)]
    with log.open("wb") as kept:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stderr=kept, stdout=kept)
    try:
        wait_until(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/healthz"))
        assert process.poll() is None, log.read_text()
        yield Served(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LONGEST)


def answers(url: str) -> bool:
    """Whether anybody is there."""
    try:
        with build_opener().open(url, timeout=LONGEST) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
