"""What a provider may read of an offer, as plain values made from the rows; pages, links and the API show only these.

The person, the postcode, other providers, the number of the round and how it ended are not here, so no template can
leak them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app import clock
from marketplace.packages.visits import Visit
from marketplace.rounds.models import Offer, OfferLine, Response
from marketplace.rounds.rules import OfferState, ResponseState, RoundState, is_open_at
from marketplace.vocabulary import CarerGender

MUST_HAVE_GENDER = {
    CarerGender.ANY: "",
    CarerGender.FEMALE: "Female carers only",
    CarerGender.MALE: "Male carers only",
}
SENT = frozenset(ResponseState) - {ResponseState.DRAFT, ResponseState.WITHDRAWN, ResponseState.NO_RESPONSE}


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


@dataclass(frozen=True, slots=True)
class PackageSheet:
    """One package as a provider sees it before an award. Limits in pence per unit, `weekly_minutes` of carers' time."""

    line_id: UUID
    reference: str
    area: str
    pen_picture: str
    visits: tuple[Visit, ...]
    weekly_minutes: int
    wanted_start: date
    must_haves: tuple[str, ...]
    language: str
    floor_pence: int
    ceiling_pence: int
    state: ShownState
    response: Response | None

    @property
    def is_answered(self) -> bool:
        """Whether an answer was sent and stands."""
        return self.response is not None and self.response.state in SENT

    @property
    def tasks(self) -> tuple[tuple[str, str], ...]:
        """The visits that say what is to be done, and what."""
        return tuple((visit.text, visit.tasks) for visit in self.visits if visit.tasks)


@dataclass(frozen=True, slots=True)
class OfferSheet:
    """One offer as its provider sees it: the packages in it, the deadline, and the terms frozen with it."""

    offer_id: UUID
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
    seed: str
    ticket: str
    packages: tuple[PackageSheet, ...]

    @property
    def is_open(self) -> bool:
        """Whether anything can still be answered or changed."""
        waiting = self.state is OfferState.OPEN and is_open_at(clock.now(), self.deadline)
        return waiting and any(package.state is ShownState.OPEN for package in self.packages)


def offer_sheet(offer: Offer) -> OfferSheet:
    """The sheet of an offer whose rows a query has loaded. The seed is empty until the rounds are closed."""
    issue = offer.issue
    return OfferSheet(
        offer_id=offer.id,
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
        seed=issue.seed_shown or "",
        ticket=offer.ticket,
        packages=_package_sheets(offer.lines),
    )


def package_sheet(line: OfferLine) -> PackageSheet:
    """The sheet of one package."""
    package, round_ = line.round.package, line.round
    gender = MUST_HAVE_GENDER[package.carer_gender]
    return PackageSheet(
        line_id=line.id,
        reference=package.reference,
        area=round_.area_shown,
        pen_picture=package.pen_picture,
        visits=tuple(visit.value for visit in package.visits),
        weekly_minutes=package.weekly_minutes,
        wanted_start=package.planned_start,
        must_haves=tuple(filter(None, (gender, *(skill.skill for skill in package.skills)))),
        language=package.language or "",
        floor_pence=round_.floor_pence,
        ceiling_pence=round_.ceiling_pence,
        state=_shown_state(line),
        response=line.response,
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


def _package_sheets(lines: Sequence[OfferLine]) -> tuple[PackageSheet, ...]:
    """The earliest start first."""
    sheets = (package_sheet(line) for line in lines)
    return tuple(sorted(sheets, key=lambda sheet: (sheet.wanted_start, sheet.reference)))
