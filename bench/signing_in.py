"""Sessions made beforehand, so that what is measured is the request and not the password."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from app import clock
from app.auth.sessions import start_session
from app.database import db
from app.house import House
from app.parties.models import User


@dataclass(frozen=True, slots=True)
class SignedInUser:
    """The cookie of a signed-in browser, and the token that its forms carry."""

    user_id: UUID
    organisation_id: UUID
    cookie: str
    csrf_token: str


def sign_in_all(house: House, users: Sequence[User]) -> list[SignedInUser]:
    """A full session for each user. Commits."""
    signed = [_sign_in(house, user) for user in users]
    db.session.commit()
    return signed


def _sign_in(house: House, user: User) -> SignedInUser:
    started = start_session(user)
    started.session.second_factor_at = clock.now()
    raw = secrets.token_hex(20)
    interface = cast(SecureCookieSessionInterface, house.session_interface)
    serializer: Any = interface.get_signing_serializer(house)
    content = {"_user_id": started.secret, "_fresh": True, "csrf_token": raw}
    token = URLSafeTimedSerializer(house.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(raw)
    cookie = f"{house.config['SESSION_COOKIE_NAME']}={serializer.dumps(content)}"
    return SignedInUser(user.id, user.organisation_id, cookie, str(token))


def users_of(organisation_ids: Sequence[UUID]) -> list[User]:
    """The users of some organisations."""
    return list(db.session.scalars(select(User).where(User.organisation_id.in_(organisation_ids)).order_by(User.email)))
