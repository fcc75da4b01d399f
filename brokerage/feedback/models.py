"""Table of the automatic letters that tell each provider that answered how it came out."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.database import Json, Owned, Retention, fk


class FeedbackLetter(Owned):
    """What one provider was told of one round: its own figures and a gap band; nothing of anybody else."""

    __tablename__ = "feedback_letter"
    __table_args__ = (UniqueConstraint("line_id", "round_id"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    line_id: Mapped[UUID] = fk("offer_line.id", index=False)
    round_id: Mapped[UUID] = fk("round.id")
    provider_id: Mapped[UUID] = fk("provider.id")
    outcome: Mapped[str] = mapped_column(String(30))
    gap_band: Mapped[str | None] = mapped_column(String(30))
    figures: Mapped[dict[str, object]] = mapped_column(Json)
    sentences: Mapped[list[str]] = mapped_column(Json)
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
