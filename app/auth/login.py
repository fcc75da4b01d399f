"""Flask-Login, wired to the session table and to bearer tokens."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from flask import Flask, Request, current_app, request
from flask_login import LoginManager, UserMixin

from app.auth.idle import prepare_idle
from app.auth.kept import prepare_kept
from app.auth.models import ApiToken
from app.auth.sessions import SessionInUse
from app.auth.standing import signed_in_with
from app.auth.tokens import TokenInUse, prepare_scopes, token_with
from app.errors import TooMany
from app.http.viewer import SAFE, viewer_or_none
from app.parties.viewer import Viewer, viewer_of
from config import Config

API = "/api/"


class SignedIn(UserMixin):
    """What Flask-Login keeps: the session's secret, and the viewer computed once per request.

    On pages, the session, and when it ends; in the API, the token and what it may be used for.
    """

    def __init__(
        self, viewer: Viewer, secret: str, token: ApiToken | None = None, session: SessionInUse | None = None
    ) -> None:
        self.secret = secret
        self.viewer = viewer
        self.token = TokenInUse.of(token) if token else None
        self.session = session

    def get_id(self) -> str:
        """The secret of the session; it goes into the signed cookie."""
        return self.secret


def prepare_login(app: Flask) -> None:
    """Pages are signed in by cookie, the API by bearer token; never the other way round."""
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app, add_context_processor=False)  # a page asks for `viewer`; an error page asks for nobody
    manager.user_loader(_from_cookie)
    manager.request_loader(_from_header)
    prepare_pace(app)
    prepare_scopes(app)
    prepare_idle(app)
    prepare_kept(app)


def _from_cookie(secret: str) -> SignedIn | None:
    if request.path.startswith(API):
        return None
    found = signed_in_with(secret)
    return SignedIn(found.viewer, secret, session=found.session) if found else None


def _from_header(incoming: Request) -> SignedIn | None:
    kind, _, secret = incoming.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not incoming.path.startswith(API):
        return None
    token = token_with(secret.strip())
    return SignedIn(viewer_of(token.user), secret, token) if token else None


MINUTE = 60


class Pace:
    """What every user has asked for in this minute. Forgotten as a whole when the next one begins."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._minute = 0
        self._asked: Counter[tuple[UUID, bool]] = Counter()

    def wait(self, user_id: UUID, *, writes: bool, most: int) -> int | None:
        """Counts one request; the seconds to wait where it is one too many, else None. `most` 0: no limit."""
        now = self._seconds()
        if int(now) // MINUTE != self._minute:
            self._minute, self._asked = int(now) // MINUTE, Counter()
        self._asked[user_id, writes] += 1
        return MINUTE - int(now) % MINUTE if 0 < most < self._asked[user_id, writes] else None


def prepare_pace(app: Flask) -> None:
    app.extensions["pace"] = Pace()
    app.before_request(_keep_pace)


def _keep_pace() -> None:
    viewer = viewer_or_none()
    if viewer is None:
        return
    config: Config = current_app.extensions["config"]
    pace: Pace = current_app.extensions["pace"]
    writes = request.method not in SAFE
    most = config.writes_per_minute if writes else config.requests_per_minute
    if wait := pace.wait(viewer.user_id, writes=writes, most=most):
        raise TooMany("You are asking faster than Homeward answers for one person. Wait a moment.", wait)
