"""API tokens: made by their user, shown once, kept as a hash, limited in scope and time, ended by hand.

What a token may be used for (reading, writing, exporting) is checked in one place, before every request of the API.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, request
from flask_login import current_user
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError

from app import audit, clock
from app.audit import Actor
from app.auth.keys import hashed, new_secret
from app.auth.letters import TOKEN_MADE, tell
from app.auth.models import ApiToken
from app.database import db, writing
from app.errors import Conflict, Invalid, NotAllowed, NotFoundForViewer
from app.http.viewer import SAFE, viewer_or_none
from app.parties.models import User

USUAL_DAYS = 90
MOST_DAYS = 365
MOST_TOKENS = 20
NEEDS_PASSWORD = "password_again"

log = logging.getLogger(__name__)


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
        return cls(token.id, frozenset(Scope(name) for name in token.scopes), token.last_used_on)


def create_token(user: User, name: str, *, by: Actor, scopes: Collection[Scope] = ALL, days: int = USUAL_DAYS) -> str:
    """Makes a bearer token and returns it: the only time it can be read. Its owner is told. Raises Invalid by field, Conflict at 20."""
    problems = {}
    if not name.strip():
        problems["name"] = "Say what the token is for."
    if not scopes:
        problems["scopes"] = "Choose what the token may be used for."
    if not 1 <= days <= MOST_DAYS:
        problems["days"] = f"A token lasts from 1 to {MOST_DAYS} days."
    if problems:
        raise Invalid(problems)
    if len([one for one in tokens_of(user.id) if one.is_open]) >= MOST_TOKENS:
        raise Conflict(f"You have {MOST_TOKENS} tokens that can be used. End one before you make another.")
    secret = _kept(user, name.strip(), sorted(scopes), days, by)
    tell(user, TOKEN_MADE, scopes=scopes, days=days)
    return secret


def _kept(user: User, name: str, scopes: list[Scope], days: int, by: Actor) -> str:
    secret = f"hw_{new_secret()}"
    token = ApiToken(
        user_id=user.id,
        name=name,
        secret_hash=hashed(secret),
        scopes=[scope.value for scope in scopes],
        expires_at=clock.now() + timedelta(days=days),
    )
    db.session.add(token)
    db.session.flush()
    audit.record("token:created", token, by=by, name=name, user=str(user.id), scopes=", ".join(scopes), days=days)
    return secret


def tokens_of(user_id: UUID) -> list[ApiToken]:
    """The tokens of a user, the newest first."""
    query = select(ApiToken).where(ApiToken.user_id == user_id)
    return list(db.session.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.id)))


def end_token(user_id: UUID, token_id: UUID, *, by: Actor) -> None:
    """Ends one of the user's own tokens, for good; it may have ended before. Raises NotFoundForViewer."""
    token = db.session.get(ApiToken, token_id)
    if token is None or token.user_id != user_id:
        raise NotFoundForViewer
    if token.ended_at is None:
        _end(token, by)


def end_tokens(user: User, *, by: Actor) -> None:
    """Ends every token of a user that could still be used."""
    for token in tokens_of(user.id):
        if token.is_open:
            _end(token, by)


def _end(token: ApiToken, by: Actor) -> None:
    token.ended_at = clock.now()
    audit.record("token:ended", token, by=by, name=token.name)


def token_with(secret: str) -> ApiToken | None:
    """The token with this secret, while it and its user are open."""
    token = db.session.scalars(select(ApiToken).where(ApiToken.secret_hash == hashed(secret))).one_or_none()
    if token is None or not token.is_open or token.user.disabled_at or token.user.organisation.suspended_at:
        return None
    return token


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
