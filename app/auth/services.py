"""Signing in, and changing the password."""

from __future__ import annotations

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.auth import limits
from app.auth.arrival import Arrival
from app.auth.letters import PASSWORD_CHANGED, tell
from app.auth.models import UserSession
from app.auth.passwords import hash_password, password_matches, reasons_against, renewed
from app.auth.sessions import Started, end_sessions_of, renew_secret, start_session
from app.auth.tokens import end_tokens
from app.database import db, reading_only
from app.errors import Invalid
from app.parties.models import User

WRONG = "The email address or the password is not right. Check both and try again."
WRONG_PASSWORD = "This is not your password. Try again."


def sign_in(email: str, password: str, arrival: Arrival) -> Started:
    """Starts a session. Raises Invalid and TooManyTries: the same answer after the same time for an address that is
    unknown, a password that is wrong, an account that is closed, and one on which too many tries have failed. Where too
    many have failed from the address, or in all, the answer is quick, and the same for every account.

    Ends the transaction before it. No lock is held while the password is checked.
    """
    one = limits.password_try(email, arrival)
    try:
        limits.begin(one)
    except limits.TooManyTries as refusal:
        if refusal.takes_as_long:
            password_matches(None, password)
        raise
    user = _proven(email, password)
    if user is None:
        raise Invalid({"password": WRONG})
    limits.forgive(one)
    return start_session(user, browser=arrival.browser)


def _proven(email: str, password: str) -> User | None:
    """The user, where the password is theirs and the account open."""
    query = select(User).where(User.email == email.strip().lower())
    with reading_only():
        user = db.session.scalars(query).one_or_none()
        stored = user.password_hash if user else None
        db.session.rollback()
    matches = password_matches(stored, password)
    fresh = renewed(stored, password) if matches and stored else None
    user = db.session.scalars(query).one_or_none() if matches else None
    if user is None or user.password_hash != stored or user.disabled_at or user.organisation.suspended_at:
        return None
    user.password_hash = fresh
    return user


def change_password(session: UserSession, current: str, new: str, arrival: Arrival, *, by: Actor) -> str:
    """Changes the password of the session's user, who types the present one again; the session's new secret.

    All other sessions end, and all API tokens. Raises Invalid at `password` or `new_password`, and TooManyTries. Ends the
    transaction before it; the session's row is read anew.
    """
    session_id, stored = session.id, session.user.password_hash
    one = limits.session_try(session_id, arrival)
    limits.begin(one)
    if not password_matches(stored, current):
        raise Invalid({"password": WRONG_PASSWORD})
    limits.forgive(one)
    session = db.session.get_one(UserSession, session_id)
    user = session.user
    if reasons := reasons_against(new, about=(user.email, user.name, user.organisation.name)):
        raise Invalid({"new_password": " ".join(reasons)})
    session.password_at, user.password_hash = clock.now(), hash_password(new)
    db.session.flush()
    audit.record("user:password_changed", user, by=by)
    end_sessions_of(user, except_=session_id, because="The password was changed.", by=by)
    end_tokens(user, by=by)
    tell(user, PASSWORD_CHANGED)
    return renew_secret(session)
