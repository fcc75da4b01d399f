"""Tables of frozen rankings, conflict declarations and early openings."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.database import Json, Owned, Retention, fk


class Ranking(Owned):
    """One ranking of one round, frozen with every input, so that it can be replayed to the last digit.

    `left_out` holds the yeses that did not take part: provider, name and the reasons in words.
    """

    __tablename__ = "ranking"
    __table_args__ = (UniqueConstraint("round_id", "number"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    round_id: Mapped[UUID] = fk("round.id", index=False)
    number: Mapped[int]
    made_at: Mapped[datetime]
    because: Mapped[str] = mapped_column(String(300))
    inputs: Mapped[str] = mapped_column(Text())
    digest: Mapped[str] = mapped_column(String(64))
    left_out: Mapped[list[dict[str, object]]] = mapped_column(Json, default=list)


class ConflictDeclaration(Owned):
    """A broker's word, per issue and before seeing it, on whether they have an interest in a provider."""

    __tablename__ = "conflict_declaration"
    __table_args__ = (
        UniqueConstraint("issue_id", "user_id"),
        CheckConstraint("NOT has_conflict OR note IS NOT NULL", name="conflict_why"),
    )
    personal: ClassVar = frozenset({"note"})
    retention: ClassVar = Retention.MARKET_RECORD

    issue_id: Mapped[UUID] = fk("issue.id", index=False)
    user_id: Mapped[UUID] = fk("user_account.id")
    has_conflict: Mapped[bool]
    note: Mapped[str | None] = mapped_column(String(500))
    declared_at: Mapped[datetime] = mapped_column(default=clock.now)


class EarlyClosing(Owned):
    """A request to close before the deadline, with its reason, and the second person who agreed."""

    __tablename__ = "early_closing"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    issue_id: Mapped[UUID] = fk("issue.id")
    reason: Mapped[str] = mapped_column(String(500))
    asked_by: Mapped[UUID] = mapped_column(Uuid())
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    agreed_by: Mapped[UUID | None] = mapped_column(Uuid())
    agreed_at: Mapped[datetime | None]
