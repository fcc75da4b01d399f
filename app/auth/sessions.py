"""Sessions: started, read, listed and ended. The cookie holds a secret; what it opens is decided at every request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import joinedload

from app import audit, clock
from app.audit import Actor
from app.auth import rules
from app.auth.keys import hashed, new_secret
from app.auth.models import UserSession
from app.auth.second_factor import has_second_factor
from app.database import db
from app.database.many import rows_changed
from app.errors import NotFoundForViewer
from app.parties.models import User
from app.parties.roles import Role
from app.parties.viewer import viewer_of
from config import Config


@dataclass(frozen=True, slots=True)
class SessionInUse:
    """What is kept of a session while its request runs: plain values, no row."""

    session_id: UUID
    expires_at: datetime
    last_seen_at: datetime
    password_at: datetime
    rests_for: timedelta

    @classmethod
    def of(cls, session: UserSession) -> SessionInUse:
        rests_for = resting().of({held.role.value for held in session.user.roles})
        return cls(session.id, session.expires_at, session.last_seen_at, session.password_at, rests_for)

    def ends_at(self, *, seen_now: bool) -> datetime:
        """When it ends if nothing more is asked; `seen_now` where this request shows that somebody is there."""
        counts = seen_now and rules.is_touch_due(self.last_seen_at, clock.now())
        return min(self.expires_at, (clock.now() if counts else self.last_seen_at) + self.rests_for)


@dataclass(frozen=True, slots=True)
class Started:
    """A session that has just begun, and the secret for its cookie: the only time it can be read."""

    user: User
    session: UserSession
    secret: str

    @property
    def is_half(self) -> bool:
        """Whether the second factor is still to come."""
        return self.session.second_factor_at is None


def start_session(user: User, *, browser: str = "") -> Started:
    """Starts a session of somebody who has proved a password or a link; half, where a second factor is to come."""
    now, half, secret = clock.now(), needs_second_factor(user), new_secret()
    session = UserSession(
        user_id=user.id,
        secret_hash=hashed(secret),
        created_at=now,
        expires_at=now + (rules.HALF_SESSION_LASTS if half else rules.SESSION_LASTS),
        last_seen_at=now,
        password_at=now,
        second_factor_at=None if half else now,
        browser=browser,
        roles=sorted(held.role.value for held in user.roles),
    )
    db.session.add(session)
    db.session.flush()
    if not half:
        audit.record("session:started", session, by=viewer_of(user).actor)
    return Started(user, session, secret)


def complete_session(session: UserSession) -> Started:
    """The second factor was right: the session opens everything now, under a new secret."""
    secret, now = renew_secret(session), clock.now()
    session.second_factor_at = session.last_seen_at = now
    session.expires_at = session.created_at + rules.SESSION_LASTS
    db.session.flush()
    audit.record("session:started", session, by=viewer_of(session.user).actor)
    return Started(session.user, session, secret)


def renew_secret(session: UserSession) -> str:
    """A new secret for a session whose standing has changed; the old cookie is worth nothing from now on."""
    secret = new_secret()
    session.secret_hash = hashed(secret)
    db.session.flush()
    return secret


def needs_second_factor(user: User) -> bool:
    """Whether this user's password is not enough: because they have set up a second factor, or must."""
    required = _config().second_factor_required
    return has_second_factor(user.id) or rules.must_have_second_factor(user.organisation.kind.value, required=required)


def half_session(secret: str) -> UserSession | None:
    """The half-signed-in session of this secret, while it lasts."""
    session = session_with(secret)
    return session if session and session.second_factor_at is None and is_alive(session) else None


def session_with(secret: str) -> UserSession | None:
    """The session of this secret, whatever became of it."""
    return db.session.scalars(_WITH_SECRET, {"hashed": hashed(secret)}).unique().one_or_none()


_WITH_SECRET = (
    select(UserSession)
    .where(UserSession.secret_hash == bindparam("hashed"))
    .options(joinedload(UserSession.user).joinedload(User.roles))
)
"""Made once."""


def is_alive(session: UserSession) -> bool:
    """Whether the rules let the session live now."""
    user = session.user
    return lets_live(session, {held.role for held in user.roles}, user.disabled_at or user.organisation.suspended_at)


def lets_live(session: UserSession | Row[Any], roles_now: Iterable[Role], closed_at: datetime | None) -> bool:
    """The same of a session's row, whose user has these roles now, and whose account or organisation is closed, or not."""
    facts = rules.SessionFacts(
        expires_at=session.expires_at,
        last_seen_at=session.last_seen_at,
        ended=session.ended_at is not None,
        roles_at_start=frozenset(session.roles),
        roles_now=frozenset(role.value for role in roles_now),
        closed=closed_at is not None,
    )
    return rules.lives(facts, clock.now(), resting())


def resting() -> rules.Resting:
    config = _config()
    return rules.Resting(timedelta(minutes=config.idle_minutes), timedelta(minutes=config.idle_minutes_people))


def sessions_of(user_id: UUID) -> list[UserSession]:
    """The user's sessions that open something, the last seen first."""
    query = select(UserSession).where(
        UserSession.user_id == user_id,
        UserSession.ended_at.is_(None),
        UserSession.expires_at > clock.now(),
        UserSession.second_factor_at.is_not(None),
    )
    found = db.session.scalars(query.order_by(UserSession.last_seen_at.desc(), UserSession.id).limit(100))
    return [session for session in found if is_alive(session)]


def end_session(user_id: UUID, session_id: UUID, *, by: Actor) -> None:
    """Ends one of the user's own sessions, for good; it may have ended before. Raises NotFoundForViewer."""
    session = db.session.get(UserSession, session_id)
    if session is None or session.user_id != user_id:
        raise NotFoundForViewer
    end(session, by=by)


def end(session: UserSession, *, by: Actor) -> None:
    """Ends a session for good; it may have ended before."""
    if session.ended_at is None:
        session.ended_at = clock.now()
        db.session.flush()
        audit.record("session:ended", session, by=by)


def end_sessions_of(user: User, *, except_: UUID | None = None, because: str, by: Actor) -> int:
    """Ends every session of a user, half ones too, but the one excepted; how many there were."""
    open_ones = (UserSession.user_id == user.id) & UserSession.ended_at.is_(None)
    if except_ is not None:
        open_ones &= UserSession.id != except_
    count = rows_changed(update(UserSession).where(open_ones).values(ended_at=clock.now()))
    if count:
        audit.record("sessions:ended", user, by=by, reason=because, sessions=count)
    return count


def _config() -> Config:
    config: Config = current_app.extensions["config"]
    return config
