"""`make bench`: measures, prints a table and writes JSON lines; with `--beside`, exits 1 when too much is slower.

`python -m bench [--only NAME] [--database sqlite|postgres] [--rounds N] [--packages N] [--lines FILE]`
`python -m bench --beside REVISION [--with-tests] …`: every row as a share of an older build's time
`python -m bench --only tryton [--rounds N]`: the same workload here and on the peer, which pip installs
"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import answering, beside, importing, issuing, lists, ranking, recording, refusing
from bench.county import County, Size, settle
from bench.figures import HEADING, Figure, table_row
from bench.places import POSTGRES, SQLITE, Place, place
from bench.tryton import measure as peer
from config import ROOT

Measure = Callable[[Place, County, int], list[Figure]]
BENCHMARKS: dict[str, Measure] = {
    "issuing": issuing.measure,
    "answering": answering.measure,
    "ranking": ranking.measure,
    "recording": recording.measure,
    "importing": importing.measure,
    "lists": lists.measure,
    "refusing": refusing.measure,
}
PEER = "tryton"
BESIDE_ONLY = "demo"
"""A row of `--beside` alone: without an older build there is nothing to hold it against."""


def main() -> None:
    """Measures what was asked for."""
    asked, started = _arguments(), time.monotonic()
    measured = _beside if asked.beside else _beside_peer if asked.only == [PEER] else _alone
    lines, said, kept = measured(asked)
    asked.lines.parent.mkdir(parents=True, exist_ok=True)
    asked.lines.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"\n{len(lines)} figures in {time.monotonic() - started:.0f} s. JSON lines: {asked.lines}")
    print(said)
    raise SystemExit(0 if kept else 1)


def _alone(asked: argparse.Namespace) -> tuple[list[str], str, bool]:
    """Every figure beside its baseline: the lines, what to say in the end, and whether limits are kept."""
    logging.disable(logging.INFO)
    print(HEADING, flush=True)
    figures = []
    for database in _databases(asked):
        for figure in _measured(database, asked):
            print(table_row(figure), flush=True)
            figures.append(figure)
    beyond = [figure.name for figure in figures if not figure.holds]
    said = f"Beyond the limit: {', '.join(beyond)}." if beyond else "Ratios are there to be known; every limit is kept."
    return [figure.line for figure in figures], said, not beyond


def _beside(asked: argparse.Namespace) -> tuple[list[str], str, bool]:
    """Every row beside the older build."""
    wanted = beside.Asked(
        revision=asked.beside,
        only=asked.only or (),
        databases=_databases(asked),
        rounds=asked.rounds,
        packages=asked.packages,
        with_tests=asked.with_tests,
    )
    rows = []
    for row in beside.rows_beside(wanted, list(BENCHMARKS)):
        print(row.text, flush=True)
        rows.append(row)
    said, kept = beside.verdict(rows)
    return [row.line for row in rows], said, kept


def _beside_peer(asked: argparse.Namespace) -> tuple[list[str], str, bool]:
    """Every row beside the peer."""
    logging.disable(logging.INFO)
    rows = peer.measure(asked.rounds)
    print("\n".join([peer.HEADING, *(row.text for row in rows)]))
    beyond = [row.name for row in rows if not row.holds]
    said = f"Beyond the limit: {', '.join(beyond)}." if beyond else "Every limit is kept."
    return [row.line for row in rows], said, not beyond


def _databases(asked: argparse.Namespace) -> Sequence[str]:
    return [asked.database] if asked.database else [SQLITE, POSTGRES]


def _measured(database: str, asked: argparse.Namespace) -> Iterator[Figure]:
    with place(database) as there:
        with there.house.app_context():
            county = settle(Size(packages=asked.packages))
        there.keep("county")
        for name, measure in BENCHMARKS.items():
            if not asked.only or name in asked.only:
                yield from measure(there, county, asked.rounds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed, beside a baseline or an older build.")
    names = [*BENCHMARKS, BESIDE_ONLY, PEER]
    parser.add_argument("--only", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("--database", choices=[SQLITE, POSTGRES], help="only on this database")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds; the medians count")
    parser.add_argument("--packages", type=int, default=5_000, help="how many packages there are")
    parser.add_argument("--lines", type=Path, default=ROOT / "instance" / "bench.jsonl", help="where JSON lines go")
    parser.add_argument("--beside", metavar="REVISION", help="compare with the build of this revision")
    parser.add_argument("--with-tests", action="store_true", help="with --beside: time make check and make test too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
