"""`make faults`: runs the proofs, prints a table, writes JSON lines, and exits 1 on a finding.

`python -m faults [--only NAME] [--database sqlite|postgres] [--times N] [--lines FILE]`
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from config import ROOT
from faults.places import cleared
from faults.registry import BOTH, PROOFS, Proof, load
from faults.report import HEADING, Row, all_held, write_lines


def main() -> None:
    """Runs what was asked for."""
    load()
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    started, rows = time.monotonic(), []
    print(HEADING, flush=True)
    with cleared():
        for row in _rows(asked):
            print(row.line, flush=True)
            rows.append(row)
    write_lines(rows, asked.lines)
    held = all_held(rows)
    print(
        f"\n{len(rows)} cases in {time.monotonic() - started:.0f} s. {'All held.' if held else 'Findings, see above.'}"
    )
    print(f"JSON lines: {asked.lines}")
    raise SystemExit(0 if held else 1)


def _rows(asked: argparse.Namespace) -> Iterator[Row]:
    databases = [asked.database] if asked.database else BOTH
    for one in _chosen(asked.only):
        for database in (name for name in databases if name in one.databases):
            yield from one.run(database, asked.times or one.times)


def _chosen(only: list[str] | None) -> list[Proof]:
    return [one for name, one in PROOFS.items() if not only or name in only]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description="Proofs of failure and recovery.")
    parser.add_argument("--only", action="append", choices=list(PROOFS), help="only this proof; may be repeated")
    parser.add_argument("--database", choices=BOTH, help="only on this database")
    parser.add_argument("--times", type=int, help="how often each case is tried")
    parser.add_argument("--lines", type=Path, default=ROOT / "instance" / "faults.jsonl", help="where JSON lines go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
