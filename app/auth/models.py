"""Tables of sessions, API tokens and repeated requests."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Json, Retention, Row, fk
from app.parties.models import User


class UserSession(Row):
    """One signed-in browser. The cookie holds a secret; the table holds its hash."""

    __tablename__ = "user_session"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.ACCOUNT

    user_id: Mapped[UUID] = fk("user_account.id")
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")


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
        """Whether it can still be used."""
        return self.ended_at is None and clock.now() < self.expires_at


class RepeatedRequest(Row):
    """The first answer to a POST with an idempotency key, given again when the same POST comes again."""

    __tablename__ = "repeated_request"
    __table_args__ = (UniqueConstraint("user_id", "key"), Index("ix_repeated_request_created_at", "created_at"))
    personal: ClassVar = frozenset({"body"})
    retention: ClassVar = Retention.WORKING

    user_id: Mapped[UUID] = fk("user_account.id", index=False)
    key: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    status: Mapped[int | None]
    location: Mapped[str | None] = mapped_column(String(500))
    content_type: Mapped[str | None] = mapped_column(String(100))
    body: Mapped[str | None] = mapped_column(Text())
