"""The peer installed by pip into a cache folder, with databases of its own on the PostgreSQL that the tests use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url

from bench.places import postgres_server
from config import ROOT

PACKAGES = (
    "trytond[postgresql]==8.2.1",
    "trytond-purchase-request-quotation==8.2.0",
    "trytond-purchase-requisition==8.2.0",
    "proteus==8.2.0",
    "psycopg[binary]==3.3.9",
    "gunicorn==27.0.1",
)
PASSWORD = "a-long-Password-4-benchmarks"
TEMPLATE = "peer_template"
SETTINGS = """[database]
uri = {uri}
path = {folder}
[cache]
clean_timeout = 300
[session]
timeout = 86400
[password]
length = 1
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """The peer's Python, its settings and the server that its databases are on."""

    python: Path
    settings: Path
    url: str

    def environment(self, database: str = "") -> dict[str, str]:
        """What its processes are started with."""
        uri = make_url(self.url).set(drivername="postgresql").render_as_string(hide_password=False)
        placed = uri.replace("%", "%%").replace("/bench", "/%s", 1)
        own = {"TRYTOND_CONFIG": str(self.settings), "PEER_URI": placed, "TRYTOND_DATABASE_NAMES": database}
        return {**os.environ, **own}

    def run(self, command: str, database: str, *arguments: str) -> Any:
        """One command of `bench.tryton.peer`; what it tells."""
        called = [str(self.python), "-W", "ignore", "-m", "bench.tryton.peer", command, database, *arguments]
        done = subprocess.run(
            called, cwd=ROOT, env=self.environment(database), stdout=subprocess.PIPE, text=True, check=True
        )
        return json.loads(done.stdout.splitlines()[-1])

    def copy(self, database: str) -> None:
        """A fresh database, from the template that was set up once."""
        engine = create_engine(make_url(self.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            connection.exec_driver_sql(f'CREATE DATABASE "{database}" TEMPLATE "{TEMPLATE}"')
        engine.dispose()


@contextmanager
def installed_peer() -> Iterator[Peer]:
    """The peer, ready with its template database; its databases are gone afterwards, what pip has installed stays."""
    python = _install()
    folder = Path(tempfile.mkdtemp(prefix="homeward-peer-"))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own
    try:
        with postgres_server(folder / "data") as url:
            peer = Peer(python, folder / "trytond.conf", url)
            uri = make_url(url).set(drivername="postgresql", database="").render_as_string(hide_password=False)
            peer.settings.write_text(SETTINGS.format(uri=uri, folder=folder), encoding="utf-8")
            _set_up(peer, folder)
            yield peer
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "homeward-bench"
    environment = cache / "peer-8.2"
    python, whole = environment / "bin" / "python", environment / "installed"
    if not whole.exists() or whole.read_text(encoding="utf-8") != "\n".join(PACKAGES):
        print("Installing the peer with pip (about 60 MB to download) …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        whole.write_text("\n".join(PACKAGES), encoding="utf-8")
    return python


def _set_up(peer: Peer, folder: Path) -> None:
    """Creates the tables of all modules in the template database, and what every round begins with."""
    print("Setting up the peer's database …", flush=True)
    engine = create_engine(make_url(peer.url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{TEMPLATE}"')
    engine.dispose()
    secret = folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    environment = {**peer.environment(TEMPLATE), "TRYTONPASSFILE": str(secret)}
    admin = peer.python.with_name("trytond-admin")
    command = [str(admin), "-c", str(peer.settings), "-d", TEMPLATE, "--all", "--email", "admin@peer.example"]
    subprocess.run(command, env=environment, check=True)
    peer.run("set-up", TEMPLATE)
