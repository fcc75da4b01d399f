"""Tables of applications and their checks."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Json, Owned, Retention, fk, index_where, one_of
from marketplace.applications.rules import ApplicationState, CheckKind, CheckOutcome
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme

OPEN = "state IN ('draft','submitted','checking','waiting')"


class Application(Owned):
    """A provider's request to become a member of lots of a scheme."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("state NOT IN ('admitted','refused') OR decided_at IS NOT NULL", name="decided_when"),
        CheckConstraint("state NOT IN ('admitted','refused') OR decision_reason IS NOT NULL", name="decided_why"),
        CheckConstraint("entry_score IS NULL OR (entry_score >= 0 AND entry_score <= 100)", name="entry_score_range"),
        index_where("uq_application_open", "scheme_id", "provider_id", condition=OPEN),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    scheme_id: Mapped[UUID] = fk("scheme.id")
    provider_id: Mapped[UUID] = fk("provider.id")
    state: Mapped[ApplicationState] = one_of(ApplicationState, "state")
    submitted_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    longer_because: Mapped[str | None] = mapped_column(String(500))
    lot_ids: Mapped[list[str]] = mapped_column(Json)
    areas: Mapped[list[str]] = mapped_column(Json)
    declarations: Mapped[list[str]] = mapped_column(Json, default=list)
    capacity_minutes: Mapped[int] = mapped_column(default=0)
    asked_for: Mapped[str | None] = mapped_column(Text())
    entry_score: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    decided_by_label: Mapped[str | None] = mapped_column(String(300))
    decision_reason: Mapped[str | None] = mapped_column(Text())

    provider: Mapped[Provider] = relationship(lazy="joined")
    scheme: Mapped[Scheme] = relationship()
    checks: Mapped[list[ApplicationCheck]] = relationship(
        back_populates="application", order_by="ApplicationCheck.kind"
    )

    def check_of(self, kind: CheckKind) -> ApplicationCheck | None:
        """What was noted of one check, if it was made."""
        return next((check for check in self.checks if check.kind is kind), None)


class ApplicationCheck(Owned):
    """One check of an application and what it showed. `reminded_days` is the latest reminder of its end, if any."""

    __tablename__ = "application_check"
    __table_args__ = (UniqueConstraint("application_id", "kind"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MEMBERSHIP

    application_id: Mapped[UUID] = fk("application.id", index=False)
    kind: Mapped[CheckKind] = one_of(CheckKind, "kind")
    outcome: Mapped[CheckOutcome] = one_of(CheckOutcome, "outcome", default=CheckOutcome.NOT_DONE)
    note: Mapped[str | None] = mapped_column(Text())
    checked_at: Mapped[datetime | None]
    checked_by_label: Mapped[str | None] = mapped_column(String(300))
    expires_on: Mapped[date | None]
    reminded_days: Mapped[int | None]

    application: Mapped[Application] = relationship(back_populates="checks")
