"""Tables of awards and of whole-batch proposals."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Json, Owned, Retention, fk, index_where, one_of
from brokerage.allocation.rules import AwardState, BatchProposalState
from marketplace.packages.visits import Visit, weekly_visits_text
from marketplace.providers.models import Provider
from marketplace.rounds.models import OfferLine, Round

LIVE = "state IN ('proposed', 'awarded')"


class Award(Owned):
    """The decision for one round. At most one live award per round, by a unique index.

    `visits` are those that its agreement holds: as asked, or as agreed with the person within what the provider offered.
    Awards of before they could be agreed have none.
    """

    __tablename__ = "award"
    __table_args__ = (
        index_where("uq_award_live", "round_id", condition=LIVE),
        CheckConstraint("state != 'awarded' OR awarded_at IS NOT NULL", name="awarded_when"),
        CheckConstraint("approved_by IS NULL OR approved_by != made_by", name="two_people"),
    )
    personal: ClassVar = frozenset({"agreed_with_person", "visits"})
    retention: ClassVar = Retention.MARKET_RECORD

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    round_id: Mapped[UUID] = fk("round.id", index=False)
    package_id: Mapped[UUID] = fk("package.id")
    line_id: Mapped[UUID] = fk("offer_line.id")
    provider_id: Mapped[UUID] = fk("provider.id")
    ranking_id: Mapped[UUID] = fk("ranking.id")
    state: Mapped[AwardState] = one_of(AwardState, "state")
    place: Mapped[int]
    price_pence: Mapped[int]
    weekly_cost_pence: Mapped[int]
    held_minutes: Mapped[int]
    skip_reason: Mapped[str | None] = mapped_column(Text())
    below_minimum_reason: Mapped[str | None] = mapped_column(Text())
    agreed_with_person: Mapped[str | None] = mapped_column(Text())
    agreed_on: Mapped[date | None]
    visits: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    exception_reason: Mapped[str | None] = mapped_column(Text())
    made_by: Mapped[UUID | None] = mapped_column(Uuid())
    made_by_label: Mapped[str] = mapped_column(String(300))
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    approved_by: Mapped[UUID | None] = mapped_column(Uuid())
    awarded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(Text())

    round: Mapped[Round] = relationship(lazy="joined")
    line: Mapped[OfferLine] = relationship()
    provider: Mapped[Provider] = relationship(lazy="joined")

    @property
    def week(self) -> str:
        """The visits that it holds, as files write them."""
        return weekly_visits_text(Visit(**visit) for visit in self.visits or ())


class AllocationProposal(Owned):
    """A provider for each package of an issue at once, to approve, edit or refuse."""

    __tablename__ = "allocation_proposal"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    issue_id: Mapped[UUID] = fk("issue.id")
    state: Mapped[BatchProposalState] = one_of(BatchProposalState, "state", default=BatchProposalState.OPEN)
    lines: Mapped[list[dict[str, object]]] = mapped_column(Json)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    made_by_label: Mapped[str] = mapped_column(String(300))
    decided_at: Mapped[datetime | None]
    decided_by_label: Mapped[str | None] = mapped_column(String(300))
    decision_note: Mapped[str | None] = mapped_column(Text())
