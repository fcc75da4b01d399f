"""Ranking the yeses of closed rounds: quality and price as weighted, exactly, with ties settled in the open.

Firm yeses are ranked; yeses with a changed start or times follow in a list of their own; answers below the quality
minimum are shown below the line, unranked. Nothing here depends on names, ids or the order in which answers came in.

`rank` orders the answers of many packages at once; `explain` shows one package's order with every figure and the
sentences that say why.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from math import lcm
from operator import itemgetter
from typing import NamedTuple

from brokerage.ranking.inputs import Mix, Prices, RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.scoring import Quality, mixed_limits, mixed_price, price_score, quality_of
from marketplace.vocabulary import PriceScoring


class TieBreak(StrEnum):
    """What decided between a place and the one above or below with the same score."""

    NONE = "none"
    HOURS = "hours"
    DRAW = "draw"


class PlaceList(StrEnum):
    """Which of the three lists a place is in, in the order in which they are shown."""

    FIRM = "firm"
    CHANGED = "changed"
    BELOW = "below"


class RankedAnswer(NamedTuple):
    """One answer's place. Points are whole numbers, to be divided by the denominator of the order.

    `position` counts from 1 within its list and is None below the quality minimum. `tie_break` says what decided against
    a neighbour with the same score. `ahead` is how many points it is above the next in its list; None for the last one.
    """

    entry: RankingEntry
    place_list: PlaceList
    position: int | None
    quality: int
    price: int
    tie_break: TieBreak
    ahead: int | None


@dataclass(frozen=True, slots=True)
class RankingOrder:
    """One package's answers in order: firm, changed, below the quality minimum."""

    reference: str
    answers: tuple[RankedAnswer, ...]
    denominator: int

    def listed(self, place_list: PlaceList) -> tuple[RankedAnswer, ...]:
        """The answers of one of the three lists, best first."""
        return tuple(answer for answer in self.answers if answer.place_list is place_list)

    @property
    def digest(self) -> str:
        """SHA-256 of the tickets in their order, in hex."""
        return sha256(",".join([answer.entry.ticket for answer in self.answers]).encode()).hexdigest()

    def score(self, answer: RankedAnswer) -> Fraction:
        """The exact score, 0 to 100."""
        return Fraction(answer.quality + answer.price, self.denominator)


def rank(many: Sequence[RankingInputs]) -> list[RankingOrder]:
    """The order of each package's answers. Raises ValueError when weights do not sum to 100 or a ticket comes twice."""
    by_terms: defaultdict[int, list[RankingInputs]] = defaultdict(list)
    for inputs in many:
        if reason := reason_against_inputs(inputs):
            raise ValueError(reason)
        by_terms[id(inputs.terms)].append(inputs)
    points = {key: _Points(group[0].terms, group) for key, group in by_terms.items()}
    return [points[id(inputs.terms)].order(inputs) for inputs in many]


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


def hours_share(awarded_minutes: int, capacity_minutes: int | None) -> Fraction | None:
    """Hours awarded in the last 28 days in proportion to declared capacity; None when that is zero or blank."""
    return Fraction(awarded_minutes, capacity_minutes) if capacity_minutes else None


# ------------------------------------------------------------------------------------------------ the fair draw
#
# Each offer carries a random ticket. SHA-256 of a secret seed is published with the offer and the seed at the deadline,
# so anybody can check that the council could not choose the outcome. Never a name, an id or a row decides.


def seed_commitment(seed: str) -> str:
    """What is published with the offer: SHA-256 of the seed, in hex."""
    return sha256(seed.encode()).hexdigest()


def seed_matches(seed: str, commitment: str) -> bool:
    """Is this the seed that was committed to?"""
    return seed_commitment(seed) == commitment


def draw_key(reference: str, ticket: str, seed: str) -> str:
    """The place in the draw: SHA-256 of package reference, ticket and seed one after the other, in hex; lowest first."""
    return sha256(f"{reference}{ticket}{seed}".encode()).hexdigest()


# ---------------------------------------------------------------------------------------------------- the order

_LISTS = tuple(PlaceList)
_PriceTable = dict[tuple[Prices, Fraction | None], Fraction]


class _Row(NamedTuple):
    """What an answer is sorted by, smallest first, and its points. A key holds the score and, below it, the hours."""

    place_list: int
    key: int
    draw: str
    quality: int
    price: int
    entry: RankingEntry


class _Points:
    """The points of every answer under one policy, each worked out once per what it depends on, not once per answer.

    Quality hangs on a provider's facts, price on the mix of limits and the price: both are found by the identity of what
    several answers share. They become whole numbers over one denominator, so that adding and comparing them is exact and
    quick. Tickets are drawn only where all else is equal.
    """

    def __init__(self, terms: RankingTerms, many: Sequence[RankingInputs]) -> None:
        self._terms = terms
        self._held = many  # while they are held, no identity is given to anything else
        entries = [entry for inputs in many for entry in inputs.entries]
        quality = self._quality_points(entries)
        price = self._price_points(many)
        tables = (points.denominator for table in price.values() for points in table.values())
        self._denominator = lcm(*{points.denominator for points, _ in quality.values()}, *set(tables))
        self._quality = {key: (int(points * self._denominator), below) for key, (points, below) in quality.items()}
        self._price = {
            key: {prices: int(points * self._denominator) for prices, points in table.items()}
            for key, table in price.items()
        }
        self._hours = _hours_in_order(entries)

    def order(self, inputs: RankingInputs) -> RankingOrder:
        return RankingOrder(inputs.reference, tuple(_ranked(self._sorted(inputs))), self._denominator)

    def _sorted(self, inputs: RankingInputs) -> list[_Row]:
        table, lowest, step = self._price[id(inputs.mix)], lowest_price(inputs), len(self._hours) + 1
        rows = []
        for entry in inputs.entries:
            quality, below = self._quality[id(entry.components)]
            price = table[entry.prices, lowest]
            key = self._hours[entry.awarded_minutes, entry.capacity_minutes] - (quality + price) * step
            rows.append(_Row(2 if below else 0 if entry.firm else 1, key, "", quality, price, entry))
        rows.sort(key=itemgetter(0, 1))
        if any(row[:2] == after[:2] for row, after in pairwise(rows)):
            rows = [row._replace(draw=draw_key(inputs.reference, row.entry.ticket, inputs.seed)) for row in rows]
            rows.sort(key=itemgetter(0, 1, 2))
        return rows

    def _quality_points(self, entries: Iterable[RankingEntry]) -> dict[int, tuple[Fraction, bool]]:
        """By the identity of the facts: the points, and whether the quality is below the minimum."""
        terms, by_facts = self._terms, {}
        for components in {id(entry.components): entry.components for entry in entries}.values():
            quality = quality_of(components, terms.deadline)
            points = (quality.value or Fraction(0)) * terms.quality_weight / 100
            by_facts[id(components)] = points, is_below_minimum(quality, terms)
        return by_facts

    def _price_points(self, many: Iterable[RankingInputs]) -> dict[int, _PriceTable]:
        """By the identity of the mix: the points of the prices, and of the lowest price where that counts."""
        by_mix: defaultdict[int, _PriceTable] = defaultdict(dict)
        for inputs in many:
            table, lowest = by_mix[id(inputs.mix)], lowest_price(inputs)
            for entry in inputs.entries:
                if (entry.prices, lowest) not in table:
                    table[entry.prices, lowest] = self._points_of(inputs.mix, entry.prices, lowest)
        return by_mix

    def _points_of(self, mix: Mix, prices: Prices, lowest: Fraction | None) -> Fraction:
        price, limits = mixed_price(mix, dict(prices)), mixed_limits(mix)
        score = price_score(self._terms.price_scoring, price, limits, lowest or Fraction(0))
        return score * self._terms.price_weight / 100


def is_below_minimum(quality: Quality, terms: RankingTerms) -> bool:
    """Whether an answer is shown below the line: no fact about quality counts as too little."""
    return quality.value is None or quality.value < terms.quality_minimum


def lowest_price(inputs: RankingInputs) -> Fraction | None:
    """The lowest price over the mix of all accepting answers, below the quality minimum or not, where points hang on it."""
    if inputs.terms.price_scoring is PriceScoring.BAND:
        return None
    return min((mixed_price(inputs.mix, dict(entry.prices)) for entry in inputs.entries), default=None)


def _hours_in_order(entries: Iterable[RankingEntry]) -> dict[tuple[int, int | None], int]:
    """A number for each share of awarded hours in the capacity, the least first, no capacity last."""
    both = {(entry.awarded_minutes, entry.capacity_minutes) for entry in entries}
    shares = {key: hours_share(*key) for key in both}
    in_order = sorted({share for share in shares.values() if share is not None})
    number = {share: place for place, share in enumerate(in_order)}
    return {key: len(number) if share is None else number[share] for key, share in shares.items()}


def _ranked(rows: Sequence[_Row]) -> Iterable[RankedAnswer]:
    """Places in their lists. The draw outranks the hours: a place tells the last thing that decided on either side."""
    before, position = TieBreak.NONE, 0
    for index, row in enumerate(rows):
        after = rows[index + 1] if index + 1 < len(rows) and rows[index + 1].place_list == row.place_list else None
        position = position + 1 if index and rows[index - 1].place_list == row.place_list else 1
        next_by, ahead = _between(row, after) if after else (TieBreak.NONE, None)
        shown = None if row.place_list == 2 else position
        decided = before if next_by is TieBreak.NONE or before is TieBreak.DRAW else next_by
        yield RankedAnswer(row.entry, _LISTS[row.place_list], shown, row.quality, row.price, decided, ahead)
        before = next_by


def _between(row: _Row, after: _Row) -> tuple[TieBreak, int]:
    """What decides between neighbours, and by how many points."""
    ahead = row.quality + row.price - after.quality - after.price
    if ahead:
        return TieBreak.NONE, ahead
    return (TieBreak.DRAW if row.key == after.key else TieBreak.HOURS), 0
