"""What an API token may be used for: reading, writing, exporting. One check before every request of the API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, request
from flask_login import current_user
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.auth.models import ApiToken
from app.database import db, writing
from app.errors import NotAllowed
from app.http.viewer import SAFE, viewer_or_none

log = logging.getLogger(__name__)

NEEDS_PASSWORD = "password_again"


class Scope(StrEnum):
    """What a token is good for. Its user's roles limit it further."""

    READ = "read"
    WRITE = "write"
    EXPORT = "export"


SENTENCES = {
    Scope.READ: "Read what you can read",
    Scope.WRITE: "Change what you can change",
    Scope.EXPORT: "Take out whole lists, for which pages ask for your password again",
}
ALL = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class TokenInUse:
    """What is kept of a token while its request runs: plain values, no row."""

    token_id: UUID
    scopes: frozenset[Scope]
    last_used_on: date | None

    @classmethod
    def of(cls, token: ApiToken) -> TokenInUse:
        """What is kept of a token."""
        return cls(token.id, frozenset(Scope(name) for name in token.scopes), token.last_used_on)


def prepare_scopes(app: Flask) -> None:
    """Installs the check before, and the note of the day after, every request of the API."""
    app.before_request(_refuse_narrow_token)
    app.after_request(_note_use)


def scope_needed(view: Callable[..., Any] | None, method: str) -> Scope:
    """What a token needs for this view: where pages ask for the password again, export; else by the method."""
    if getattr(view, NEEDS_PASSWORD, False):
        return Scope.EXPORT
    return Scope.READ if method in SAFE else Scope.WRITE


def _token() -> TokenInUse | None:
    """The token that speaks; None on pages, and where nobody is signed in."""
    if not request.path.startswith("/api/") or viewer_or_none() is None:
        return None
    held: TokenInUse | None = getattr(current_user, "token", None)
    return held


def _refuse_narrow_token() -> None:
    held = _token()
    if held is None:
        return
    needed = scope_needed(current_app.view_functions.get(request.endpoint or ""), request.method)
    if needed not in held.scopes:
        raise NotAllowed(
            f"This token does not have the scope {needed.value}. Make one that does on the page of your tokens."
        )


def _note_use(response: Response) -> Response:
    """The day a token was last used: one short write a day, in a transaction of its own."""
    held = _token()
    if held is None or held.last_used_on == clock.today():
        return response
    db.session.rollback()
    try:
        with writing(), db.engine.begin() as connection:
            noted = update(ApiToken).where(ApiToken.id == held.token_id)
            connection.execute(noted.values(last_used_on=clock.today()))
    except SQLAlchemyError:
        log.warning("the use of a token could not be noted")
    return response
