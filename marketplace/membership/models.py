"""Tables of memberships with areas, capacity, pauses, suspensions, overrides and removals."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Owned, Retention, fk, index_where, one_of
from app.values.days import date_text
from app.values.lifecycle import Lifecycle
from marketplace.membership.rules import MembershipState
from marketplace.providers.coverage import CoverageKind
from marketplace.providers.models import Provider
from marketplace.schemes.models import Lot, Scheme, Zone
from marketplace.vocabulary import AreaKind

STANDING = "state IN ('active','removal_proposed')"


class Membership(Owned):
    """A provider's membership of one lot; one that has ended stays, and the provider may join again.

    `standing_price_pence` is the price of a yes by email link.
    """

    __tablename__ = "membership"
    __table_args__ = (
        index_where("uq_membership_standing", "lot_id", "provider_id", condition=STANDING),
        CheckConstraint("state NOT IN ('removed','left') OR ended_on IS NOT NULL", name="ended_when"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    scheme_id: Mapped[UUID] = fk("scheme.id")
    lot_id: Mapped[UUID] = fk("lot.id", index=False)
    provider_id: Mapped[UUID] = fk("provider.id")
    application_id: Mapped[UUID | None] = fk("application.id", nullable=True)
    state: Mapped[MembershipState] = one_of(MembershipState, "state")
    since: Mapped[date]
    ended_on: Mapped[date | None]
    ended_because: Mapped[str | None] = mapped_column(Text())
    standing_price_pence: Mapped[int | None]

    provider: Mapped[Provider] = relationship(lazy="joined")
    lot: Mapped[Lot] = relationship(lazy="joined")
    scheme: Mapped[Scheme] = relationship()
    areas: Mapped[list[MembershipArea]] = relationship(order_by="MembershipArea.area")


class MembershipArea(Owned):
    """One line of a member's coverage; the most specific line decides."""

    __tablename__ = "membership_area"
    __table_args__ = (UniqueConstraint("membership_id", "area"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    membership_id: Mapped[UUID] = fk("membership.id", index=False)
    kind: Mapped[CoverageKind] = one_of(CoverageKind, "kind", default=CoverageKind.INCLUDE)
    area_kind: Mapped[AreaKind] = one_of(AreaKind, "area_kind")
    area: Mapped[str] = mapped_column(String(8))


class EntryAssessment(Owned):
    """What a scheme knows of a provider as a whole: its entry assessment."""

    __tablename__ = "standing"
    __table_args__ = (UniqueConstraint("scheme_id", "provider_id"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    scheme_id: Mapped[UUID] = fk("scheme.id", index=False)
    provider_id: Mapped[UUID] = fk("provider.id")
    entry_score: Mapped[int | None]
    entry_assessed_on: Mapped[date | None]


class Capacity(Owned):
    """New minutes a week a member can take in a scheme, whole or per zone. Only awards commit any of it."""

    __tablename__ = "capacity"
    __table_args__ = (
        UniqueConstraint("scheme_id", "provider_id", "zone_id"),
        index_where("uq_capacity_whole", "scheme_id", "provider_id", condition="zone_id IS NULL"),
        CheckConstraint("committed_minutes >= 0 AND committed_minutes <= declared_minutes", name="never_below_zero"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    scheme_id: Mapped[UUID] = fk("scheme.id", index=False)
    provider_id: Mapped[UUID] = fk("provider.id")
    zone_id: Mapped[UUID | None] = fk("zone.id", nullable=True)
    declared_minutes: Mapped[int]
    committed_minutes: Mapped[int] = mapped_column(default=0)
    declared_at: Mapped[datetime] = mapped_column(default=clock.now)


class Pause(Owned):
    """A member takes no new offers for a while, everywhere or in one zone."""

    __tablename__ = "pause"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    scheme_id: Mapped[UUID] = fk("scheme.id")
    provider_id: Mapped[UUID] = fk("provider.id")
    zone_id: Mapped[UUID | None] = fk("zone.id", nullable=True)
    started_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]

    zone: Mapped[Zone | None] = relationship()


class Suspension(Owned):
    """A stop of new offers; no lot means every lot, no zone every zone. It ends by itself after `ends_on`.

    `by_gate` marks one that followed from a CQC rating below the scheme's minimum.
    """

    __tablename__ = "suspension"
    __table_args__ = (CheckConstraint("ends_on >= starts_on AND review_on <= ends_on", name="dates_in_order"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    scheme_id: Mapped[UUID] = fk("scheme.id")
    provider_id: Mapped[UUID] = fk("provider.id")
    new_offers_only: Mapped[bool] = mapped_column(default=True)
    lot_id: Mapped[UUID | None] = fk("lot.id", nullable=True)
    zone_id: Mapped[UUID | None] = fk("zone.id", nullable=True)
    by_gate: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text())
    starts_on: Mapped[date]
    review_on: Mapped[date]
    ends_on: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    made_by_label: Mapped[str] = mapped_column(String(300))
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[str | None] = mapped_column(Text())
    reminded_on: Mapped[date | None]

    provider: Mapped[Provider] = relationship(lazy="joined")
    lot: Mapped[Lot | None] = relationship()
    zone: Mapped[Zone | None] = relationship()
    scheme: Mapped[Scheme] = relationship()

    @property
    def where(self) -> str:
        """Its scope as a page and a letter say it."""
        lot = f"for the lot {self.lot.name}" if self.lot else "for every lot"
        return f"{lot} {f'in {self.zone.name}' if self.zone else 'in every zone'}"


class GateOverride(Owned):
    """A contract manager's decision to go on with a member below the CQC gate, until the end of a day.

    The newest that is not taken back holds; one whose last day is over is ended when the next is made.
    """

    __tablename__ = "gate_override"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("ended_at IS NULL OR ended_because IS NOT NULL", name="ended_why"),
        index_where("uq_gate_override_standing", "scheme_id", "provider_id", condition="ended_at IS NULL"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    scheme_id: Mapped[UUID] = fk("scheme.id")
    provider_id: Mapped[UUID] = fk("provider.id")
    reason: Mapped[str] = mapped_column(Text())
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    made_by_label: Mapped[str] = mapped_column(String(300))
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text())

    provider: Mapped[Provider] = relationship(lazy="joined")
    scheme: Mapped[Scheme] = relationship()

    @property
    def sentence(self) -> str:
        """What brokers read wherever this member may be asked or awarded."""
        return f"CQC gate overridden until the end of {date_text(self.ends_on)}: {self.reason.rstrip('.')}."


class RemovalStage(Lifecycle, refusal="This removal has been decided already."):
    """How far a removal has come."""

    TOLD = "told", "orange", "The provider has been told why, and can answer.", "told approved dropped"
    APPROVED = "approved", "red", "A second person approved it, and the membership ended."
    DROPPED = "dropped", "green", "It was dropped, and the membership goes on."


class Removal(Owned):
    """A removal: the provider is told with reasons first, may answer, and a second person approves."""

    __tablename__ = "removal"
    __table_args__ = (index_where("uq_removal_open", "membership_id", condition="stage = 'told'"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    membership_id: Mapped[UUID] = fk("membership.id")
    stage: Mapped[RemovalStage] = one_of(RemovalStage, "stage", default=RemovalStage.TOLD)
    reason: Mapped[str] = mapped_column(Text())
    told_at: Mapped[datetime] = mapped_column(default=clock.now)
    answer_until: Mapped[date]
    proposed_by: Mapped[UUID] = mapped_column(Uuid())
    answer: Mapped[str | None] = mapped_column(Text())
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(Uuid())
    decision_note: Mapped[str | None] = mapped_column(Text())

    membership: Mapped[Membership] = relationship()
