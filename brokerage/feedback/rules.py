"""The automatic letter to a provider that answered: its own points, and a band for the gap, nothing about others.

It never says how many were invited or answered, who they are, what they asked, or the price that would have been enough.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from brokerage.ranking.explanations import ScoredAnswer, gap_band
from brokerage.ranking.inputs import RankingTerms
from brokerage.ranking.scoring import COMPONENT_NAMES


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


def letter_facts(
    reference: str, scored: ScoredAnswer, terms: RankingTerms, outcome: Outcome, awarded_score: Fraction | None
) -> LetterFacts:
    """The facts for one provider. `awarded_score` is that of the provider awarded the package, None when nobody was.

    This is the one door between a ranking, which knows every rival, and a letter, which may know none: the score of the
    provider that was awarded the package leaves it only as a band.
    """
    behind = awarded_score if outcome is Outcome.NOT_AWARDED else None
    return LetterFacts(
        reference=reference,
        outcome=outcome,
        changed_yes=not scored.entry.firm,
        below_quality_minimum=scored.below_quality_minimum,
        score=scored.score,
        lines=own_points(scored, terms),
        absent=tuple(COMPONENT_NAMES[part.kind] for part in scored.quality.absent),
        gap=None if behind is None else gap_band(behind, scored.score),
    )


def own_points(scored: ScoredAnswer, terms: RankingTerms) -> tuple[PointsLine, ...]:
    """A provider's own points by component and for price, with the most each could bring; they sum to its score."""
    weight = Fraction(terms.quality_weight)
    quality = tuple(
        PointsLine(COMPONENT_NAMES[part.component.kind], part.points * weight / 100, part.share * weight)
        for part in scored.quality.counted
    )
    return (*quality, PointsLine("Price", scored.price_points, Fraction(terms.price_weight)))
