"""Signing in and out."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.auth.models import UserSession
from app.auth.passwords import password_matches
from app.auth.secret import hashed, new_secret
from app.database import db
from app.errors import Invalid
from app.parties.models import User
from app.parties.viewer import viewer_of

SESSION_LASTS = timedelta(hours=12)
WRONG = "The e-mail address or the password is not right. Check both and try again."

audit.declare("session:started", "Signed in")
audit.declare("session:ended", "Signed out")


def sign_in(email: str, password: str) -> tuple[User, str]:
    """Starts a session; the user and the secret for the cookie. One answer for unknown, wrong and disabled."""
    user = db.session.scalars(select(User).where(User.email == email.strip().lower())).one_or_none()
    matches = password_matches(user.password_hash if user else None, password)
    if user is None or not matches or user.disabled_at or user.organisation.suspended_at:
        raise Invalid({"password": WRONG})
    secret = new_secret()
    session = UserSession(user_id=user.id, secret_hash=hashed(secret), expires_at=clock.now() + SESSION_LASTS)
    db.session.add(session)
    db.session.flush()
    audit.record("session:started", session, by=viewer_of(user).actor)
    return user, secret


def sign_out(secret: str, *, by: Actor) -> None:
    """Ends the session of this secret, for good."""
    session = db.session.scalars(select(UserSession).where(UserSession.secret_hash == hashed(secret))).one_or_none()
    if session and session.ended_at is None:
        session.ended_at = clock.now()
        audit.record("session:ended", session, by=by)


def user_of_session(secret: str) -> User | None:
    """The user of a live session."""
    session = db.session.scalars(select(UserSession).where(UserSession.secret_hash == hashed(secret))).one_or_none()
    return session.user if session and _alive(session.user, session.expires_at, session.ended_at) else None


def _alive(user: User, expires_at: datetime, ended_at: datetime | None) -> bool:
    return (
        ended_at is None
        and clock.now() < expires_at
        and user.disabled_at is None
        and not user.organisation.suspended_at
    )
