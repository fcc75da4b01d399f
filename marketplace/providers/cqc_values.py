"""What a file of the regulator says of one location, as plain values that can wait in a held run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from marketplace.providers.ratings import KEY_QUESTIONS, AssessmentStyle, PublishedRating
from marketplace.schemes.rules import Rating

QUESTION_COLUMNS = tuple(name.casefold().replace("-", "_") for name in KEY_QUESTIONS)


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

    def as_json(self) -> dict[str, Any]:
        """The rating as a held run keeps it."""
        return {
            "overall": self.overall.value,
            "published_on": self.published_on.isoformat(),
            "style": self.style.value,
            "questions": {name: rating.value for name, rating in self.questions.items()},
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> StatedRating:
        """The rating that a held run kept."""
        questions = {name: Rating(value) for name, value in kept["questions"].items()}
        style = AssessmentStyle(kept["style"])
        return cls(Rating(kept["overall"]), date.fromisoformat(kept["published_on"]), style, questions)


@dataclass(frozen=True, slots=True)
class StatedLocation:
    """One location of a file: what was published, and whether it is still registered."""

    location_id: str
    ratings: tuple[StatedRating, ...] = ()
    registered: bool = True

    def as_json(self) -> dict[str, object]:
        """The location as a held run keeps it."""
        return {
            "location_id": self.location_id,
            "ratings": [rating.as_json() for rating in self.ratings],
            "registered": self.registered,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> StatedLocation:
        """The location that a held run kept."""
        ratings = tuple(StatedRating.from_json(rating) for rating in kept["ratings"])
        return cls(str(kept["location_id"]), ratings, bool(kept["registered"]))


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
