"""Aligned bars: ranking points on one 0-100 scale, and small charts with a target line. Lengths are percentages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from app.values.rounding import decimal_text
from app.values.words import time_left_words

Exact = int | Fraction
Figure = Exact | float


@dataclass(frozen=True, slots=True)
class StackedBar:
    """A provider's bar: lengths in percent of the scale, and the same figures as text."""

    provider: str
    place: int
    quality: float
    price: float
    quality_text: str
    price_text: str
    total_text: str
    note: str


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One line of a small chart: its name, its figure, how it reads, and how many things it counts."""

    name: str
    value: Figure
    text: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A drawn line of a small chart."""

    name: str
    length: float
    text: str
    count: int | None
    meets_target: bool | None


@dataclass(frozen=True, slots=True)
class BarChart:
    """A drawn small chart; `target` is the target line's place in percent, if there is one."""

    bars: tuple[ChartBar, ...]
    target: float | None
    target_text: str


def stacked_bar(provider: str, place: int, quality: Exact, price: Exact, note: str = "") -> StackedBar:
    """One place of a ranking: its points, 0-100 together, and a note such as “drawn by lot” if any."""
    texts = decimal_text(quality), decimal_text(price), decimal_text(quality + price)
    return StackedBar(provider, place, _percent(quality, 100), _percent(price, 100), *texts, note)


def bar_chart(
    rows: Sequence[ChartRow], target: Figure | None = None, target_text: str = "", at_least: bool = True
) -> BarChart:
    """Bars from nought to the largest figure or the target; `at_least` says on which side of the target good lies."""
    largest = max([*(row.value for row in rows), target or 0, 0]) or 1
    bars = tuple(
        ChartBar(row.name, _percent(row.value, largest), row.text, row.count, _meets(row.value, target, at_least))
        for row in rows
    )
    return BarChart(bars, None if target is None else _percent(target, largest), target_text)


def _percent(value: Figure, whole: Figure) -> float:
    return round(max(0.0, min(100.0, float(value / whole) * 100)), 2)


def _meets(value: Figure, target: Figure | None, at_least: bool) -> bool | None:
    if target is None:
        return None
    return value >= target if at_least else value <= target


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What a page shows about a deadline: words, the share of the window gone (0-100) and whether it is over."""

    now: datetime
    deadline: datetime
    opened: datetime
    text: str
    percent_gone: int
    soon: bool
    over: bool


def time_left(now: datetime, opened: datetime, deadline: datetime) -> TimeLeft:
    """Describe the time left; all three are aware instants. At the deadline itself it is over."""
    left = (deadline - now).total_seconds()
    whole = max((deadline - opened).total_seconds(), 1)
    over = left <= 0
    gone = 100 if over else max(0, min(100, round(100 * (1 - left / whole))))
    text = "Closed" if over else f"{time_left_words(left)} left"
    return TimeLeft(now, deadline, opened, text, gone, 0 < left <= whole / 4, over)
