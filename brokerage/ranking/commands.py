"""`flask ranking-example`: why prices are scored by band, shown with numbers that the ranking itself works out.

Under relative scoring the order of Ash and Birch depends on whether Cedar, which neither of them beats or loses to,
takes part: when Cedar withdraws, Ash and Birch swap places. Under band scoring they keep theirs.
"""

from datetime import UTC, datetime
from fractions import Fraction

import click

from app.values.rounding import decimal_text
from brokerage.ranking.explanations import ExplainedPlace, explain
from brokerage.ranking.inputs import RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.scoring import ComponentKind, MixLine, component
from marketplace.vocabulary import PriceScoring

OPENING = """# Why a third offer must not decide between two others

A scheme chooses how a price becomes points. With `relative` scoring the lowest price gets 100 points and the others
less in proportion, so the points of every offer hang on whoever is cheapest. With `band` scoring, the default, an offer
is measured between the floor and the ceiling that were published with it, and nobody else's price matters.

The example: quality counts 60, price 40, floor £22.00, ceiling £33.00 an hour, quality minimum 40. Ash, Birch and
Cedar say yes. Cedar is the cheapest and far behind in quality; then it withdraws.

This page is written by `flask --app wsgi ranking-example`; a test holds it to the figures of the ranking itself.
"""

CLOSING = """## What it shows

Under relative scoring Ash and Birch change places although neither of their offers changed. A provider could make
that happen on purpose, with a low offer that it takes back. Under band scoring they keep their points and their order.
"""


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


@click.command("ranking-example")
def ranking_example_command() -> None:
    """Prints the worked example of rank reversal as Markdown."""
    click.echo(example_text(), nl=False)


def example_text() -> str:
    """The whole page."""
    parts = [OPENING]
    for scoring in (PriceScoring.RELATIVE, PriceScoring.BAND):
        parts.append(f"## `{scoring.value}` scoring\n")
        parts.append(f"With all three:\n\n{_table(scoring, (ASH, BIRCH, CEDAR))}")
        parts.append(f"After Cedar has withdrawn:\n\n{_table(scoring, (ASH, BIRCH))}")
    return "\n".join([*parts, CLOSING])


def _table(scoring: PriceScoring, entries: tuple[RankingEntry, ...]) -> str:
    heading = (
        "| Place | Provider | Quality | Price | Quality points | Price points | Total |\n|---|---|---|---|---|---|---|"
    )
    rows = [_row(place) for place in explain(example_inputs(scoring, entries)).firm]
    return "\n".join([heading, *rows, ""])


def _row(place: ExplainedPlace) -> str:
    scored = place.scored
    quality = decimal_text(scored.quality.value or 0)
    figures = (scored.quality_points, scored.price_points, scored.score)
    points = " | ".join(decimal_text(figure) for figure in figures)
    return f"| {place.position} | {scored.entry.name} | {quality} | £{decimal_text(scored.price / 100)} | {points} |"
