"""Why this place: the deciding difference, what would have changed the order, and the bands a provider may see.

Sentences round to two decimals, half up; every comparison uses the exact value.
"""

from fractions import Fraction

from app.values.rounding import decimal_text
from brokerage.ranking.facts import RankingInputs, RankingTerms, Scored, TieBreak
from brokerage.ranking.price import PriceScoring, mixed_limits

GAP_BANDS: tuple[tuple[Fraction, str], ...] = ((Fraction(2), "under 2"), (Fraction(5), "2–5"))


def gap_band(winner_score: Fraction, own_score: Fraction) -> str:
    """How far behind the winner, as a provider may know it: under 2, 2–5, 5–10 (10 included) or over 10 points."""
    gap = winner_score - own_score
    for limit, name in GAP_BANDS:
        if gap < limit:
            return name
    return "5–10" if gap <= 10 else "over 10"


def tie_break_between(one: Scored, other: Scored) -> TieBreak:
    """What decides between two answers besides their scores."""
    if one.score != other.score:
        return TieBreak.NONE
    return TieBreak.DRAW if one.hours_share == other.hours_share else TieBreak.HOURS


def difference_sentence(one: Scored, after: Scored | None) -> str:
    """What put this answer above the next one in its list."""
    if after is None:
        return "There is no answer below it in this list."
    used = tie_break_between(one, after)
    if used is TieBreak.HOURS:
        return f"Level with {after.entry.name}; it was awarded fewer hours for its capacity in the last 28 days."
    if used is TieBreak.DRAW:
        return f"Level with {after.entry.name} in score and hours; the draw decided."
    return f"{decimal_text(one.score - after.score)} points above {after.entry.name}: {_from_where(one, after)}."


def would_have_changed(before: Scored | None, one: Scored, inputs: RankingInputs) -> str:
    """What would have put this answer above the one before it in its list; empty for the first."""
    if before is None:
        return ""
    gap = before.score - one.score
    if gap == 0:
        return f"Any further point would have put it above {before.entry.name}."
    ways = [way for way in (_by_quality(gap, one, inputs.terms), _by_price(gap, one, inputs)) if way]
    target = f"to pass {before.entry.name}"
    if not ways:
        return f"It was {decimal_text(gap)} points behind; no change of its quality or price alone was enough {target}."
    return f"More than {decimal_text(gap)} points were needed {target}: {', or '.join(ways)}."


def flags_of(scored: Scored, terms: RankingTerms) -> tuple[str, ...]:
    """What a broker must look at before awarding this answer."""
    flags: list[str] = []
    if scored.below_yardstick and terms.yardstick_pence is not None:
        yardstick = _pounds(Fraction(terms.yardstick_pence))
        flags.append(f"The price is below the sustainable cost of {yardstick} per {terms.unit}. Ask how it is kept.")
    if scored.quality.value is None:
        flags.append("There is no fact about quality. An award needs a reason and a second person.")
    elif scored.below_quality_minimum:
        minimum = decimal_text(terms.quality_minimum)
        flags.append(f"Quality is below the minimum of {minimum}. An award needs a reason and a second person.")
    if not scored.entry.firm:
        flags.append("The start or the times differ from what was asked. Agree them with the person first.")
    return tuple(flags)


def _from_where(one: Scored, after: Scored) -> str:
    parts = ((one.quality_points - after.quality_points, "quality"), (one.price_points - after.price_points, "price"))
    return " and ".join(_signed(value, noun) for value, noun in parts)


def _signed(value: Fraction, noun: str) -> str:
    if value == 0:
        return f"level on {noun}"
    return f"{decimal_text(abs(value))} {'more' if value > 0 else 'fewer'} for {noun}"


def _by_quality(gap: Fraction, one: Scored, terms: RankingTerms) -> str:
    if terms.quality_weight == 0 or one.quality.value is None:
        return ""
    needed = one.quality.value + gap * 100 / terms.quality_weight
    return f"a quality above {decimal_text(needed)}" if needed < 100 else ""


def _by_price(gap: Fraction, one: Scored, inputs: RankingInputs) -> str:
    """Only band scoring can say so: under relative scoring the price needed depends on what everybody else asked."""
    terms, limits = inputs.terms, mixed_limits(inputs.mix)
    if terms.price_scoring is not PriceScoring.BAND or terms.price_weight == 0:
        return ""
    needed = one.price - gap * (limits.ceiling - limits.floor) / terms.price_weight
    return f"a price below {_pounds(needed)} per {terms.unit}" if needed > limits.floor else ""


def _pounds(pence: Fraction) -> str:
    return f"£{decimal_text(pence / 100)}"
