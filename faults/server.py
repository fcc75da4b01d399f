"""Homeward as it runs in use, in processes of its own: one waitress with its timetable, or gunicorn with two workers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config import ROOT
from faults.places import at_the_end, free_port, kill_group
from faults.talk import Caller

SECRET = "a key of the proofs, the same between starts"
BACK_WITHIN = 10.0
"""Seconds from the start of the program to its first good answer."""
GIVE_UP = 120.0
_compiled = Path(tempfile.gettempdir()) / "homeward-faults-compiled"


class Server:
    """The application on one database, started, killed and started again at will."""

    def __init__(self, database_url: str, *, workers: int = 0, timetable: bool = False, **settings: str) -> None:
        self.port = free_port()
        self._workers, self._timetable = workers, timetable
        self._environment = environment(database_url, **settings)
        self._processes: list[subprocess.Popen[bytes]] = []
        handle, name = tempfile.mkstemp(prefix="homeward-faults-", suffix=".log")
        os.close(handle)
        self.log = Path(name)
        self.forget = at_the_end(self.end)

    def start(self, good: Caller) -> float:
        """Starts, and waits for the first good answer to this caller; the seconds that took."""
        began = time.monotonic()
        self._processes = [self._run(command) for command in self._commands()]
        while time.monotonic() - began < GIVE_UP:
            if good.with_port(self.port).get("/api/v1/packages", limit=10).status == 200:
                return time.monotonic() - began
            if any(process.poll() is not None for process in self._processes):
                raise RuntimeError(f"The server ended by itself: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)
        raise RuntimeError(f"No good answer within {GIVE_UP:.0f} s: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """kill -9 of every process of it."""
        for process in self._processes:
            kill_group(process)
        self._processes = []

    def end(self) -> None:
        """Ends it for good."""
        self.kill()
        self.log.unlink(missing_ok=True)

    def _commands(self) -> list[list[str]]:
        if not self._workers:
            return [[sys.executable, "-m", "faults.serve", str(self.port)]]
        own = ["--preload", "--workers", str(self._workers), "--bind", f"127.0.0.1:{self.port}"]
        web = [sys.executable, "-m", "gunicorn", *own, "wsgi:app"]
        timetable = [sys.executable, "-m", "flask", "--app", "wsgi", "run-scheduler"]
        return [web, timetable] if self._timetable else [web]

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """What a process of Homeward is started with: nothing of ours but the way to programs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    own = {"DATABASE_URL": database_url, "SECRET_KEY": SECRET, "HOMEWARD_TESTING": "yes"}
    return kept | own | {"PYTHONPYCACHEPREFIX": str(_compiled), "PYTHONUNBUFFERED": "1"} | settings


def of_kind(database: str, database_url: str, *, timetable: bool = False) -> Server:
    """How each database is served in use: SQLite by one process, PostgreSQL by two workers."""
    return Server(database_url, workers=0 if database == "sqlite" else 2, timetable=timetable)
