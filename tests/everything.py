"""`make test` and `make check`: every part, also after one that failed; at the end what failed, and how to run it alone.

The quick parts run two at a time, and each shows what it says when it is done; the long ones use all processors.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

QUICK = ("rules", "types", "lint", "imports", "templates")
"""The slowest first, so that it is not the last one alone."""
LONG = ("sqlite", "postgres", "chromium")
AT_ONCE = 2
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
    parts = [*quick_parts(), *([] if "--quick" in sys.argv else long_parts())]
    total = sum((part.counts for part in parts), Counter[str]())
    failed = [part for part in parts if not part.good]
    print()
    for part in failed:
        print(f"Failed: {part.name}. To run it alone: make {part.name}")
    print(f"{total['passed']} passed, {total['failed'] + total['error']} failed")
    raise SystemExit(1 if failed else 0)


def quick_parts() -> Iterator[Part]:
    """Each is shown when it is done."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for part in pool.map(silently, QUICK):
            print(part.said, end="", flush=True)
            yield part


def silently(name: str) -> Part:
    """Runs a part and keeps what it says."""
    done = subprocess.run(["make", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return Part(name, done.returncode == 0, done.stdout)


def long_parts() -> Iterator[Part]:
    """Each is shown while it runs."""
    for name in LONG:
        said = []
        with subprocess.Popen(["make", name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            for line in process.stdout or ():
                print(line, end="", flush=True)
                said.append(line)
        yield Part(name, process.returncode == 0, "".join(said))


if __name__ == "__main__":
    main()
