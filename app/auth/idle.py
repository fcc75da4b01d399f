"""Sessions that rest: when a person was last seen, and how long the page in front of them still has."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from sqlalchemy import text, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.auth.models import UserSession
from app.auth.rules import is_touch_due
from app.auth.sessions import SessionInUse
from app.database import db, writing
from app.http.viewer import viewer_or_none

P = ParamSpec("P")
R = TypeVar("R")

PATIENCE_MS = 250

log = logging.getLogger(__name__)


def unattended(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view that a page's script asks by itself: it does not show that somebody is there."""
    view.unattended = True  # type: ignore[attr-defined]
    return view


def session_in_use() -> SessionInUse | None:
    """The session of this request; None in the API, and where nobody is signed in."""
    if viewer_or_none() is None:
        return None
    found: SessionInUse | None = getattr(current_user, "session", None)
    return found


def seconds_left() -> int | None:
    """How long the session lasts if nothing more is asked; None where there is none."""
    session = session_in_use()
    if session is None:
        return None
    return max(0, int((session.ends_at(seen_now=not _is_unattended()) - clock.now()).total_seconds()))


def _is_unattended() -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), "unattended", False)


def prepare_idle(app: Flask) -> None:
    """After a request, notes that the person was there: once a minute at most, and never at the page's cost."""
    app.after_request(_touch)


def _touch(response: Response) -> Response:
    session = None if "viewer" not in g else session_in_use()
    if session is None or _is_unattended() or not is_touch_due(session.last_seen_at, clock.now()):
        return response
    try:
        db.session.rollback()
        with writing(), db.engine.connect() as connection, _impatient(connection), connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = {PATIENCE_MS}"))
            same = (UserSession.id == session.session_id) & (UserSession.last_seen_at <= session.last_seen_at)
            connection.execute(update(UserSession).where(same).values(last_seen_at=clock.now()))
    except SQLAlchemyError:
        log.warning("the time a person was last seen could not be noted")
    return response


@contextmanager
def _impatient(connection: Connection) -> Iterator[None]:
    """Gives up at once where something else writes: it can be noted a minute later."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.driver_connection
    assert raw is not None
    (usual,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    try:
        yield
    finally:
        raw.execute(f"PRAGMA busy_timeout={int(usual)}")
