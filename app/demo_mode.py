"""Demo mode's two guards: only a demo database is shown, and only to this machine unless that is asked for."""

from __future__ import annotations

from flask import Flask, request
from sqlalchemy import inspect, select

from app.database import db
from app.errors import NotAllowed, Unavailable
from app.http.edge import is_loopback
from app.parties.models import InstallationFact
from config import Config

MARKER = "demo"
"""The key of the row that a demo's set-up writes into the database that it has just made."""
SHOWS_NO_DATA = frozenset({"brand", "health.alive"})


def prepare_demo(app: Flask, config: Config) -> None:
    """In demo mode, refuses every request that the guards do not let through."""
    if not config.demo:
        return

    known: list[bool] = []
    """Once it is a demo's database it stays one: asked until then, so that no page waits for the answer."""

    @app.before_request
    def guard() -> None:
        if not config.demo_public and not is_loopback(request.remote_addr):
            raise NotAllowed(
                "This demo is for its own machine only. Start it with DEMO_PUBLIC=yes to show it to others."
            )
        if not known and request.endpoint not in SHOWS_NO_DATA:
            known.append(is_demo_database())
        if known == [False]:
            known.clear()
            raise Unavailable("DEMO is on, but this is not a demo database. Nothing of it is shown.")


def is_demo_database() -> bool:
    """Whether the database carries the demo's marker row; raises where it cannot be asked.

    A database that is busy or away says nothing about itself: it is not called another one.
    """
    if not inspect(db.engine).has_table(InstallationFact.__tablename__):
        return False
    return db.session.scalar(select(InstallationFact.value).where(InstallationFact.key == MARKER)) == "yes"
