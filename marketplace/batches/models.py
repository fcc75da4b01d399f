"""Tables of batches, the packages in them, and the proposals that made them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Json, Owned, Retention, fk, index_where, one_of
from marketplace.batches.rules import BatchState, LeaveReason
from marketplace.packages.models import Package
from marketplace.schemes.models import Lot, Scheme
from marketplace.vocabulary import Window


class Batch(Owned):
    """Packages gathered by postcode so that one carer's round can serve them."""

    __tablename__ = "batch"
    __table_args__ = (
        Index("ix_batch_authority_state", "authority_id", "state"),
        CheckConstraint("state NOT IN ('sealed', 'offered', 'settled') OR sealed_at IS NOT NULL", name="sealed_when"),
        CheckConstraint("state != 'settled' OR settled_at IS NOT NULL", name="settled_when"),
        CheckConstraint("state != 'discarded' OR discarded_because IS NOT NULL", name="discarded_why"),
    )
    personal: ClassVar = frozenset({"discarded_because", "over_limits_because"})
    retention: ClassVar = Retention.CARE_RECORD

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    scheme_id: Mapped[UUID] = fk("scheme.id")
    lot_id: Mapped[UUID] = fk("lot.id")
    proposal_id: Mapped[UUID | None] = fk("batch_proposal.id", nullable=True)
    window: Mapped[Window] = one_of(Window, "response_window", default=Window.BATCH)
    state: Mapped[BatchState] = one_of(BatchState, "state", default=BatchState.DRAFT)
    title: Mapped[str] = mapped_column(String(200))
    why: Mapped[list[str]] = mapped_column(Json, default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_label: Mapped[str] = mapped_column(String(300))
    sealed_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    discarded_because: Mapped[str | None] = mapped_column(String(500))
    over_limits_because: Mapped[str | None] = mapped_column(String(500))
    edited_at: Mapped[datetime | None]
    """When somebody last changed it by hand; such a draft is not replaced when batches are proposed again."""

    scheme: Mapped[Scheme] = relationship()
    lot: Mapped[Lot] = relationship(lazy="joined")
    members: Mapped[list[BatchPackage]] = relationship(order_by="BatchPackage.position")

    @property
    def packages(self) -> list[Package]:
        """The packages that stand in it or left it through their own result; not those taken out."""
        return [member.package for member in self.members if member.removed_at is None]


class BatchPackage(Owned):
    """A package's place in a batch. A live package stands in one batch at most.

    A place ends in one of two ways: removed (taken out, with the reason) or settled (the package's offer came to its end).
    `left_for` is why somebody took it out; `lifted` marks a removal for a reason after which it is not proposed again.
    """

    __tablename__ = "batch_package"
    __table_args__ = (
        index_where("uq_batch_package_live", "package_id", condition="removed_at IS NULL AND settled_at IS NULL"),
        CheckConstraint("removed_at IS NULL OR removed_because IS NOT NULL", name="removed_why"),
    )
    personal: ClassVar = frozenset({"removed_because"})
    retention: ClassVar = Retention.CARE_RECORD

    batch_id: Mapped[UUID] = fk("batch.id")
    package_id: Mapped[UUID] = fk("package.id")
    position: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]
    removed_because: Mapped[str | None] = mapped_column(String(500))
    lifted: Mapped[bool] = mapped_column(default=False)
    left_for: Mapped[LeaveReason | None] = one_of(LeaveReason, "left_for", nullable=True)
    settled_at: Mapped[datetime | None]

    package: Mapped[Package] = relationship(lazy="joined")


class BatchProposal(Owned):
    """One run of proposing: for which lots and sources, when, by whom. Kept so that its left-out packages can be read."""

    __tablename__ = "batch_proposal"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.WORKING

    scheme_id: Mapped[UUID] = fk("scheme.id")
    lot_id: Mapped[UUID | None] = fk("lot.id", nullable=True)
    sources: Mapped[list[str]] = mapped_column(Json)
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    proposed_by_label: Mapped[str] = mapped_column(String(300))

    scheme: Mapped[Scheme] = relationship()
    lot: Mapped[Lot | None] = relationship()


class LeftOutPackage(Owned):
    """A package that a proposal put in no batch, and why."""

    __tablename__ = "left_out_package"
    __table_args__ = (UniqueConstraint("proposal_id", "package_id"),)
    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = Retention.WORKING

    proposal_id: Mapped[UUID] = fk("batch_proposal.id", index=False)
    package_id: Mapped[UUID] = fk("package.id")
    reason: Mapped[str] = mapped_column(String(700))

    package: Mapped[Package] = relationship(lazy="joined")
