"""From a place in a ranking to the facts of a provider's letter.

This is the one door between a ranking, which knows every rival, and a letter, which may know none: the score of the
provider that was awarded the package leaves it only as a band.
"""

from fractions import Fraction

from brokerage.feedback.rules import LetterFacts, Outcome, PointsLine
from brokerage.ranking.explain import gap_band
from brokerage.ranking.facts import Place, RankingTerms
from brokerage.ranking.quality import COMPONENT_NAMES


def letter_facts(
    reference: str, place: Place, terms: RankingTerms, outcome: Outcome, awarded_score: Fraction | None
) -> LetterFacts:
    """The facts for one provider. `awarded_score` is that of the provider awarded the package, None when nobody was."""
    scored = place.scored
    behind = awarded_score if outcome is Outcome.NOT_AWARDED else None
    return LetterFacts(
        reference=reference,
        outcome=outcome,
        changed_yes=not scored.entry.firm,
        below_quality_minimum=scored.below_quality_minimum,
        score=scored.score,
        lines=own_points(place, terms),
        absent=tuple(COMPONENT_NAMES[one.kind] for one in scored.quality.absent),
        gap=None if behind is None else gap_band(behind, scored.score),
    )


def own_points(place: Place, terms: RankingTerms) -> tuple[PointsLine, ...]:
    """A provider's own points by component and for price, with the most each could bring; they sum to its score."""
    weight = Fraction(terms.quality_weight)
    quality = tuple(
        PointsLine(COMPONENT_NAMES[one.component.kind], one.points * weight / 100, one.share * weight)
        for one in place.scored.quality.counted
    )
    return (*quality, PointsLine("Price", place.scored.price_points, Fraction(terms.price_weight)))
