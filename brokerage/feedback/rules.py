"""The automatic letter to a provider that answered: its own points, and a band for the gap, nothing about others.

It never says how many were invited or answered, who they are, what they asked, or the price that would have been enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from app.values.rounding import decimal_text
from brokerage.ranking.explanations import ScoredAnswer, gap_band
from brokerage.ranking.inputs import RankingTerms
from brokerage.ranking.scoring import COMPONENT_NAMES


class Outcome(StrEnum):
    """How a provider's answer ended."""

    AWARDED = "awarded"
    NOT_AWARDED = "not_awarded"
    NONE_SUITABLE = "none_suitable"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class PointsLine:
    """One line of a provider's own points: name, points brought and the most it could bring."""

    name: str
    points: Fraction
    most: Fraction

    @cached_property
    def figures(self) -> Mapping[str, str]:
        """As people read them; worked out once for all letters that have the line in common."""
        return {"name": self.name, "points": decimal_text(self.points), "most": decimal_text(self.most)}


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


class LetterWriter:
    """The facts of many letters: what hangs on a provider's quality is worked out once for all of its answers.

    This is the one door between rankings, which know every rival, and letters, which may know none: the score of the
    provider that was awarded a package leaves it only as a band.
    """

    def __init__(self) -> None:
        self._by_facts: dict[tuple[int, int], _OwnQuality] = {}

    def facts(
        self, reference: str, scored: ScoredAnswer, terms: RankingTerms, outcome: Outcome, best: Fraction | None
    ) -> LetterFacts:
        """The facts for one provider. `best` is the score of the one awarded the package, None when nobody was."""
        own, score = self._own_quality(scored, terms), scored.score
        return LetterFacts(
            reference=reference,
            outcome=outcome,
            changed_yes=not scored.entry.firm,
            below_quality_minimum=scored.below_quality_minimum,
            score=score,
            lines=(*own.lines, PointsLine("Price", scored.price_points, Fraction(terms.price_weight))),
            absent=own.absent,
            gap=gap_band(best, score) if outcome is Outcome.NOT_AWARDED and best is not None else None,
        )

    def _own_quality(self, scored: ScoredAnswer, terms: RankingTerms) -> _OwnQuality:
        key = id(scored.entry.components), id(terms)
        if key not in self._by_facts:
            self._by_facts[key] = _own_quality(scored, terms)
        return self._by_facts[key]


class _OwnQuality(NamedTuple):
    """A provider's own points for quality by component, with the most each could bring, and what is absent.

    What they were made from is held, so that its identity stays its own.
    """

    lines: tuple[PointsLine, ...]
    absent: tuple[str, ...]
    held: tuple[object, ...]


def _own_quality(scored: ScoredAnswer, terms: RankingTerms) -> _OwnQuality:
    weight, quality = Fraction(terms.quality_weight), scored.quality
    lines = [
        PointsLine(COMPONENT_NAMES[part.component.kind], part.points * weight / 100, part.share * weight)
        for part in quality.counted
    ]
    absent = [COMPONENT_NAMES[part.kind] for part in quality.absent]
    return _OwnQuality(tuple(lines), tuple(absent), (scored, terms))
