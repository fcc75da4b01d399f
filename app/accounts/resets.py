"""The link to a new password: whether it can still be used."""

from __future__ import annotations

from sqlalchemy import select

from app import clock
from app.accounts.models import PasswordReset
from app.auth.models import UserSession
from app.auth.secret import hashed
from app.database import db
from app.errors import LinkGone

TOO_LATE = "This link cannot be used any more. Ask for a new one on the sign-in page."


def reset_with(secret: str) -> PasswordReset:
    """The link with this secret while it can be used; raises LinkGone with the way on."""
    reset = db.session.scalars(select(PasswordReset).where(PasswordReset.secret_hash == hashed(secret))).one_or_none()
    if reset is None or not _is_good(reset):
        raise LinkGone(TOO_LATE)
    return reset


def _is_good(reset: PasswordReset) -> bool:
    """Not used, not replaced, not late; the password is the same, and nobody has signed in since it was sent."""
    user = reset.user
    if reset.ended_at or clock.now() >= reset.expires_at or user.disabled_at or user.organisation.suspended_at:
        return False
    if hashed(user.password_hash or "") != reset.password_digest:
        return False
    signed_in = select(UserSession.id).where(
        UserSession.user_id == user.id,
        UserSession.created_at >= reset.created_at,
        UserSession.second_factor_at.is_not(None),
    )
    return db.session.scalar(signed_in.limit(1)) is None
