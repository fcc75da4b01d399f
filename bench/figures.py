"""What a benchmark says: its own median, the baseline's, and their ratio, to be known; bound is only what has a limit."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

Round = Callable[[], float]
"""Does its work once and gives seconds, or requests a second, as the figure says."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. The ratio may be at most the limit, where there is one."""

    name: str
    database: str
    figure: float
    baseline: float
    unit: str
    rounds: int
    note: str = ""
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the baseline."""
        return self.figure / self.baseline

    @property
    def holds(self) -> bool:
        """Whether the limit, where there is one, is kept."""
        return self.limit is None or self.ratio <= self.limit

    @property
    def line(self) -> str:
        """As JSON."""
        return json.dumps({**asdict(self), "ratio": round(self.ratio, 3), "holds": self.holds})


HEADING = f"{'figure':<34} {'database':<9} {'figure':>12} {'baseline':>12} {'ratio':>7}"


def table_row(one: Figure) -> str:
    """One line for people."""
    values = f"{_shown(one.figure, one.unit):>12} {_shown(one.baseline, one.unit):>12} {one.ratio:>7.2f}"
    verdict = "" if one.holds else "  BEYOND THE LIMIT"
    return f"{one.name:<34} {one.database:<9} {values}{verdict}"


def _shown(value: float, unit: str) -> str:
    return f"{value:,.3f} {unit}" if value < 100 else f"{value:,.0f} {unit}"


def seconds(work: Callable[[], object]) -> float:
    """How long something takes, garbage of what came before taken out first."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_turn(rounds: int, *kinds: Round) -> list[list[float]]:
    """Every kind once, then every kind again: A B A B …, so that a busy moment falls on all of them."""
    found: list[list[float]] = [[] for _ in kinds]
    for _ in range(rounds):
        for values, kind in zip(found, kinds, strict=True):
            values.append(kind())
    return found


def medians(rounds: int, *kinds: Round) -> list[float]:
    """The medians of `in_turn`."""
    return [median(values) for values in in_turn(rounds, *kinds)]
