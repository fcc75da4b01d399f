"""The first answers to requests that may come again."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.database import Retention, Row, fk


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
