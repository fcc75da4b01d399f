"""Why this place: every figure of an answer, the deciding difference, what would have changed the order.

Also the band that a provider may know of its gap. Sentences round to two decimals, half up; what is compared is exact.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

from app.values.rounding import decimal_text
from brokerage.ranking.inputs import RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.rules import (
    PlaceList,
    RankedAnswer,
    RankingOrder,
    TieBreak,
    draw_key,
    hours_share,
    lowest_price,
    rank,
)
from brokerage.ranking.scoring import Quality, mixed_limits, mixed_price, price_score, quality_of
from marketplace.vocabulary import PriceScoring

_quality_of = lru_cache(maxsize=4096)(quality_of)
"""A provider's facts are the same in all its answers to one offer."""
GAP_BANDS: tuple[tuple[Fraction, str], ...] = ((Fraction(2), "under 2"), (Fraction(5), "2–5"))


@dataclass(frozen=True)
class ScoredAnswer:
    """One ranked answer with its exact figures, each worked out when it is asked for.

    Points sum to the score; price in pence per unit. `lowest` is the lowest price of the round, where points hang on it.
    """

    inputs: RankingInputs = field(compare=False)
    answer: RankedAnswer
    denominator: int
    lowest: Fraction

    @property
    def entry(self) -> RankingEntry:
        """The answer as it was frozen."""
        return self.answer.entry

    @property
    def score(self) -> Fraction:
        """Quality points plus price points, 0 to 100."""
        return Fraction(self.answer.quality + self.answer.price, self.denominator)

    @property
    def quality_points(self) -> Fraction:
        """What its quality brought."""
        return Fraction(self.answer.quality, self.denominator)

    @property
    def price_points(self) -> Fraction:
        """What its price brought."""
        return Fraction(self.answer.price, self.denominator)

    @cached_property
    def quality(self) -> Quality:
        """Its quality, part by part."""
        return _quality_of(self.entry.components, self.inputs.terms.deadline)

    @cached_property
    def price(self) -> Fraction:
        """Its price over the mix of the package."""
        return mixed_price(self.inputs.mix, dict(self.entry.prices))

    @property
    def price_score(self) -> Fraction:
        """Its price as a score, 0 to 100."""
        limits = mixed_limits(self.inputs.mix)
        return price_score(self.inputs.terms.price_scoring, self.price, limits, self.lowest)

    @property
    def hours_share(self) -> Fraction | None:
        """What the first tie-break looks at."""
        return hours_share(self.entry.awarded_minutes, self.entry.capacity_minutes)

    @property
    def draw(self) -> str:
        """Its place in the draw."""
        return draw_key(self.inputs.reference, self.entry.ticket, self.inputs.seed)

    @property
    def below_yardstick(self) -> bool:
        """Whether its price is below the sustainable cost."""
        yardstick = self.inputs.terms.yardstick_pence
        return yardstick is not None and self.price < yardstick

    @property
    def below_quality_minimum(self) -> bool:
        """Whether its quality is too low for a place."""
        return self.answer.place_list is PlaceList.BELOW


@dataclass(frozen=True, slots=True)
class ExplainedPlace:
    """One line of a ranking. `position` counts from 1 within its list and is None below the quality minimum.

    `tie_break` says what decided against the neighbour with the same score. `difference` is the sentence about the
    place below; `would_have_changed` what would have put this one above the place before it.
    """

    position: int | None
    place_list: PlaceList
    scored: ScoredAnswer
    tie_break: TieBreak
    difference: str
    would_have_changed: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExplainedRanking:
    """The places of one package's ranking, and what they were made from: firm, changed, below the quality minimum."""

    inputs: RankingInputs
    places: tuple[ExplainedPlace, ...]

    @property
    def firm(self) -> tuple[ExplainedPlace, ...]:
        """The firm yeses, best first."""
        return self._of(PlaceList.FIRM)

    @property
    def changed(self) -> tuple[ExplainedPlace, ...]:
        """The yeses with a changed start or times, best first."""
        return self._of(PlaceList.CHANGED)

    @property
    def below(self) -> tuple[ExplainedPlace, ...]:
        """The answers below the quality minimum."""
        return self._of(PlaceList.BELOW)

    def _of(self, place_list: PlaceList) -> tuple[ExplainedPlace, ...]:
        return tuple(place for place in self.places if place.place_list is place_list)


def explain(inputs: RankingInputs) -> ExplainedRanking:
    """The ranking of these inputs with its reasons. Raises ValueError where `rank` does."""
    (order,) = rank([inputs])
    scored = score(inputs, order)
    places = [_place(inputs, index, order.answers, scored) for index in range(len(scored))]
    return ExplainedRanking(inputs, tuple(places))


def score(inputs: RankingInputs, order: RankingOrder) -> list[ScoredAnswer]:
    """Every answer in its order with its exact figures, without a sentence."""
    lowest = lowest_price(inputs) or Fraction(0)
    return [ScoredAnswer(inputs, answer, order.denominator, lowest) for answer in order.answers]


def gap_band(winner_score: Fraction, own_score: Fraction) -> str:
    """How far behind the winner, as a provider may know it: under 2, 2–5, 5–10 (10 included) or over 10 points."""
    gap = winner_score - own_score
    for limit, name in GAP_BANDS:
        if gap < limit:
            return name
    return "5–10" if gap <= 10 else "over 10"


def _place(
    inputs: RankingInputs, index: int, answers: tuple[RankedAnswer, ...], scored: list[ScoredAnswer]
) -> ExplainedPlace:
    answer, own = answers[index], scored[index]
    is_first = index == 0 or answers[index - 1].place_list is not answer.place_list
    before = None if is_first else scored[index - 1]
    after = None if answer.ahead is None else scored[index + 1]
    is_ranked = answer.position is not None
    return ExplainedPlace(
        position=answer.position,
        place_list=answer.place_list,
        scored=own,
        tie_break=answer.tie_break,
        difference=_difference(own, after) if is_ranked else "",
        would_have_changed=_would_have_changed(before, own, inputs) if is_ranked else "",
        flags=_flags(own, inputs.terms),
    )


def _difference(own: ScoredAnswer, after: ScoredAnswer | None) -> str:
    """What put this answer above the next one in its list."""
    if after is None:
        return "There is no answer below it in this list."
    name, ahead = after.entry.name, own.score - after.score
    if ahead:
        return f"{decimal_text(ahead)} points above {name}: {_from_where(own, after)}."
    if own.hours_share == after.hours_share:
        return f"Level with {name} in score and hours; the draw decided."
    return f"Level with {name}; it was awarded fewer hours for its capacity in the last 28 days."


def _would_have_changed(before: ScoredAnswer | None, own: ScoredAnswer, inputs: RankingInputs) -> str:
    """What would have put this answer above the one before it in its list; empty for the first."""
    if before is None:
        return ""
    gap = before.score - own.score
    if gap == 0:
        return f"Any further point would have put it above {before.entry.name}."
    ways = [way for way in (_by_quality(gap, own, inputs.terms), _by_price(gap, own, inputs)) if way]
    target = f"to pass {before.entry.name}"
    if not ways:
        return f"It was {decimal_text(gap)} points behind; no change of its quality or price alone was enough {target}."
    return f"More than {decimal_text(gap)} points were needed {target}: {', or '.join(ways)}."


def _flags(scored: ScoredAnswer, terms: RankingTerms) -> tuple[str, ...]:
    """What a broker must look at before awarding this answer."""
    flags: list[str] = []
    if scored.below_yardstick and terms.yardstick_pence is not None:
        yardstick = pounds_text(Fraction(terms.yardstick_pence))
        flags.append(f"The price is below the sustainable cost of {yardstick} per {terms.unit}. Ask how it is kept.")
    if scored.quality.value is None:
        flags.append("There is no fact about quality. An award needs a reason and a second person.")
    elif scored.below_quality_minimum:
        minimum = decimal_text(terms.quality_minimum)
        flags.append(f"Quality is below the minimum of {minimum}. An award needs a reason and a second person.")
    if not scored.entry.firm:
        flags.append("The start or the times differ from what was asked. Agree them with the person first.")
    return tuple(flags)


def _from_where(own: ScoredAnswer, after: ScoredAnswer) -> str:
    parts = ((own.quality_points - after.quality_points, "quality"), (own.price_points - after.price_points, "price"))
    return " and ".join(_signed(value, noun) for value, noun in parts)


def _signed(value: Fraction, noun: str) -> str:
    if value == 0:
        return f"level on {noun}"
    return f"{decimal_text(abs(value))} {'more' if value > 0 else 'fewer'} for {noun}"


def _by_quality(gap: Fraction, own: ScoredAnswer, terms: RankingTerms) -> str:
    if terms.quality_weight == 0 or own.quality.value is None:
        return ""
    needed = own.quality.value + gap * 100 / terms.quality_weight
    return f"a quality above {decimal_text(needed)}" if needed < 100 else ""


def _by_price(gap: Fraction, own: ScoredAnswer, inputs: RankingInputs) -> str:
    """Only band scoring can say so: under relative scoring the price needed depends on what everybody else asked."""
    terms, limits = inputs.terms, mixed_limits(inputs.mix)
    if terms.price_scoring is not PriceScoring.BAND or terms.price_weight == 0:
        return ""
    needed = own.price - gap * (limits.ceiling - limits.floor) / terms.price_weight
    return f"a price below {pounds_text(needed)} per {terms.unit}" if needed > limits.floor else ""


def pounds_text(pence: Fraction) -> str:
    """A price as people read it, to the penny, half up."""
    return f"£{decimal_text(pence / 100)}"
