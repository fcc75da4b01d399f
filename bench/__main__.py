"""`make bench`: measures, prints a table, writes JSON lines, and exits 1 when a ratio is beyond its limit.

`python -m bench [--only NAME] [--database sqlite|postgres] [--rounds N] [--packages N] [--lines FILE]`
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import answering, importing, issuing, lists, ranking, recording
from bench.county import County, Size, settle
from bench.figures import HEADING, Figure, table_row
from bench.places import POSTGRES, SQLITE, Place, place
from config import ROOT

Measure = Callable[[Place, County, int], list[Figure]]
BENCHMARKS: dict[str, Measure] = {
    "issuing": issuing.measure,
    "answering": answering.measure,
    "ranking": ranking.measure,
    "recording": recording.measure,
    "importing": importing.measure,
    "lists": lists.measure,
}


def main() -> None:
    """Measures what was asked for."""
    asked, started, found = _arguments(), time.monotonic(), []
    logging.disable(logging.INFO)
    print(HEADING, flush=True)
    for name in [asked.database] if asked.database else [SQLITE, POSTGRES]:
        for one in _measured(name, asked):
            print(table_row(one), flush=True)
            found.append(one)
    asked.lines.parent.mkdir(parents=True, exist_ok=True)
    asked.lines.write_text("".join(f"{one.line}\n" for one in found), encoding="utf-8")
    beyond = [one.name for one in found if not one.holds]
    print(f"\n{len(found)} figures in {time.monotonic() - started:.0f} s. JSON lines: {asked.lines}")
    print(f"Beyond the limit: {', '.join(beyond)}." if beyond else "Every limit is kept.")
    raise SystemExit(1 if beyond else 0)


def _measured(database: str, asked: argparse.Namespace) -> Iterator[Figure]:
    with place(database) as there:
        with there.house.app_context():
            county = settle(Size(packages=asked.packages))
        there.keep("county")
        for name, measure in BENCHMARKS.items():
            if not asked.only or name in asked.only:
                yield from measure(there, county, asked.rounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed, each figure beside its baseline.")
    parser.add_argument("--only", action="append", choices=list(BENCHMARKS), help="only this one; may be repeated")
    parser.add_argument("--database", choices=[SQLITE, POSTGRES], help="only on this database")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds; the medians count")
    parser.add_argument("--packages", type=int, default=5_000, help="how many packages there are")
    parser.add_argument("--lines", type=Path, default=ROOT / "instance" / "bench.jsonl", help="where JSON lines go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
