"""The table of awards outside the system."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Owned, Retention, fk, index_where, one_of
from brokerage.outside.rules import OutsideGround, OutsideState
from marketplace.packages.models import Package
from marketplace.providers.models import Provider

IS_LIVE = "state IN ('asked', 'seconded', 'awarded')"
THREE_PEOPLE = "cleared_by IS NULL OR (cleared_by <> asked_by AND cleared_by <> seconded_by)"


class OutsideAward(Owned):
    """A package bought outside the system: from whom, at which price, why, and who agreed. One is live for a package.

    Who is not registered yet is named, and registered with the award. `clearance` says why a contract manager decides.
    """

    __tablename__ = "outside_award"
    __table_args__ = (
        index_where("uq_outside_award_live", "package_id", condition=IS_LIVE),
        CheckConstraint("seconded_by IS NULL OR seconded_by <> asked_by", name="two_people"),
        CheckConstraint(THREE_PEOPLE, name="three_people"),
        CheckConstraint("state <> 'seconded' OR seconded_by IS NOT NULL", name="seconded_who"),
        CheckConstraint(
            "state <> 'awarded' OR (awarded_at IS NOT NULL AND seconded_by IS NOT NULL AND provider_id IS NOT NULL "
            "AND (clearance IS NULL OR cleared_by IS NOT NULL))",
            name="awarded_who",
        ),
        CheckConstraint("state <> 'refused' OR ended_because IS NOT NULL", name="refused_why"),
        CheckConstraint("price_pence > 0", name="has_price"),
    )
    personal: ClassVar = frozenset({"reason", "ended_because"})
    retention: ClassVar = Retention.MARKET_RECORD

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    package_id: Mapped[UUID] = fk("package.id")
    package_version: Mapped[int]
    provider_id: Mapped[UUID | None] = fk("provider.id", nullable=True)
    provider_name: Mapped[str] = mapped_column(String(200))
    cqc_location_id: Mapped[str | None] = mapped_column(String(20))
    provider_postcode: Mapped[str | None] = mapped_column(String(8))
    state: Mapped[OutsideState] = one_of(OutsideState, "state", default=OutsideState.ASKED)
    ground: Mapped[OutsideGround] = one_of(OutsideGround, "ground")
    reason: Mapped[str] = mapped_column(Text())
    price_pence: Mapped[int]
    weekly_cost_pence: Mapped[int]
    starts_on: Mapped[date]
    clearance: Mapped[str | None] = mapped_column(Text())
    asked_by: Mapped[UUID] = mapped_column(Uuid())
    asked_by_label: Mapped[str] = mapped_column(String(300))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    seconded_by: Mapped[UUID | None] = mapped_column(Uuid())
    seconded_by_label: Mapped[str | None] = mapped_column(String(300))
    seconded_at: Mapped[datetime | None]
    cleared_by: Mapped[UUID | None] = mapped_column(Uuid())
    cleared_by_label: Mapped[str | None] = mapped_column(String(300))
    awarded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text())

    package: Mapped[Package] = relationship(lazy="joined")
    provider: Mapped[Provider | None] = relationship(lazy="joined")
