"""Flask-Login, wired to the session table and to bearer tokens."""

from __future__ import annotations

from flask import Flask, Request, request
from flask_login import LoginManager, UserMixin

from app.auth.idle import prepare_idle
from app.auth.kept import prepare_kept
from app.auth.models import ApiToken
from app.auth.pace import prepare_pace
from app.auth.scopes import TokenInUse, prepare_scopes
from app.auth.sessions import SessionInUse
from app.auth.standing import signed_in_with
from app.auth.tokens import token_with
from app.parties.viewer import Viewer, viewer_of

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
