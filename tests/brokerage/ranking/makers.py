"""Ready-made ranking inputs for tests: keyword defaults, change what matters."""

from datetime import UTC, datetime
from fractions import Fraction

from brokerage.ranking.facts import RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.price import MixLine, PriceScoring
from brokerage.ranking.quality import ComponentKind, component

DEADLINE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
EARLIER = datetime(2026, 6, 1, tzinfo=UTC)
MIX = (MixLine("weekday", Fraction(7), 2200, 3300),)


def an_entry(name="Ash", *, quality=70, pence=2500, ticket=None, firm=True, awarded=0, capacity=6000):
    facts = () if quality is None else (component(ComponentKind.ENTRY, Fraction(quality), "Entry", EARLIER),)
    prices = (("weekday", pence),)
    return RankingEntry(f"id-{name}", name, ticket or f"t-{name}", firm, prices, facts, awarded, capacity)


def some_terms(*, scoring=PriceScoring.BAND, minimum=40, quality=60, price=40, yardstick=None):
    return RankingTerms(quality, price, scoring, Fraction(minimum), DEADLINE, yardstick_pence=yardstick)


def some_inputs(*entries, terms=None, mix=MIX, seed="seed", reference="PKG-1"):
    return RankingInputs(reference, seed, terms or some_terms(), mix, entries)
