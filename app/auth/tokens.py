"""API tokens: made by their user, shown once, kept as a hash, limited in scope and time, ended by hand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.auth.keys import hashed, new_secret
from app.auth.letters import TOKEN_MADE, tell
from app.auth.models import ApiToken
from app.auth.scopes import ALL, Scope
from app.database import db
from app.errors import Conflict, Invalid, NotFoundForViewer
from app.parties.models import User

USUAL_DAYS = 90
MOST_DAYS = 365
MOST_TOKENS = 20


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
        token.ended_at = clock.now()
        audit.record("token:ended", token, by=by, name=token.name)


def end_tokens(user: User, *, by: Actor) -> int:
    """Ends every token of a user that could still be used; how many there were."""
    found = [token for token in tokens_of(user.id) if token.is_open]
    for token in found:
        token.ended_at = clock.now()
        audit.record("token:ended", token, by=by, name=token.name)
    return len(found)


def token_with(secret: str) -> ApiToken | None:
    """The token with this secret, while it and its user are open."""
    token = db.session.scalars(select(ApiToken).where(ApiToken.secret_hash == hashed(secret))).one_or_none()
    if token is None or not token.is_open or token.user.disabled_at or token.user.organisation.suspended_at:
        return None
    return token
