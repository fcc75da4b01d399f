"""What goes into a ranking and what comes out of it, as frozen values.

Inputs are complete: with them the ranking can be made again years later (see `replay`). A `Place` holds everything a
page shows about one answer.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from brokerage.ranking.price import MixLine, PriceScoring
from brokerage.ranking.quality import Component, Quality


class TieBreak(StrEnum):
    """What decided between a place and the one above or below with the same score."""

    NONE = "none"
    HOURS = "hours"
    DRAW = "draw"


class PlaceList(StrEnum):
    """Which of the three lists a place is in."""

    FIRM = "firm"
    CHANGED = "changed"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class RankingTerms:
    """The policy frozen with the round. Weights sum to 100; yardstick in pence per unit, None when there is none."""

    quality_weight: int
    price_weight: int
    price_scoring: PriceScoring
    quality_minimum: Fraction
    deadline: datetime
    unit: str = "hour"
    yardstick_pence: int | None = None


@dataclass(frozen=True, slots=True)
class RankingEntry:
    """One accepting answer. `member` is its key; `prices` are (band, pence per unit).

    `awarded_minutes` are those of the last 28 days and `capacity_minutes` the declared capacity a week, both frozen
    at the deadline for the whole round.
    """

    member: str
    name: str
    ticket: str
    firm: bool
    prices: tuple[tuple[str, int], ...]
    components: tuple[Component, ...]
    awarded_minutes: int
    capacity_minutes: int | None


@dataclass(frozen=True, slots=True)
class RankingInputs:
    """Everything that decides a ranking of one package."""

    reference: str
    seed: str
    terms: RankingTerms
    mix: tuple[MixLine, ...]
    entries: tuple[RankingEntry, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """One answer with its exact figures. Points sum to the score; price in pence per unit."""

    entry: RankingEntry
    quality: Quality
    quality_points: Fraction
    price: Fraction
    price_score: Fraction
    price_points: Fraction
    hours_share: Fraction | None
    draw: str
    below_yardstick: bool
    below_quality_minimum: bool

    @property
    def score(self) -> Fraction:
        """Quality points plus price points, 0 to 100."""
        return self.quality_points + self.price_points


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a ranking. `position` counts from 1 within its list and is None below the quality minimum.

    `tie_break` says what decided against the neighbour with the same score. `difference` is the sentence about the
    place below; `would_have_changed` what would have put this one above the place before it.
    """

    position: int | None
    place_list: PlaceList
    scored: Scored
    tie_break: TieBreak
    difference: str
    would_have_changed: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The three lists of one package's ranking, and the digest of the inputs they were made from."""

    reference: str
    firm: tuple[Place, ...]
    changed: tuple[Place, ...]
    below: tuple[Place, ...]
    digest: str

    @property
    def places(self) -> tuple[Place, ...]:
        """All places: firm, then changed, then below the quality minimum."""
        return self.firm + self.changed + self.below
