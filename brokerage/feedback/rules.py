"""The automatic letter to a provider that answered: its own points, and a band for the gap, nothing about others.

It never says how many were invited or answered, who they are, what they asked, or the price that would have been enough.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Outcome(StrEnum):
    """How a provider's answer ended."""

    AWARDED = "awarded"
    NOT_AWARDED = "not_awarded"
    NONE_SUITABLE = "none_suitable"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PointsLine:
    """One line of a provider's own points: name, points brought and the most it could bring."""

    name: str
    points: Fraction
    most: Fraction


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What a letter to one provider may be made from. `gap` is a band in words, None when there is none to tell."""

    reference: str
    outcome: Outcome
    changed_yes: bool
    below_quality_minimum: bool
    score: Fraction
    lines: tuple[PointsLine, ...]
    absent: tuple[str, ...]
    gap: str | None
