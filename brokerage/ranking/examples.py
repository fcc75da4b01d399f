"""A worked example of rank reversal: why `band` is the default way to score prices.

Under relative scoring the order of Ash and Birch depends on whether Cedar, which neither of them beats or loses to,
takes part: when Cedar withdraws, Ash and Birch swap places. Under band scoring they keep theirs.
"""

from datetime import UTC, datetime
from fractions import Fraction

from brokerage.ranking.facts import RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.price import MixLine, PriceScoring
from brokerage.ranking.quality import ComponentKind, component

_DEADLINE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)


def _answer(name: str, ticket: str, pence: int, quality: Fraction) -> RankingEntry:
    fact = component(ComponentKind.ENTRY, quality, "Entry assessment", datetime(2026, 6, 1, tzinfo=UTC))
    return RankingEntry(name.lower(), name, ticket, True, (("weekday", pence),), (fact,), 0, 6000)


ASH = _answer("Ash", "ticket-1", 3000, Fraction(80))
BIRCH = _answer("Birch", "ticket-2", 2400, Fraction(269, 4))
CEDAR = _answer("Cedar", "ticket-3", 2200, Fraction(45))
"""Ash is dear and good, Birch cheaper and less good, Cedar the cheapest and far behind in quality."""


def example_inputs(scoring: PriceScoring, entries: tuple[RankingEntry, ...]) -> RankingInputs:
    """The example's package with these answers: quality 60, price 40, between £22.00 and £33.00 an hour."""
    terms = RankingTerms(60, 40, scoring, Fraction(40), _DEADLINE)
    return RankingInputs("PKG-EXMPL", "example-seed", terms, (MixLine("weekday", Fraction(7), 2200, 3300),), entries)
