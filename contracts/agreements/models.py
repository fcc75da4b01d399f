"""Tables of service agreements and their versions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Json, Owned, Retention, fk, index_where, one_of
from contracts.agreements.rules import AgreementState
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.vocabulary import LotUnit


class Agreement(Owned):
    """The service agreement of one package with one provider. `contract_from` is the instant of the award (S5).

    `ends_on` is the last day of care; before the end it is the day that is planned, if there is one. While the agreement
    is suspended, the provider holds the place until `hold_until`.
    """

    __tablename__ = "agreement"
    __table_args__ = (index_where("uq_agreement_live", "package_id", condition="ended_at IS NULL"),)
    personal: ClassVar = frozenset({"identity_at_end"})
    retention: ClassVar = Retention.AGREEMENT

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    package_id: Mapped[UUID] = fk("package.id", index=False)
    provider_id: Mapped[UUID] = fk("provider.id")
    award_id: Mapped[UUID] = mapped_column(Uuid(), unique=True)
    state: Mapped[AgreementState] = one_of(AgreementState, "state")
    contract_from: Mapped[datetime]
    starts_on: Mapped[date]
    ended_at: Mapped[datetime | None]
    ends_on: Mapped[date | None]
    hold_until: Mapped[date | None]
    ended_because: Mapped[str | None] = mapped_column(Text())
    identity_at_end: Mapped[dict[str, str | None] | None] = mapped_column(Json)

    package: Mapped[Package] = relationship(lazy="joined")
    provider: Mapped[Provider] = relationship(lazy="joined")
    versions: Mapped[list[AgreementVersion]] = relationship(order_by="AgreementVersion.number")


class AgreementVersion(Owned):
    """What holds from a date on: visits, price, funding, why it changed and on whose authority."""

    __tablename__ = "agreement_version"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)
    personal: ClassVar = frozenset({"visits"})
    retention: ClassVar = Retention.AGREEMENT

    agreement_id: Mapped[UUID] = fk("agreement.id", index=False)
    number: Mapped[int]
    starts_on: Mapped[date]
    visits: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    weekly_minutes: Mapped[int]
    price_pence: Mapped[int]
    unit: Mapped[LotUnit] = one_of(LotUnit, "unit")
    weekly_cost_pence: Mapped[int]
    lines: Mapped[list[dict[str, object]]] = mapped_column(Json)
    funding: Mapped[list[dict[str, object]]] = mapped_column(Json)
    because: Mapped[str] = mapped_column(String(500))
    authorised_by_label: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
