"""Ranking the yeses of a closed round: quality and price as weighted, exactly, with ties settled in the open.

Firm yeses are ranked; yeses with a changed start or times follow in a list of their own; answers below the quality
minimum are shown below the line, unranked. Nothing here depends on names, ids or the order in which answers came in.
"""

from collections.abc import Sequence
from fractions import Fraction

from brokerage.ranking.draw import draw_key
from brokerage.ranking.explain import difference_sentence, flags_of, tie_break_between, would_have_changed
from brokerage.ranking.facts import (
    Place,
    PlaceList,
    Ranking,
    RankingEntry,
    RankingInputs,
    RankingTerms,
    Scored,
    TieBreak,
)
from brokerage.ranking.price import MixedLimits, mixed_limits, mixed_price, price_score
from brokerage.ranking.quality import quality_of
from brokerage.ranking.replay import digest


def rank(inputs: RankingInputs) -> Ranking:
    """The ranking of these inputs. Raises ValueError when weights do not sum to 100 or a ticket comes twice."""
    if reason := reason_against_inputs(inputs):
        raise ValueError(reason)
    scored = sorted(score_entries(inputs), key=order_key)
    above = [one for one in scored if not one.below_quality_minimum]
    below = [one for one in scored if one.below_quality_minimum]
    return Ranking(
        reference=inputs.reference,
        firm=_places([one for one in above if one.entry.firm], PlaceList.FIRM, inputs),
        changed=_places([one for one in above if not one.entry.firm], PlaceList.CHANGED, inputs),
        below=_places(below, PlaceList.BELOW, inputs),
        digest=digest(inputs),
    )


def score_entries(inputs: RankingInputs) -> list[Scored]:
    """Every answer with its exact figures, in the order given. The lowest price is that of all accepting answers."""
    prices = [mixed_price(inputs.mix, dict(entry.prices)) for entry in inputs.entries]
    limits = mixed_limits(inputs.mix)
    lowest = min(prices, default=Fraction(0))
    return [_scored(inputs, entry, price, limits, lowest) for entry, price in zip(inputs.entries, prices, strict=True)]


def order_key(scored: Scored) -> tuple[Fraction, bool, Fraction, str]:
    """Highest score first; then fewest hours awarded for the capacity, no capacity last; then the draw."""
    share = scored.hours_share
    return -scored.score, share is None, share if share is not None else Fraction(0), scored.draw


def hours_share(awarded_minutes: int, capacity_minutes: int | None) -> Fraction | None:
    """Hours awarded in the last 28 days in proportion to declared capacity; None when that is zero or blank."""
    return Fraction(awarded_minutes, capacity_minutes) if capacity_minutes else None


def _scored(
    inputs: RankingInputs, entry: RankingEntry, price: Fraction, limits: MixedLimits, lowest: Fraction
) -> Scored:
    terms = inputs.terms
    quality = quality_of(entry.components, terms.deadline)
    points = price_score(terms.price_scoring, price, limits, lowest)
    return Scored(
        entry=entry,
        quality=quality,
        quality_points=(quality.value or Fraction(0)) * terms.quality_weight / 100,
        price=price,
        price_score=points,
        price_points=points * terms.price_weight / 100,
        hours_share=hours_share(entry.awarded_minutes, entry.capacity_minutes),
        draw=draw_key(inputs.reference, entry.ticket, inputs.seed),
        below_yardstick=terms.yardstick_pence is not None and price < terms.yardstick_pence,
        below_quality_minimum=quality.value is None or quality.value < terms.quality_minimum,
    )


def _places(ordered: Sequence[Scored], place_list: PlaceList, inputs: RankingInputs) -> tuple[Place, ...]:
    return tuple(_place(ordered, index, place_list, inputs) for index in range(len(ordered)))


def _place(ordered: Sequence[Scored], index: int, place_list: PlaceList, inputs: RankingInputs) -> Place:
    one = ordered[index]
    before = ordered[index - 1] if index else None
    after = ordered[index + 1] if index + 1 < len(ordered) else None
    ranked = place_list is not PlaceList.BELOW
    return Place(
        position=index + 1 if ranked else None,
        place_list=place_list,
        scored=one,
        tie_break=_tie_break(before, one, after),
        difference=difference_sentence(one, after) if ranked else "",
        would_have_changed=would_have_changed(before, one, inputs) if ranked else "",
        flags=flags_of(one, inputs.terms),
    )


def _tie_break(before: Scored | None, one: Scored, after: Scored | None) -> TieBreak:
    """The draw outranks the hours: it is the last thing that decided on either side of the place."""
    used = {tie_break_between(one, other) for other in (before, after) if other is not None}
    for kind in (TieBreak.DRAW, TieBreak.HOURS):
        if kind in used:
            return kind
    return TieBreak.NONE


def reason_against_inputs(inputs: RankingInputs) -> str | None:
    """Why these inputs cannot be ranked: their weights, or a ticket that comes twice; None when they can."""
    tickets = {entry.ticket for entry in inputs.entries}
    twice = None if len(tickets) == len(inputs.entries) else "Two answers carry the same ticket."
    return reason_against_weights(inputs.terms) or twice


def reason_against_weights(terms: RankingTerms) -> str | None:
    """Why the weights cannot be used; None when they can: whole numbers from 0 that sum to 100."""
    both = (terms.quality_weight, terms.price_weight)
    if min(both) < 0 or sum(both) != 100:
        return "The weights for quality and price must sum to 100."
    return None
