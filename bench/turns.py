"""One build's side of `--beside`: its own benchmarks, each round of which waits for its turn.

Started with the Python and in the folder of the build that is measured, so `bench` is that build's own package, however
old: what is asked of it is the table of benchmarks, places, the county, and rounds taken by `medians` or by `ask_all`.
Lines of JSON go both ways: "ready" out, "run" in, "ran" out, "on" in; in the end what all rounds have given.
"""

from __future__ import annotations

import json
import logging
import statistics
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TextIO, TypeVar

import bench.__main__ as benchmarks
from bench import serving
from bench.county import Size, settle
from bench.places import place

T = TypeVar("T")


class Samples(float):
    """A median that remembers what it is the median of."""

    rounds: list[float]


@dataclass(frozen=True, slots=True)
class Partner:
    """The process that says whose turn it is."""

    tell: TextIO
    hear: TextIO

    def take_turn(self, work: Callable[[], T]) -> T:
        """Waits for the turn, works, and waits until the other build has had its turn too."""
        self._say("ready", "run")
        result = work()
        self._say("ran", "on")
        return result

    def _say(self, event: str, answer: str) -> None:
        self.write({"event": event})
        heard = self.hear.readline().strip()
        if heard != answer:
            raise SystemExit(f"Expected {answer!r} and heard {heard!r}.")

    def write(self, line: dict[str, Any]) -> None:
        """One line of JSON."""
        self.tell.write(json.dumps(line) + "\n")
        self.tell.flush()


def sampled(values: Iterable[float]) -> Samples:
    """The median of what the rounds gave."""
    kept = list(values)
    found = Samples(statistics.median(kept))
    found.rounds = kept
    return found


def let_wait(module: Any, partner: Partner) -> None:
    """Puts a turn around each round that a module of benchmarks takes. Baselines in bare SQL are left out."""

    def medians(rounds: int, *kinds: Callable[[], float]) -> list[Samples]:
        found: list[list[float]] = [[] for _ in kinds]
        for _ in range(rounds):
            for values, kind in zip(found, kinds, strict=True):
                values.append(1.0 if kind.__name__ == "bare" else partner.take_turn(kind))
        return [sampled(values) for values in found]

    def ask_all(port: int, requests: Any) -> serving.Served:
        return partner.take_turn(lambda: serving.ask_all(port, requests))

    for name, replacement in (("medians", medians), ("ask_all", ask_all), ("median", sampled)):
        if hasattr(module, name):
            setattr(module, name, replacement)


def main(asked: dict[str, Any]) -> None:
    """Measures what was asked for and tells the rounds of every figure."""
    logging.disable(logging.INFO)
    partner = Partner(sys.stdout, sys.stdin)
    sys.stdout = sys.stderr  # what else is printed is no line for the partner
    chosen = {name: measure for name, measure in benchmarks.BENCHMARKS.items() if name in asked["only"]}
    with place(asked["database"]) as there:
        with there.house.app_context():
            county = settle(Size(packages=asked["packages"]))
        there.keep("county")
        for name, measure in chosen.items():
            let_wait(sys.modules[f"bench.{name}"], partner)
            for figure in measure(there, county, asked["rounds"]):
                rounds = getattr(figure.figure, "rounds", [figure.figure])
                partner.write({"event": "figure", "name": figure.name, "unit": figure.unit, "rounds": rounds})
    partner.write({"event": "done"})


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
