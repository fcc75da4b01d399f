"""Every row of the benchmarks beside an older revision's build, which is run in its own environment.

Both builds prepare at the same time; then they take their rounds one after the other, never at once: A B, B A, A B …
A row is the median of the rounds' ratios with the smallest and the largest, and says how much of the older build's time
the present one needs.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO, Any, cast

from bench.builds import Build, builds
from bench.commands import demo_served, make_done

SLOWER, FASTER, SERVED, TESTED = 1.15, 1 / 1.3, 0.6, 0.75
LIMITS = {
    "list page /batches": FASTER,
    "list page /board": FASTER,
    "demo served": SERVED,
    "make check": TESTED,
    "make test": TESTED,
}
"""The most of the older build's time that a row may take; SLOWER where it is not named."""
NOT_TIME = "MB"
MAY_MISS, AND_BY = 2, 1.2

HEADING = f"{'present ÷ older, as time':<36} {'database':<9} {'ratio':>7} {'rounds':>15} {'limit':>7}"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of both builds; `ratios` has one number a round, below 1 where the present build is faster."""

    name: str
    database: str
    unit: str
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return median(self.ratios)

    @property
    def limit(self) -> float | None:
        """The most that the ratio may be; None for what is no time."""
        return None if self.unit == NOT_TIME else LIMITS.get(self.name, SLOWER)

    @property
    def misses(self) -> bool:
        """Whether the ratio is beyond its limit."""
        return self.limit is not None and self.ratio > self.limit

    @property
    def misses_by_far(self) -> bool:
        """Whether it is beyond its limit by more than a fifth."""
        return self.limit is not None and self.ratio > self.limit * AND_BY

    @property
    def text(self) -> str:
        """One line for people."""
        span = f"{min(self.ratios):.2f} to {max(self.ratios):.2f}"
        limit = "" if self.limit is None else f"<={self.limit:.2f}"
        verdict = "  BEYOND THE LIMIT" if self.misses else ""
        return f"{self.name:<36} {self.database:<9} {self.ratio:>7.2f} {span:>15} {limit:>7}{verdict}"

    @property
    def line(self) -> str:
        """As JSON."""
        told = {"ratio": round(self.ratio, 3), "limit": self.limit, "misses": self.misses}
        return json.dumps({"name": self.name, "database": self.database, "ratios": self.ratios, **told})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared: benchmarks by name, on which databases, and whether commands of make too."""

    revision: str
    only: Sequence[str]
    databases: Sequence[str]
    rounds: int
    packages: int
    with_tests: bool = False


def rows_beside(asked: Asked, benchmarks: Sequence[str]) -> Iterator[Row]:
    """Every row, as soon as it is known."""
    with builds(asked.revision) as (present, older):
        print(HEADING, flush=True)
        chosen = [name for name in benchmarks if name in asked.only or not asked.only]
        for database in asked.databases if chosen else ():
            order = {"only": chosen, "database": database, "rounds": asked.rounds, "packages": asked.packages}
            yield from _rows_of(present, older, order)
        if "demo" in asked.only or not asked.only:
            yield _command_row("demo served", demo_served, present, older, min(asked.rounds, 3))
        for target in ("check", "test") if asked.with_tests else ():
            run = _making(target)
            yield _command_row(f"make {target}", run, present, older, min(asked.rounds, 3) if target == "check" else 1)


def verdict(rows: Sequence[Row]) -> tuple[str, bool]:
    """What to say in the end, and whether the limits are kept: at most two rows miss, none by more than a fifth."""
    missing = [f"{row.name} ({row.database})" for row in rows if row.misses]
    if not missing:
        return "Every limit is kept.", True
    kept = len(missing) <= MAY_MISS and not any(row.misses_by_far for row in rows)
    return f"Beyond the limit: {', '.join(missing)}.", kept


def _making(target: str) -> Callable[[Build], float]:
    return lambda build: make_done(build, target)


def _command_row(name: str, run: Callable[[Build], float], present: Build, older: Build, rounds: int) -> Row:
    found: dict[Build, list[float]] = {present: [], older: []}
    for number in range(rounds):
        for build in (present, older) if number % 2 else (older, present):
            found[build].append(run(build))
    return Row(name, "sqlite", "s", _ratios("s", found[present], found[older]))


def _ratios(unit: str, present: Sequence[float], older: Sequence[float]) -> tuple[float, ...]:
    """As time: where more is better, the other way round."""
    pairs = zip(present, older, strict=True)
    return tuple(other / own if unit == "/s" else own / other for own, other in pairs)


# ------------------------------------------------------------------------------------------------------------- turns


class _Side:
    """The process of one build, and what it has told so far."""

    def __init__(self, build: Build, order: Mapping[str, Any]) -> None:
        script = Path(__file__).with_name("turns.py")
        command = [str(build.python), "-P", "-W", "ignore", str(script), json.dumps(order)]
        environment = {**os.environ, "PYTHONPATH": str(build.folder)}
        self.name, self.figures = build.name, cast(dict[str, tuple[str, list[float]]], {})
        self.process = subprocess.Popen(
            command, cwd=build.folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def hear(self) -> str:
        """The next event that wants an answer, or "done"."""
        while line := cast(IO[str], self.process.stdout).readline():
            told = json.loads(line)
            if told["event"] != "figure":
                return str(told["event"])
            self.figures[told["name"]] = told["unit"], told["rounds"]
        raise RuntimeError(f"The {self.name} build broke off: its benchmark ended with {self.process.wait()}.")

    def say(self, word: str) -> None:
        """Answers the event."""
        pipe = cast(IO[str], self.process.stdin)
        pipe.write(f"{word}\n")
        pipe.flush()


def _rows_of(present: Build, older: Build, order: Mapping[str, Any]) -> Iterator[Row]:
    """Runs both sides turn by turn; a row is told as soon as both have it."""
    sides, told = [_Side(present, order), _Side(older, order)], set[str]()
    try:
        for in_turn in _turns(sides):
            for side in in_turn:
                side.say("run")
                side.hear()
            for side in in_turn:
                side.say("on")
            yield from _new_rows(sides, str(order["database"]), told)
        yield from _new_rows(sides, str(order["database"]), told)
    finally:
        for side in sides:
            side.process.terminate()
            side.process.wait(60)


def _new_rows(sides: Sequence[_Side], database: str, told: set[str]) -> Iterator[Row]:
    present, older = (side.figures for side in sides)
    for name in [name for name in present if name in older and name not in told]:
        told.add(name)
        unit, rounds = present[name]
        yield Row(name, database, unit, _ratios(unit, rounds, older[name][1]))


def _turns(sides: Sequence[_Side]) -> Iterator[Sequence[_Side]]:
    """The sides that have a round to run, the first of one turn being the last of the next."""
    going = list(sides)
    while going := [side for side in going if side.hear() == "ready"]:
        yield tuple(going)
        going.reverse()
