"""`make demo`: sets the demo up if there is none yet, and serves it with its timetable ticking.

`python -m demo.serve [--reset]`; HOST and PORT come from the environment.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import click

import wsgi
from app.database import db
from app.house import House
from app.http.edge import is_loopback
from app.logs import prepare_logs
from app.serving import serve
from config import ROOT, Config
from demo.seeding import seed

FOLDER = ROOT / "instance"
DATABASE = FOLDER / "demo.sqlite"
OLD = FOLDER / "demo.old.sqlite"
MADE_FOR = FOLDER / "demo.tables"
SQLITE_FILES = ("", "-wal", "-shm")


def main() -> None:
    """Sets up and serves until stopped."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    public = os.environ.get("DEMO_PUBLIC", "no") == "yes"
    if not is_loopback(host) and not public:
        raise SystemExit(
            f"The demo shows invented data to this machine only. To serve it on {host}, set DEMO_PUBLIC=yes."
        )
    refuse_a_taken_port(host, port)
    if "--reset" in sys.argv[1:]:
        forget()
    put_aside_what_is_old()
    if not DATABASE.exists():
        set_up()
    prepare_logs("plain", "WARNING")
    house = demo_house(DATABASE, base_url=f"http://{host}:{port}", public=public)
    wsgi.run_timetable(house)
    click.echo(f"Homeward's demo is at http://{host}:{port} (stop it with Ctrl-C).")
    with suppress(KeyboardInterrupt):
        serve(house, host=host, port=port)


def refuse_a_taken_port(host: str, port: int) -> None:
    """Whoever holds the port may be serving the demo whose files would be moved: nothing is touched then."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was left a moment ago is free
        try:
            probe.bind((host, port))
        except OSError as error:
            said = f"Nothing can be served at {host}:{port} ({error.strerror}). If a demo runs there already, stop it"
            raise SystemExit(f"{said}; or choose another port with PORT=8001.") from error


def demo_house(database: Path, *, base_url: str = "http://127.0.0.1:8000", public: bool = False) -> House:
    """The application in demo mode on this database."""
    config = Config(
        database_url=f"sqlite:///{database}",
        secret_key=_secret(),
        base_url=base_url,
        authority_name="Lancashire County Council",
        help_contact="help@lancashire.example or 01632 960000",
        demo=True,
        demo_public=public,
        trusted_hosts="*" if public else "",  # shown to others, it is found under names that nobody set
    )
    return wsgi.build(config)


def set_up() -> None:
    """Makes the demo beside its place and moves it there when it is whole, so a half-made one is never served."""
    FOLDER.mkdir(exist_ok=True)
    unfinished = FOLDER / "demo.unfinished.sqlite"
    _delete(unfinished)
    click.echo("Setting up the demo: Lancashire with some weeks of simulated work. This takes a minute or two, once.")
    house = demo_house(unfinished)
    with house.app_context():
        seed(say=click.echo)
        db.session.remove()
        db.engine.dispose()  # only a database that nobody has open is whole in its one file
    unfinished.rename(DATABASE)
    MADE_FOR.write_text(tables_digest(), encoding="ascii")


def put_aside_what_is_old() -> None:
    """A demo made for other tables than this version's would fail on every page: it makes room for a new one."""
    if not DATABASE.exists() or (MADE_FOR.exists() and MADE_FOR.read_text(encoding="ascii") == tables_digest()):
        return
    _delete(OLD)
    for ending in SQLITE_FILES:
        beside = DATABASE.with_name(DATABASE.name + ending)
        if beside.exists():
            beside.rename(OLD.with_name(OLD.name + ending))
    click.echo(f"The demo here was made by another version of Homeward. It is kept as {OLD.name}; a new one is made.")


def tables_digest() -> str:
    """What tells the tables of one version from those of another: a digest of all migrations, in hex."""
    found = sha256()
    for migration in sorted((ROOT / "migrations" / "versions").glob("*.py")):
        found.update(migration.read_bytes())
    return found.hexdigest()


def forget() -> None:
    """Throws the demo's data away."""
    _delete(DATABASE)


def _delete(database: Path) -> None:
    for ending in SQLITE_FILES:
        database.with_name(database.name + ending).unlink(missing_ok=True)


def _secret() -> str:
    """The key of this demo's cookies, made once and kept beside its data."""
    FOLDER.mkdir(exist_ok=True)
    place = FOLDER / "demo.secret"
    if not place.exists():
        place.write_text(secrets.token_urlsafe(32), encoding="utf-8")
        place.chmod(0o600)
    return place.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
