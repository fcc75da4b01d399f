"""What tests of sign-in do again and again: type a password, type a code, look at cookies."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
from werkzeug.test import TestResponse

from app import clock
from app.auth import second_factor_services
from app.auth.second_factor import STEP_SECONDS
from app.database import db
from app.parties.models import User
from app.parties.viewer import viewer_of
from tests.careful import CarefulClient
from tests.people import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def try_to_sign_in(client: CarefulClient, email: str, password: str = PASSWORD, **kwargs: Any) -> TestResponse:
    """Sends the sign-in form."""
    return client.submit("/sign-in", {"email": email, "password": password}, **kwargs)


def code_at(offset: int = 0, secret: str = SECRET) -> str:
    """The code of now, or of some steps later."""
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // STEP_SECONDS + offset)


def give_second_factor(user: User) -> list[str]:
    """Sets up a second factor whose code of two steps ago has been used; the recovery codes."""
    now = clock.now()
    with clock.moved_to(now.replace(microsecond=0) - timedelta(seconds=2 * STEP_SECONDS)):
        codes = second_factor_services.set_up(user, SECRET, code_at(), by=viewer_of(user).actor)
    db.session.commit()
    return codes


def cookie_of(client: CarefulClient) -> str:
    """The session cookie as it stands."""
    cookie = client.get_cookie("homeward")
    assert cookie is not None
    return str(cookie.value)


def without_nonces(page: str) -> str:
    """A page without what differs between any two requests."""
    page = re.sub(r'name="(csrf_token|idempotency_key)"[^>]*value="[^"]*"', r'name="\1"', page)
    page = re.sub(r'(nonce|data-hw-session|data-hw-token)="[^"]*"', "", page)
    return re.sub(r'id="email"[^>]*', 'id="email"', page)
