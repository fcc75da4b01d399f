"""What a file of the regulator says of one location, as plain values that can wait in a held run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from pydantic import TypeAdapter

from marketplace.providers.ratings import AssessmentStyle, PublishedRating
from marketplace.vocabulary import Rating


class Layout(StrEnum):
    """Which of the public layouts a file has."""

    DIRECTORY = "weekly directory"
    FILTERS = "monthly directory with filters"
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


KEPT = TypeAdapter(StatedLocation)
"""Turns a location into what a held run keeps, and back."""


@dataclass(frozen=True, slots=True)
class CqcFile:
    """What a file says. `lists_all` when a location that it leaves out is no longer registered."""

    layout: Layout
    locations: tuple[StatedLocation, ...]

    @property
    def lists_all(self) -> bool:
        """Whether the layout is meant to hold every active location."""
        return self.layout is not Layout.API

    @property
    def states_ratings(self) -> bool:
        """Whether the layout has ratings at all."""
        return self.layout is not Layout.DIRECTORY
