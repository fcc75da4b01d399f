"""Tables of batches and the packages in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Json, Owned, fk, one_of
from marketplace.packages.models import Package
from marketplace.schemes.models import Lot, Scheme
from marketplace.schemes.rules import Window


class BatchState(StrEnum):
    """Where a batch stands."""

    DRAFT = "draft"
    SEALED = "sealed"
    OFFERED = "offered"
    SETTLED = "settled"
    DISCARDED = "discarded"


class Batch(Owned):
    """Packages gathered by postcode so that one carer's round can serve them."""

    __tablename__ = "batch"
    __table_args__ = (Index("ix_batch_authority_state", "authority_id", "state"),)
    personal: ClassVar = frozenset()

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    scheme_id: Mapped[UUID] = fk("scheme.id")
    lot_id: Mapped[UUID] = fk("lot.id")
    window: Mapped[Window] = one_of(Window, "response_window", default=Window.BATCH)
    state: Mapped[BatchState] = one_of(BatchState, "state", default=BatchState.DRAFT)
    title: Mapped[str] = mapped_column(String(200))
    why: Mapped[list[str]] = mapped_column(Json, default=list)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    created_by_label: Mapped[str] = mapped_column(String(300))
    sealed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    scheme: Mapped[Scheme] = relationship()
    lot: Mapped[Lot] = relationship(lazy="joined")
    members: Mapped[list[BatchPackage]] = relationship(order_by="BatchPackage.position")


class BatchPackage(Owned):
    """A package's place in a batch; a live package stands in one batch at most."""

    __tablename__ = "batch_package"
    __table_args__ = (
        Index(
            "uq_batch_package_live",
            "package_id",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )
    personal: ClassVar = frozenset()

    batch_id: Mapped[UUID] = fk("batch.id")
    package_id: Mapped[UUID] = fk("package.id")
    position: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    removed_at: Mapped[datetime | None]
    removed_because: Mapped[str | None] = mapped_column(String(500))

    package: Mapped[Package] = relationship(lazy="joined")
