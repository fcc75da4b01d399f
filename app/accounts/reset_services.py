"""Commands on lost passwords: asked for, answered by a timed job, and a new one set through the link.

A request writes the same row whether the address is known or not, and sends nothing; so nobody learns from text, status
or time who has an account.
"""

from __future__ import annotations

from sqlalchemy import func, select, update

from app import audit, clock
from app.accounts import letters
from app.accounts.models import PasswordRequest, PasswordReset
from app.accounts.queries import user_at
from app.accounts.terms import ASKS_WITHIN, RESET_LASTS, too_many_asked
from app.audit import SYSTEM, Actor, ActorKind
from app.auth.keys import closed, hashed, keyed_digest, new_secret
from app.auth.letters import PASSWORD_RESET, tell
from app.auth.models import UserSession
from app.auth.passwords import hash_password, reasons_against
from app.auth.sessions import end_sessions_of
from app.auth.tokens import end_tokens
from app.database import db
from app.database.many import rows_changed
from app.errors import Conflict, Invalid, LinkGone, TooMany
from app.parties.models import User

BOX = "password request"


def ask(email: str, address: str) -> None:
    """Writes down that somebody at `address` asked for a new password for `email`. Raises TooMany."""
    account, place = keyed_digest("account", email.strip().lower()), keyed_digest("address", address)
    since = PasswordRequest.at > clock.now() - ASKS_WITHIN
    counts = db.session.execute(
        select(
            select(func.count()).where(since, PasswordRequest.account == account).scalar_subquery(),
            select(func.count()).where(since, PasswordRequest.address == place).scalar_subquery(),
            select(func.count()).where(since).select_from(PasswordRequest).scalar_subquery(),
        )
    ).one()
    if too_many_asked(*counts):
        raise TooMany("A new password was asked for too often. Wait an hour, then try again.", 3600)
    db.session.add(PasswordRequest(account=account, address=place, email_box=closed(BOX, email.strip().lower()[:254])))
    db.session.flush()


def send_way(email: str) -> None:
    """Sends a link to whoever has this address and could sign in; links that were out are dead."""
    user = user_at(email)
    if user is None or user.disabled_at or user.organisation.suspended_at or user.password_hash is None:
        return
    _end_links(user)
    secret = new_secret()
    reset = PasswordReset(
        user_id=user.id,
        secret_hash=hashed(secret),
        password_digest=hashed(user.password_hash),
        expires_at=clock.now() + RESET_LASTS,
    )
    db.session.add(reset)
    db.session.flush()
    db.session.refresh(reset)
    audit.record("password:link_sent", user, by=SYSTEM)
    letters.tell_way_to_new_password(reset, secret)


def set_new_password(reset: PasswordReset, password: str) -> None:
    """Spends the link: sets the password, ends all sessions, API tokens and links. The second factor is kept.

    Raises Invalid for a weak password, Conflict for a lost race.
    """
    user = reset.user
    if reasons := reasons_against(password, (user.email, user.name, user.organisation.name)):
        raise Invalid({"password": " ".join(reasons)})
    spent = update(PasswordReset).where(PasswordReset.id == reset.id, PasswordReset.ended_at.is_(None))
    if rows_changed(spent.values(ended_at=clock.now())) != 1:
        raise Conflict(TOO_LATE)
    actor = Actor(ActorKind.LINK, reset.id, f"Link in an email, {user.organisation.name}", user.organisation_id)
    user.password_hash = hash_password(password)
    _end_links(user)
    db.session.flush()
    audit.record("password:reset", user, by=actor)
    end_sessions_of(user, because="A new password was set through a link.", by=actor)
    end_tokens(user, by=actor)
    tell(user, PASSWORD_RESET)


def _end_links(user: User) -> None:
    out = update(PasswordReset).where(PasswordReset.user_id == user.id, PasswordReset.ended_at.is_(None))
    db.session.execute(out.values(ended_at=clock.now()).execution_options(synchronize_session=False))


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
