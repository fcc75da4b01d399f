"""What a benchmark says: its own median, the baseline's, their ratio, and the limit that the ratio must keep."""

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
    """One line of the table. `most` True: the ratio may be at most the limit; False: it must be at least that.

    A limit of None: shown to be known, bound by nothing.
    """

    name: str
    database: str
    figure: float
    baseline: float
    unit: str
    limit: float | None
    goal: float | None
    rounds: int
    most: bool = True
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times the baseline."""
        return self.figure / self.baseline

    @property
    def holds(self) -> bool:
        """Whether the limit, where there is one, is kept."""
        if self.limit is None:
            return True
        return self.ratio <= self.limit if self.most else self.ratio >= self.limit

    @property
    def reaches_goal(self) -> bool:
        """Whether the goal, where there is one, is reached too."""
        wanted = self.limit if self.goal is None else self.goal
        if wanted is None:
            return True
        return self.ratio <= wanted if self.most else self.ratio >= wanted

    @property
    def line(self) -> str:
        """As JSON."""
        told = {"ratio": round(self.ratio, 3), "holds": self.holds, "reaches_goal": self.reaches_goal}
        return json.dumps({**asdict(self), **told})


HEADING = f"{'figure':<34} {'database':<9} {'figure':>12} {'baseline':>12} {'ratio':>7} {'limit':>7} {'goal':>6}"


def table_row(one: Figure) -> str:
    """One line for people."""
    sign, verdict = "<=" if one.most else ">=", "" if one.holds else "  BEYOND THE LIMIT"
    limit = "" if one.limit is None else f"{sign}{one.limit:g}"
    goal = "" if one.goal is None else f"{one.goal:g}"
    values = f"{_shown(one.figure, one.unit):>12} {_shown(one.baseline, one.unit):>12} {one.ratio:>7.2f}"
    return f"{one.name:<34} {one.database:<9} {values} {limit:>7} {goal:>6}{verdict}"


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
