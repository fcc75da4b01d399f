"""Tables of sign-in, sessions, second factors, API tokens and repeated requests."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.auth.rules import TryKind
from app.database import Json, Retention, Row, fk, one_of
from app.parties.models import User


class UserSession(Row):
    """One signed-in browser. The cookie holds a secret; the table holds its hash.

    Half signed in while `second_factor_at` is None: the password was right, the second factor is still to come. It
    lives while its user holds every role with which it started.
    """

    __tablename__ = "user_session"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.ACCOUNT

    user_id: Mapped[UUID] = fk("user_account.id")
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    password_at: Mapped[datetime] = mapped_column(default=clock.now)
    second_factor_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(String(60), default="")
    roles: Mapped[list[str]] = mapped_column(Json, default=list)

    user: Mapped[User] = relationship(lazy="joined")


class FailedTry(Row):
    """A sign-in that failed, or is being checked: what the limits count. Who and where from are keyed digests."""

    __tablename__ = "failed_try"
    __table_args__ = (
        Index("ix_failed_try_account_at", "account", "at"),
        Index("ix_failed_try_address_at", "address", "at"),
        Index("ix_failed_try_at", "at"),
    )
    personal: ClassVar = frozenset({"account", "address"})
    retention: ClassVar = Retention.WORKING

    kind: Mapped[TryKind] = one_of(TryKind, "kind")
    account: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class SecondFactor(Row):
    """The secret that a person's telephone and Homeward share, encrypted, and the last step of it that was used."""

    __tablename__ = "second_factor"
    personal: ClassVar = frozenset({"secret"})
    retention: ClassVar = Retention.ACCOUNT

    user_id: Mapped[UUID] = fk("user_account.id", index=False, unique=True)
    secret: Mapped[str] = mapped_column(Text())
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_step: Mapped[int] = mapped_column(BigInteger())


class RecoveryCode(Row):
    """One of a person's codes for the day the telephone is lost: kept as a keyed digest, good once."""

    __tablename__ = "recovery_code"
    personal: ClassVar = frozenset({"code_hash"})
    retention: ClassVar = Retention.ACCOUNT

    user_id: Mapped[UUID] = fk("user_account.id")
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class KeptForm(Row):
    """What somebody had typed when their session ended, encrypted, until they sign in again; an hour at most."""

    __tablename__ = "kept_form"
    personal: ClassVar = frozenset({"content"})
    retention: ClassVar = Retention.WORKING

    user_id: Mapped[UUID] = fk("user_account.id")
    path: Mapped[str] = mapped_column(String(500))
    content: Mapped[str] = mapped_column(Text())
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class ApiToken(Row):
    """A bearer token: shown once, kept as a hash, good for its scopes until it expires or is ended."""

    __tablename__ = "api_token"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.ACCOUNT

    user_id: Mapped[UUID] = fk("user_account.id")
    name: Mapped[str] = mapped_column(String(100))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    last_used_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and clock.now() < self.expires_at
