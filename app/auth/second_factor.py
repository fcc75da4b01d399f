"""Codes that an app on the telephone shows: the shared secret, the QR code that carries it, and whose code it is."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from sqlalchemy import func, select

from app.auth.models import RecoveryCode, SecondFactor
from app.database import db

STEP_SECONDS = 30


def new_shared_secret() -> str:
    """A fresh secret for a telephone: 160 random bits, as people type it."""
    return pyotp.random_base32()


def address_for_app(secret: str, email: str, site_name: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=site_name)


def qr_code(address: str) -> str:
    """The QR code as the address of a drawing, black on white."""
    return str(segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff"))


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The step of 30 seconds whose code this is: the present one or a neighbour, for clocks that differ."""
    totp, typed = pyotp.TOTP(secret), re.sub(r"\s", "", code)
    present = int(at.timestamp()) // STEP_SECONDS
    if not (typed.isascii() and typed.isdecimal()):
        return None
    steps = (present, present - 1, present + 1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), typed)), None)


def has_second_factor(user_id: UUID) -> bool:
    return db.session.scalars(select(SecondFactor.id).where(SecondFactor.user_id == user_id)).first() is not None


def codes_left(user_id: UUID) -> int:
    unused = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int(db.session.scalar(unused) or 0)
