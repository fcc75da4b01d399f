"""Tables of issues (one act of offering), rounds, offers, what each holds, and responses."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock
from app.database import Json, Model, Owned, Retention, fk, index_where, one_of
from marketplace.batches.models import Batch
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.rounds.rules import OfferState, ResponseKind, ResponseState, RoundState, is_open_at, is_sealed
from marketplace.schemes.models import Lot, Scheme
from marketplace.vocabulary import PriceScoring, Window


class Issue(Owned):
    """One act of offering: a batch or a single package to every eligible member, at one instant, on frozen terms.

    The hash of the seed is published with the offers; the seed itself is shown once the rounds are closed, and never
    where the offer was taken back before: nothing was drawn, and with it prices that stay sealed could be guessed.
    """

    __tablename__ = "issue"
    __table_args__ = (
        Index("ix_issue_state_deadline", "state", "deadline"),
        CheckConstraint("quality_weight + price_weight = 100", name="weights_add_up"),
        CheckConstraint("state != 'withdrawn' OR ended_because IS NOT NULL", name="withdrawn_why"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    scheme_id: Mapped[UUID] = fk("scheme.id")
    lot_id: Mapped[UUID] = fk("lot.id")
    batch_id: Mapped[UUID | None] = fk("batch.id", nullable=True)
    window: Mapped[Window] = one_of(Window, "response_window")
    state: Mapped[OfferState] = one_of(OfferState, "state", default=OfferState.OPEN)
    issued_at: Mapped[datetime]
    deadline: Mapped[datetime]
    first_deadline: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(500))
    seed: Mapped[str] = mapped_column(String(64))
    seed_hash: Mapped[str] = mapped_column(String(64))
    quality_weight: Mapped[int]
    price_weight: Mapped[int]
    price_scoring: Mapped[PriceScoring] = one_of(PriceScoring, "price_scoring")
    quality_minimum: Mapped[int]
    yardstick_pence: Mapped[int | None]
    issued_by: Mapped[UUID | None] = mapped_column(Uuid())
    issued_by_label: Mapped[str] = mapped_column(String(300))

    scheme: Mapped[Scheme] = relationship()
    lot: Mapped[Lot] = relationship(lazy="joined")
    batch: Mapped[Batch | None] = relationship()
    rounds: Mapped[list[Round]] = relationship(back_populates="issue")
    offers: Mapped[list[Offer]] = relationship(back_populates="issue")

    @property
    def is_sealed(self) -> bool:
        """Whether nobody may see an answer's content: until the rounds are closed, at the deadline or after it.

        What was taken back before was never closed, so one person cannot open the answers by taking an offer back.
        """
        return self.state is not OfferState.CLOSED

    @property
    def takes_answers(self) -> bool:
        """Whether anything of it can still be answered or changed."""
        return self.state is OfferState.OPEN and is_open_at(clock.now(), self.deadline)

    @property
    def seed_shown(self) -> str | None:
        """The seed of the fair draw, once the rounds are closed; without that only its hash is shown."""
        return None if self.is_sealed else self.seed


class Round(Owned):
    """One numbered attempt to find a provider for one package, with the limits it was made under.

    `closed_at` is the deadline at which somebody had said yes: it stands here so that an index has what waits in order.
    """

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("package_id", "number"),
        index_where("uq_round_live", "package_id", condition="state IN ('open', 'closed')"),
        Index("ix_round_authority_state", "authority_id", "state", "closed_at", "issue_id", "id"),
        CheckConstraint("floor_pence > 0 AND floor_pence <= ceiling_pence", name="floor_to_ceiling"),
        CheckConstraint("state IN ('open', 'closed') OR ended_at IS NOT NULL", name="ended_when"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    authority_id: Mapped[UUID] = fk("organisation.id", index=False)
    package_id: Mapped[UUID] = fk("package.id", index=False)
    issue_id: Mapped[UUID] = fk("issue.id")
    number: Mapped[int]
    state: Mapped[RoundState] = one_of(RoundState, "state", default=RoundState.OPEN)
    floor_pence: Mapped[int]
    ceiling_pence: Mapped[int]
    area_shown: Mapped[str] = mapped_column(String(100))
    changed_since: Mapped[str | None] = mapped_column(String(500))
    closed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None] = mapped_column(String(500))

    package: Mapped[Package] = relationship(lazy="joined")
    issue: Mapped[Issue] = relationship(back_populates="rounds")

    @property
    def is_sealed(self) -> bool:
        """Whether nobody may see what was answered to this package: like its issue, or taken back before the others."""
        return is_sealed(self.issue.state, self.issue.ended_at, self.state, self.ended_at)


class Offer(Owned):
    """One batch, or one package, put to one provider. `ticket` is the provider's lot in the fair draw."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("issue_id", "provider_id"),
        Index("ix_offer_provider_issued_at", "provider_id", "issued_at"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    issue_id: Mapped[UUID] = fk("issue.id", index=False)
    provider_id: Mapped[UUID] = fk("provider.id", index=False)
    ticket: Mapped[str] = mapped_column(String(32))
    issued_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]

    issue: Mapped[Issue] = relationship(back_populates="offers", lazy="joined")
    provider: Mapped[Provider] = relationship()
    lines: Mapped[list[OfferLine]] = relationship(
        back_populates="offer", primaryjoin="foreign(OfferLine.offer_id) == Offer.id"
    )


class OfferLine(Owned):
    """One package in one offer: the unit of responses and of the response KPI.

    The largest table, written by hundreds of thousands at once, and only by `issuing`, out of the rounds and offers
    of its own transaction. So the database does not look each of them up again: no foreign keys stand here; triggers
    keep rounds and offers that have lines.
    """

    __tablename__ = "offer_line"
    __table_args__ = (UniqueConstraint("round_id", "offer_id"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    authority_id: Mapped[UUID] = mapped_column(Uuid())
    offer_id: Mapped[UUID] = mapped_column(Uuid(), index=True)
    round_id: Mapped[UUID] = mapped_column(Uuid())

    offer: Mapped[Offer] = relationship(back_populates="lines", primaryjoin="foreign(OfferLine.offer_id) == Offer.id")
    round: Mapped[Round] = relationship(lazy="joined", primaryjoin="foreign(OfferLine.round_id) == Round.id")
    response: Mapped[Response | None] = relationship(back_populates="line", uselist=False)


class Response(Owned):
    """A provider's answer about one package. The price is sealed: until the deadline only its own provider reads it."""

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'no_response') OR kind IS NOT NULL", name="sent_says_yes_or_no"),
        CheckConstraint(
            "state IN ('draft', 'no_response') OR kind != 'accept' "
            "OR (price_pence IS NOT NULL AND earliest_start IS NOT NULL)",
            name="yes_has_price_and_start",
        ),
        CheckConstraint(
            "state IN ('draft', 'no_response') OR kind != 'decline' OR decline_code IS NOT NULL", name="no_has_code"
        ),
        CheckConstraint("state IN ('draft', 'no_response') OR submitted_at IS NOT NULL", name="sent_when"),
        CheckConstraint("entered_by IS NULL OR spoken_at IS NOT NULL", name="by_phone_when"),
    )
    personal: ClassVar = frozenset({"note", "alternative_times", "other_visits", "people_nearby_text", "decline_text"})
    retention: ClassVar = Retention.MARKET_RECORD

    line_id: Mapped[UUID] = fk("offer_line.id", unique=True, index=False)
    state: Mapped[ResponseState] = one_of(ResponseState, "state", default=ResponseState.DRAFT)
    kind: Mapped[ResponseKind | None] = one_of(ResponseKind, "kind", nullable=True)
    price_pence: Mapped[int | None]
    earliest_start: Mapped[date | None]
    alternative_times: Mapped[str] = mapped_column(Text(), default="")
    other_visits: Mapped[str] = mapped_column(Text(), default="")
    assessment_visit_needed: Mapped[bool] = mapped_column(default=False)
    people_nearby_text: Mapped[str] = mapped_column(String(500), default="")
    people_nearby_count: Mapped[int | None]
    decline_code: Mapped[str | None] = mapped_column(String(40))
    decline_text: Mapped[str] = mapped_column(String(1000), default="")
    note: Mapped[str] = mapped_column(String(1000), default="")
    submitted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    answered_by_label: Mapped[str | None] = mapped_column(String(300))
    came_by: Mapped[str] = mapped_column(String(10), default="page")
    entered_by: Mapped[UUID | None] = mapped_column(Uuid())
    spoken_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)

    line: Mapped[OfferLine] = relationship(back_populates="response")

    @property
    def answer(self) -> ResponseKind | None:
        """Yes or no, by the name that the API gives it."""
        return self.kind


class Exclusion(Owned):
    """Members left out for one reason, by the sentence that says why; kept once for all packages that it holds for."""

    __tablename__ = "exclusion"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    code: Mapped[str] = mapped_column(String(40))
    providers: Mapped[dict[str, list[str]]] = mapped_column(Json)


class NotInvited(Model):
    """Who was not invited to a round: one row per reason. Written in bulk like the lines, and as these without keys."""

    __tablename__ = "not_invited"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    authority_id: Mapped[UUID] = mapped_column(Uuid())
    round_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    exclusion_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)


class OfferLink(Owned):
    """The link in one contact's email: shows one offer, and is spent by the first answer sent through it."""

    __tablename__ = "offer_link"
    __table_args__ = (UniqueConstraint("offer_id", "contact_id"),)
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    offer_id: Mapped[UUID] = fk("offer.id", index=False)
    contact_id: Mapped[UUID] = fk("provider_contact.id")
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    spent_at: Mapped[datetime | None]

    offer: Mapped[Offer] = relationship()


class DeadlineChange(Owned):
    """One extension of a deadline, told to everyone invited."""

    __tablename__ = "deadline_change"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.MARKET_RECORD

    issue_id: Mapped[UUID] = fk("issue.id")
    was: Mapped[datetime]
    becomes: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500))
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    changed_by_label: Mapped[str] = mapped_column(String(300))
