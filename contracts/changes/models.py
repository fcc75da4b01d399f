"""The table of changes to agreements."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Owned, Retention, fk, index_where, one_of
from contracts.agreements.models import Agreement
from contracts.changes.rules import AskedBy, Cause, ChangeKind, ChangeState
from marketplace.packages.models import Package

OPEN = "state IN ('asked', 'agreed')"


class AgreementChange(Owned):
    """One change to an agreement: what, from when, why, who wanted it and who decided. One of a kind is open at a time.

    `ends_on` is the last day of care that follows from it, once it is known.
    """

    __tablename__ = "agreement_change"
    __table_args__ = (
        index_where("uq_agreement_change_open", "agreement_id", "kind", condition=OPEN),
        CheckConstraint("decided_by IS NULL OR decided_by <> made_by", name="two_people"),
        CheckConstraint("state <> 'refused' OR decision_note IS NOT NULL", name="refused_why"),
        CheckConstraint("kind <> 'suspend' OR hold_until IS NOT NULL", name="held_until"),
        CheckConstraint("kind <> 'hand_back' OR successor_id IS NOT NULL", name="handed_on"),
    )
    personal: ClassVar = frozenset({"reason", "decision_note"})
    retention: ClassVar = Retention.AGREEMENT

    agreement_id: Mapped[UUID] = fk("agreement.id")
    kind: Mapped[ChangeKind] = one_of(ChangeKind, "kind")
    state: Mapped[ChangeState] = one_of(ChangeState, "state")
    on: Mapped[date] = mapped_column("on_day")
    ends_on: Mapped[date | None]
    hold_until: Mapped[date | None]
    cause: Mapped[Cause] = one_of(Cause, "cause")
    asked_by: Mapped[AskedBy] = one_of(AskedBy, "asked_by")
    reason: Mapped[str] = mapped_column(Text())
    successor_id: Mapped[UUID | None] = fk("package.id", nullable=True)
    made_by: Mapped[UUID | None] = mapped_column(Uuid())
    made_by_label: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid())
    decided_by_label: Mapped[str | None] = mapped_column(String(300))
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None] = mapped_column(Text())
    settled_at: Mapped[datetime | None]

    agreement: Mapped[Agreement] = relationship(lazy="joined")
    successor: Mapped[Package | None] = relationship(lazy="joined")


AGREED = AgreementChange.state == ChangeState.AGREED
