"""What a file of the regulator says of one location, as plain values that can wait in a held run."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from pydantic import TypeAdapter

from marketplace.providers.ratings import SCALE, AssessmentStyle, PublishedRating, position
from marketplace.vocabulary import Rating


class Layout(StrEnum):
    """Which of the public layouts a file has."""

    DIRECTORY = "weekly directory"
    FILTERS = "monthly directory with filters"
    RATINGS = "monthly ratings"
    API = "API answer"


@dataclass(frozen=True, slots=True)
class StatedRating:
    """One published rating with its key questions, by column name."""

    overall: Rating
    published_on: date
    style: AssessmentStyle = AssessmentStyle.OLD
    questions: Mapping[str, Rating] = field(default_factory=dict)

    @property
    def published(self) -> PublishedRating:
        """The rating as the rules weigh it."""
        return PublishedRating(self.overall, self.published_on, self.style)


@dataclass(frozen=True, slots=True)
class StatedLocation:
    """One location of a file: what was published, and whether it is still registered."""

    location_id: str
    ratings: tuple[StatedRating, ...] = ()
    registered: bool = True


def is_home_care(service: str) -> bool:
    """Whether a service of a location, as the CQC names it, is care at home."""
    return bool(re.search(r"home\s*-?care|domiciliary", service, re.IGNORECASE))


def rating_of_services(services: Iterable[tuple[str, StatedRating]]) -> StatedRating | None:
    """The rating of several services that all hold now: the worst of home care, or of all where none is named so.

    The gate protects people, so the worst counts; it stands from the day of the newest. A rating wins over none.
    """
    named = list(services)
    ratings = [rating for service, rating in named if is_home_care(service)] or [rating for _, rating in named]
    if not ratings:
        return None
    worst = min(ratings, key=lambda rating: _severity(rating.overall))
    return replace(worst, published_on=max(rating.published_on for rating in ratings))


def _severity(rating: Rating) -> int:
    place = position(rating)
    return len(SCALE) if place is None else place


def merged(locations: Iterable[StatedLocation]) -> tuple[StatedLocation, ...]:
    """Each location once. One that a file names twice keeps every rating, so that its newest counts and not its last."""
    found: dict[str, StatedLocation] = {}
    for one in locations:
        before = found.get(one.location_id)
        found[one.location_id] = _both(before, one) if before else one
    return tuple(found.values())


def _both(one: StatedLocation, other: StatedLocation) -> StatedLocation:
    """Of two ratings of one day the worse counts."""
    ratings: dict[tuple[date, AssessmentStyle], StatedRating] = {}
    for rating in sorted((*one.ratings, *other.ratings), key=lambda rating: -_severity(rating.overall)):
        ratings[rating.published_on, rating.style] = rating
    return replace(one, ratings=tuple(ratings.values()), registered=one.registered or other.registered)


KEPT = TypeAdapter(StatedLocation)
"""Turns a location into what a held run keeps, and back."""


@dataclass(frozen=True, slots=True)
class CqcFile:
    """What a file says. `lists_all` when a location that it leaves out is no longer registered."""

    layout: Layout
    locations: tuple[StatedLocation, ...]
    told: Mapping[str, object] = field(default_factory=dict)

    @property
    def lists_all(self) -> bool:
        """Whether the layout is meant to hold every active location."""
        return self.layout in {Layout.DIRECTORY, Layout.FILTERS}

    @property
    def states_ratings(self) -> bool:
        """Whether the layout has ratings at all."""
        return self.layout is not Layout.DIRECTORY
