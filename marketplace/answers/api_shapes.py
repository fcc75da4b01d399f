"""What a provider sends about offers over the API, and what it gets; only the fields named here leave."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.api.shell import Given, ListOut, PageQuery, Sent, Version
from marketplace.answers.sheets import ShownState
from marketplace.rounds.rules import OfferState, ResponseKind, ResponseState

Text = Annotated[str, Field(max_length=2000)]


class AnswerIn(Sent):
    """An answer to one package, named by its reference; without a name, and sent alone, to every open package."""

    package: str | None = None
    answer: Literal["accept", "decline"] | None = None
    price_pence: Annotated[int, Field(strict=True, ge=0, le=100_000_00)] | None = None
    earliest_start: date | None = None
    alternative_times: Text = ""
    assessment_visit_needed: bool = False
    people_nearby_text: Text = ""
    people_nearby_count: int | None = None
    decline_code: Annotated[str, Field(max_length=40)] = ""
    decline_text: Text = ""
    note: Text = ""
    version: Version | None = None


class ResponseIn(Sent):
    """Answers to one offer: kept as drafts, or sent with `submit`. All are taken or none; each package once."""

    submit: bool
    answers: Annotated[list[AnswerIn], Field(min_length=1, max_length=200)]


class WithdrawAnswerIn(Sent):
    """The package whose answer is taken back, by its reference."""

    package: str


class OffersQuery(PageQuery):
    """Which offers: those still open, or those that are over."""

    open: bool = True


class AnswerOut(Given):
    """Where the provider's own answer to one package stands."""

    state: ResponseState
    answer: ResponseKind | None
    price_pence: int | None
    earliest_start: date | None
    alternative_times: str
    assessment_visit_needed: bool
    people_nearby_text: str
    people_nearby_count: int | None
    decline_code: str | None
    decline_text: str
    note: str
    submitted_at: datetime | None
    version: int


class OfferedVisitOut(Given):
    """One visit of the week: weekday 0 is Monday, the window in minutes of the day."""

    weekday: int
    window_start: int
    window_end: int
    minutes: int
    carers: int
    time_critical: bool
    tasks: str


class OfferedPackageOut(Given):
    """One package of an offer. Floor and ceiling are per unit. `state` says nothing of what others answered."""

    reference: str
    area: str
    pen_picture: str
    visits: list[OfferedVisitOut]
    weekly_minutes: int
    wanted_start: date
    must_haves: list[str]
    language: str
    floor_pence: int
    ceiling_pence: int
    state: ShownState
    response: AnswerOut | None


class OfferOut(Given):
    """One offer with its terms. The seed of the draw is null until the rounds are closed; if taken back, for ever."""

    id: UUID
    reference: str
    provider: str
    scheme: str
    lot: str
    unit: str
    state: OfferState
    issued_at: datetime
    deadline: datetime
    quality_weight: int
    price_weight: int
    price_scoring: str
    seed_hash: str
    seed: str | None
    ticket: str
    packages: list[OfferedPackageOut]


class OfferRowOut(Given):
    """One line of the list."""

    id: UUID
    reference: str
    provider: str
    lot: str
    state: OfferState
    issued_at: datetime
    deadline: datetime
    packages: int
    answered: int
    awarded: int


class OffersOut(ListOut):
    """A page of offers."""

    items: list[OfferRowOut]
