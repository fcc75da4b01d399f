"""Ranking many packages at once: each figure is worked out once per what it depends on, not once per answer.

Quality is scored once per provider and policy, price once per mix of limits and price; both become whole numbers over
one denominator, so that adding and comparing them is exact and quick. Tickets are drawn only where all else is equal.
Gives exactly the order, the points and the ties of `rules.rank`; a property test holds the two together. The sentences
are made when somebody reads them, by `rules.rank` from the same inputs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise
from math import lcm
from operator import itemgetter
from typing import NamedTuple

from brokerage.ranking.draw import draw_key
from brokerage.ranking.facts import PlaceList, RankingEntry, RankingInputs, RankingTerms, TieBreak
from brokerage.ranking.price import MixLine, PriceScoring, mixed_limits, mixed_price, price_score
from brokerage.ranking.quality import quality_of
from brokerage.ranking.rules import hours_share, reason_against_inputs

Prices = tuple[tuple[str, int], ...]
Mix = tuple[MixLine, ...]

LISTS = (PlaceList.FIRM, PlaceList.CHANGED, PlaceList.BELOW)


class Standing(NamedTuple):
    """One answer's place. Points are whole numbers, to be divided by the denominator of the order.

    `ahead` is how many points it is above the next in its list; None for the last one.
    """

    entry: RankingEntry
    place_list: PlaceList
    position: int | None
    quality: int
    price: int
    tie_break: TieBreak
    ahead: int | None


@dataclass(frozen=True, slots=True)
class Ordered:
    """One package's answers in order: firm, changed, below the quality minimum."""

    reference: str
    standings: tuple[Standing, ...]
    denominator: int

    @property
    def firm(self) -> tuple[Standing, ...]:
        """The firm yeses, best first."""
        return tuple(one for one in self.standings if one.place_list is PlaceList.FIRM)

    @property
    def digest(self) -> str:
        """SHA-256 of the tickets in their order, in hex."""
        return sha256(",".join([one.entry.ticket for one in self.standings]).encode()).hexdigest()

    def score(self, one: Standing) -> Fraction:
        """The exact score, 0 to 100."""
        return Fraction(one.quality + one.price, self.denominator)


def order_all(many: Sequence[RankingInputs]) -> list[Ordered]:
    """The order of each package's answers. Raises ValueError where `rules.rank` does."""
    by_terms: defaultdict[int, list[RankingInputs]] = defaultdict(list)
    for inputs in many:
        if reason := reason_against_inputs(inputs):
            raise ValueError(reason)
        by_terms[id(inputs.terms)].append(inputs)
    boards = {key: _Board(group[0].terms, group) for key, group in by_terms.items()}
    return [boards[id(inputs.terms)].order(inputs) for inputs in many]


class _Row(NamedTuple):
    """What an answer is sorted by, smallest first, and its points. A key holds the score and, below it, the hours."""

    which: int
    key: int
    draw: str
    quality: int
    price: int
    entry: RankingEntry


class _Board:
    """The points of every answer under one policy. What several answers share is found by its identity."""

    def __init__(self, terms: RankingTerms, many: Sequence[RankingInputs]) -> None:
        self._terms = terms
        self._held = many
        entries = [entry for inputs in many for entry in inputs.entries]
        quality = self._quality_points(entries)
        price = self._price_points(many)
        hours = _hours_in_order(entries)
        self._denominator = lcm(*(one.denominator for one, _ in quality.values()), *_denominators(price.values()))
        self._quality = {key: (int(points * self._denominator), below) for key, (points, below) in quality.items()}
        self._price = {
            key: {asked: int(points * self._denominator) for asked, points in table.items()}
            for key, table in price.items()
        }
        self._hours, self._step = hours, len(hours) + 1

    def order(self, inputs: RankingInputs) -> Ordered:
        """One package's answers, compared pair by pair."""
        rows = self._sorted(inputs)
        return Ordered(inputs.reference, tuple(self._standings(rows)), self._denominator)

    def _sorted(self, inputs: RankingInputs) -> list[_Row]:
        table, lowest = self._price[id(inputs.mix)], self._lowest(inputs)
        rows = []
        for entry in inputs.entries:
            quality, below = self._quality[id(entry.components)]
            price = table[entry.prices, lowest]
            key = self._hours[entry.awarded_minutes, entry.capacity_minutes] - (quality + price) * self._step
            rows.append(_Row(2 if below else 0 if entry.firm else 1, key, "", quality, price, entry))
        rows.sort(key=itemgetter(0, 1))
        if any(one[:2] == after[:2] for one, after in pairwise(rows)):
            rows = [row._replace(draw=draw_key(inputs.reference, row.entry.ticket, inputs.seed)) for row in rows]
            rows.sort(key=itemgetter(0, 1, 2))
        return rows

    def _standings(self, rows: Sequence[_Row]) -> Iterable[Standing]:
        before, position = TieBreak.NONE, 0
        for index, row in enumerate(rows):
            after = rows[index + 1] if index + 1 < len(rows) and rows[index + 1].which == row.which else None
            position = position + 1 if index and rows[index - 1].which == row.which else 1
            used, ahead = self._between(row, after) if after else (TieBreak.NONE, None)
            ranked = None if row.which == 2 else position
            decided = before if used is TieBreak.NONE or before is TieBreak.DRAW else used
            yield Standing(row.entry, LISTS[row.which], ranked, row.quality, row.price, decided, ahead)
            before = used

    def _between(self, one: _Row, after: _Row) -> tuple[TieBreak, int]:
        """What decides between neighbours, and by how many points."""
        ahead = one.quality + one.price - after.quality - after.price
        if ahead:
            return TieBreak.NONE, ahead
        return (TieBreak.DRAW if one.key == after.key else TieBreak.HOURS), 0

    def _quality_points(self, entries: Iterable[RankingEntry]) -> dict[int, tuple[Fraction, bool]]:
        """By the identity of the facts: the points, and whether the quality is below the minimum."""
        terms, found = self._terms, {}
        for components in {id(entry.components): entry.components for entry in entries}.values():
            value = quality_of(components, terms.deadline).value
            below = value is None or value < terms.quality_minimum
            found[id(components)] = (value or Fraction(0)) * terms.quality_weight / 100, below
        return found

    def _price_points(self, many: Iterable[RankingInputs]) -> dict[int, dict[tuple[Prices, Fraction | None], Fraction]]:
        """By the identity of the mix, the prices, and the lowest price where that counts."""
        found: defaultdict[int, dict[tuple[Prices, Fraction | None], Fraction]] = defaultdict(dict)
        for inputs in many:
            table, lowest = found[id(inputs.mix)], self._lowest(inputs)
            for entry in inputs.entries:
                if (entry.prices, lowest) not in table:
                    table[entry.prices, lowest] = self._points(inputs.mix, entry.prices, lowest)
        return found

    def _points(self, mix: Mix, prices: Prices, lowest: Fraction | None) -> Fraction:
        price = mixed_price(mix, dict(prices))
        points = price_score(self._terms.price_scoring, price, mixed_limits(mix), lowest or Fraction(0))
        return points * self._terms.price_weight / 100

    def _lowest(self, inputs: RankingInputs) -> Fraction | None:
        """The lowest price of all answers to a package, where points hang on it."""
        if self._terms.price_scoring is PriceScoring.BAND:
            return None
        return min((mixed_price(inputs.mix, dict(entry.prices)) for entry in inputs.entries), default=None)


def _denominators(tables: Iterable[dict[tuple[Prices, Fraction | None], Fraction]]) -> set[int]:
    return {points.denominator for table in tables for points in table.values()}


def _hours_in_order(entries: Iterable[RankingEntry]) -> dict[tuple[int, int | None], int]:
    """A number for each share of awarded hours in the capacity, the least first, no capacity last."""
    both = {(entry.awarded_minutes, entry.capacity_minutes) for entry in entries}
    shares = {key: hours_share(*key) for key in both}
    number = {share: place for place, share in enumerate(sorted({one for one in shares.values() if one is not None}))}
    return {key: len(number) if share is None else number[share] for key, share in shares.items()}
