"""What a provider may read of an offer: the values that the API gives and that pages and links show, made from the rows.

The person, the postcode, other providers, the number of the round and how it ended are not here, so neither a template
nor the API can leak them.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from app import clock
from app.api.shell import Given
from marketplace.packages.visits import Visit
from marketplace.rounds.models import Offer, OfferLine
from marketplace.rounds.rules import SENT, OfferState, ResponseKind, ResponseState, RoundState, is_open_at
from marketplace.vocabulary import CarerGender

MUST_HAVE_GENDER = {
    CarerGender.ANY: "",
    CarerGender.FEMALE: "Female carers only",
    CarerGender.MALE: "Male carers only",
}


class ShownState(StrEnum):
    """Where a package of an offer stands, as far as its provider may know: how a round ended tells what rivals said."""

    OPEN = "open"
    OVER = "over"
    WITHDRAWN = "withdrawn"
    AWARDED_TO_YOU = "awarded_to_you"


SHOWN_SENTENCES: dict[ShownState, str] = {
    ShownState.OPEN: "You can answer until the deadline.",
    ShownState.OVER: "Nothing can be answered any more.",
    ShownState.WITHDRAWN: "The package was withdrawn.",
    ShownState.AWARDED_TO_YOU: "The package was awarded to you.",
}


class AnswerOut(Given):
    """Where the provider's own answer to one package stands."""

    state: ResponseState
    answer: ResponseKind | None
    price_pence: int | None
    earliest_start: date | None
    alternative_times: str
    other_visits: str
    assessment_visit_needed: bool
    people_nearby_text: str
    people_nearby_count: int | None
    decline_code: str | None
    decline_text: str
    note: str
    submitted_at: datetime | None
    version: int


class OfferedPackageOut(Given):
    """One package as a provider sees it before an award. `state` says nothing of what others answered.

    Limits are pence per unit, `weekly_minutes` carers' time. The id of the line is for the addresses of pages alone.
    """

    line_id: Annotated[SkipJsonSchema[UUID], Field(exclude=True)]
    reference: str
    area: str
    pen_picture: str
    visits: tuple[Visit, ...]
    weekly_minutes: int
    wanted_start: date
    first_wanted_start: date | None
    must_haves: tuple[str, ...]
    language: str
    floor_pence: int
    ceiling_pence: int
    state: ShownState
    response: AnswerOut | None

    @property
    def is_answered(self) -> bool:
        """Whether an answer was sent and stands."""
        return self.response is not None and self.response.state in SENT

    @property
    def tasks(self) -> list[tuple[str, str]]:
        """The visits that say what is to be done, and what."""
        return [(visit.text, visit.tasks) for visit in self.visits if visit.tasks]


class OfferOut(Given):
    """One offer with the terms frozen with it. The seed of the draw is null until the rounds are closed; if taken back,
    for ever.
    """

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

    @property
    def is_open(self) -> bool:
        """Whether anything can still be answered or changed."""
        waiting = self.state is OfferState.OPEN and is_open_at(clock.now(), self.deadline)
        return waiting and any(package.state is ShownState.OPEN for package in self.packages)


class OfferRowOut(Given):
    """One line of a provider's list of offers. The hours stand on the page alone."""

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
    weekly_minutes: Annotated[SkipJsonSchema[int], Field(exclude=True)]


def offer_sheet(offer: Offer) -> OfferOut:
    """The sheet of an offer whose rows a query has loaded."""
    issue = offer.issue
    return OfferOut(
        id=offer.id,
        reference=offer.reference,
        provider=offer.provider.name,
        scheme=issue.scheme.name,
        lot=issue.lot.name,
        unit=issue.lot.unit.value,
        state=issue.state,
        issued_at=offer.issued_at,
        deadline=issue.deadline,
        quality_weight=issue.quality_weight,
        price_weight=issue.price_weight,
        price_scoring=issue.price_scoring.value,
        seed_hash=issue.seed_hash,
        seed=issue.seed_shown,
        ticket=offer.ticket,
        packages=sorted(map(package_sheet, offer.lines), key=lambda sheet: (sheet.wanted_start, sheet.reference)),
    )


def package_sheet(line: OfferLine) -> OfferedPackageOut:
    """The sheet of one package."""
    package, round_ = line.round.package, line.round
    gender = MUST_HAVE_GENDER[package.carer_gender]
    return OfferedPackageOut(
        line_id=line.id,
        reference=package.reference,
        area=round_.area_shown,
        pen_picture=package.pen_picture,
        visits=tuple(visit.value for visit in package.visits),
        weekly_minutes=package.weekly_minutes,
        wanted_start=package.planned_start,
        first_wanted_start=package.first_wanted_start,
        must_haves=tuple(filter(None, (gender, *(skill.skill for skill in package.skills)))),
        language=package.language or "",
        floor_pence=round_.floor_pence,
        ceiling_pence=round_.ceiling_pence,
        state=_shown_state(line),
        response=line.response and AnswerOut.model_validate(line.response),
    )


def _shown_state(line: OfferLine) -> ShownState:
    """The state of the round, without what it tells about the answers of others."""
    state, issue = line.round.state, line.offer.issue
    if state is RoundState.WITHDRAWN:
        return ShownState.WITHDRAWN
    if state is RoundState.OPEN and is_open_at(clock.now(), issue.deadline):
        return ShownState.OPEN
    won = line.response is not None and line.response.state is ResponseState.AWARDED
    return ShownState.AWARDED_TO_YOU if won else ShownState.OVER
