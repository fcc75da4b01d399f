"""`make test` and `make check`: every part, also after one that failed; at the end what failed, and how to run it alone.

Two parts run at a time, so that no processor waits for the last test of a part; each shows what it says when it is done.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

QUICK = ("rules", "types", "lint", "imports", "templates")
LONG = ("postgres", "sqlite", "chromium")
"""The slowest first, so that it is not the last one alone."""
AT_ONCE = 2
WORKERS = "WORKERS=2"
"""Of each long part: with the other part's, as many as keep two processors busy while some wait for servers."""
COUNTED = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed)\b")
SUMMARY = re.compile(r"^=* ?\d+ (?:passed|failed|errors?|skipped)\b.* in [\d.]+s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """One target of make that has run, and what it said."""

    name: str
    good: bool
    said: str

    @property
    def counts(self) -> Counter[str]:
        """How many tests passed and failed; a part without tests that fails counts as one failure."""
        lines = SUMMARY.findall(self.said)
        counts = Counter({what.removesuffix("s"): int(number) for number, what in COUNTED.findall("".join(lines))})
        if not self.good and not counts["failed"] + counts["error"]:
            counts["failed"] = 1
        return counts


def main() -> None:
    """Runs the parts and exits 1 when one of them failed."""
    parts = list(shown(QUICK if "--quick" in sys.argv else (*QUICK, *LONG)))
    total = sum((part.counts for part in parts), Counter[str]())
    failed = [part for part in parts if not part.good]
    print()
    for part in failed:
        print(f"Failed: {part.name}. To run it alone: make {part.name}")
    print(f"{total['passed']} passed, {total['failed'] + total['error']} failed")
    raise SystemExit(1 if failed else 0)


def shown(names: Iterable[str]) -> Iterator[Part]:
    """The parts in their order, each shown when it is done."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for part in pool.map(run, names):
            print(part.said, end="", flush=True)
            yield part


def run(name: str) -> Part:
    """Runs a part and keeps what it says."""
    print(f"Begun: {name}", flush=True)
    done = subprocess.run(["make", name, WORKERS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return Part(name, done.returncode == 0, done.stdout)


if __name__ == "__main__":
    main()
