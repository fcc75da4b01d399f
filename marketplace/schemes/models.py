"""Tables of schemes, their dated policies, lots, prices, zones and decline reasons."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import FoundByName, Json, Owned, Retention, fk, one_of
from marketplace.schemes.regime_rules import Regime
from marketplace.vocabulary import (
    AreaKind,
    AwardMethod,
    LotUnit,
    PriceBand,
    PriceScoring,
    Rating,
    TolerancePolicy,
    UnratedPolicy,
)


class Scheme(FoundByName, Owned):
    """A purchasing system of one authority."""

    __tablename__ = "scheme"
    __table_args__ = (UniqueConstraint("authority_id", "name"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    name: Mapped[str] = mapped_column(String(200))
    regime: Mapped[Regime] = one_of(Regime, "regime")
    default_icb_id: Mapped[UUID | None] = fk("organisation.id", nullable=True)
    established_on: Mapped[date]
    ends_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    lots: Mapped[list[Lot]] = relationship(order_by="Lot.position")
    zones: Mapped[list[Zone]] = relationship(order_by="Zone.name_key")


class SchemePolicy(Owned):
    """How a scheme decides from a date on. The newest policy that has begun holds; older ones are kept."""

    __tablename__ = "scheme_policy"
    __table_args__ = (
        UniqueConstraint("scheme_id", "valid_from"),
        CheckConstraint("quality_weight + price_weight = 100", name="weights_add_up"),
        CheckConstraint("quality_weight >= 0 AND price_weight >= 0", name="weights_not_negative"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    scheme_id: Mapped[UUID] = fk("scheme.id")
    valid_from: Mapped[date]
    quality_weight: Mapped[int]
    price_weight: Mapped[int]
    price_scoring: Mapped[PriceScoring] = one_of(PriceScoring, "price_scoring")
    quality_minimum: Mapped[int]
    award_method: Mapped[AwardMethod] = one_of(AwardMethod, "award_method")
    min_cqc_rating: Mapped[Rating] = one_of(Rating, "min_cqc_rating")
    unrated_policy: Mapped[UnratedPolicy] = one_of(UnratedPolicy, "unrated_policy")
    tolerance_policy: Mapped[TolerancePolicy] = one_of(TolerancePolicy, "tolerance_policy")
    yardstick_pence: Mapped[int | None]
    award_limit_pence: Mapped[int | None]
    urgent_hours: Mapped[int]
    standard_hours: Mapped[int]
    batch_working_days: Mapped[int]
    setup_working_days: Mapped[int] = mapped_column(default=2)
    opening: Mapped[str] = mapped_column(String(5))
    closing: Mapped[str] = mapped_column(String(5))
    still_needed_after_days: Mapped[int] = mapped_column(default=14)
    batch_start_spread_days: Mapped[int] = mapped_column(default=14)
    batch_max_minutes: Mapped[int] = mapped_column(default=200 * 60)
    batch_max_packages: Mapped[int] = mapped_column(default=12)
    batch_max_km: Mapped[int] = mapped_column(default=30)
    batch_join_km: Mapped[int] = mapped_column(default=6)
    small_district_below: Mapped[int] = mapped_column(default=5)
    reopen_working_days: Mapped[int] = mapped_column(default=10)
    assessment_summaries: Mapped[bool] = mapped_column(default=False)
    claims: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    kpi_targets: Mapped[dict[str, object]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_label: Mapped[str] = mapped_column(String(300))


class Lot(Owned):
    """A kind of service that is bought, with the unit its prices are for."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("scheme_id", "name"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    scheme_id: Mapped[UUID] = fk("scheme.id")
    name: Mapped[str] = mapped_column(String(100))
    unit: Mapped[LotUnit] = one_of(LotUnit, "unit")
    position: Mapped[int]


class LotPrice(Owned):
    """Floor and ceiling in pence per unit from a date on; the most specific row (zone, then band) holds."""

    __tablename__ = "lot_price"
    __table_args__ = (
        UniqueConstraint("lot_id", "zone_id", "band", "valid_from"),
        CheckConstraint("floor_pence > 0 AND floor_pence <= ceiling_pence", name="floor_to_ceiling"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    lot_id: Mapped[UUID] = fk("lot.id")
    zone_id: Mapped[UUID | None] = fk("zone.id", nullable=True)
    band: Mapped[PriceBand | None] = one_of(PriceBand, "band", nullable=True)
    floor_pence: Mapped[int]
    ceiling_pence: Mapped[int]
    valid_from: Mapped[date]


class Zone(FoundByName, Owned):
    """A named set of outcodes and sectors."""

    __tablename__ = "zone"
    __table_args__ = (UniqueConstraint("scheme_id", "name"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    scheme_id: Mapped[UUID] = fk("scheme.id")
    name: Mapped[str] = mapped_column(String(100))
    code: Mapped[str | None] = mapped_column(String(20))

    areas: Mapped[list[ZoneArea]] = relationship(order_by="ZoneArea.area")


class ZoneArea(Owned):
    """One outcode or sector of a zone."""

    __tablename__ = "zone_area"
    __table_args__ = (UniqueConstraint("zone_id", "area"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    zone_id: Mapped[UUID] = fk("zone.id")
    area_kind: Mapped[AreaKind] = one_of(AreaKind, "area_kind")
    area: Mapped[str] = mapped_column(String(8))


class DeclineCode(Owned):
    """A reason for which a provider may decline; each authority keeps its own list."""

    __tablename__ = "decline_code"
    __table_args__ = (UniqueConstraint("authority_id", "code"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.REFERENCE

    code: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(120))
    text_required: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
