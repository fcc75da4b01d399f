"""People who go on reading and answering while something is broken, and what they were told."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from faults.talk import Answer, Caller
from faults.work import Act

TOLD_WITHIN = 10.0
"""Seconds within which everybody is told something."""
PAUSE = 0.2
PACE = 0.05


@dataclass
class Traffic:
    """Several readers, and one writer with things to do, until they are told to stop."""

    port: int
    readers: Sequence[Caller]
    acts: Sequence[Act] = ()
    read: list[Answer] = field(default_factory=list)
    written: list[Act] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Everybody starts."""
        work = [threading.Thread(target=self._read, args=(one,), daemon=True) for one in self.readers]
        work += [threading.Thread(target=self._write, daemon=True)] if self.acts else []
        self._threads = work
        for thread in work:
            thread.start()

    def end(self) -> None:
        """Everybody stops after the answer that they wait for."""
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    def _read(self, reader: Caller) -> None:
        while not self._stop.wait(PAUSE):
            self.read.append(reader.with_port(self.port).get("/api/v1/packages", limit=60))

    def _write(self) -> None:
        for act in self.acts:
            if self._stop.wait(PAUSE):
                return
            self.written.append(act)
            act.answer = act.do(self.port)


def readers(officers: Mapping[str, Caller], number: int) -> list[Caller]:
    """So many people who may read packages."""
    may = [officers[name] for name in ("navigator", "broker", "broker2", "auditor")]
    return [may[place % len(may)] for place in range(number)]


def badly_told(answers: Sequence[Answer], good: Sequence[int], *, within: float = TOLD_WITHIN) -> list[str]:
    """Findings: nobody waits longer than that; who is refused reads 503 and when to try again."""
    found = []
    if slow := [answer for answer in answers if answer.seconds > within]:
        found.append(
            f"{len(slow)} of {len(answers)} waited over {within:.0f} s, up to {max(a.seconds for a in slow):.1f}"
        )
    if odd := [answer for answer in answers if answer.status not in good]:
        found.append(f"{len(odd)} were answered {odd[0].status}: {odd[0].text[:120]}")
    if [answer for answer in answers if answer.status == 503 and not answer.headers.get("Retry-After")]:
        found.append("a 503 did not say when to try again")
    return found


def red_after(port: int, limit: float = TOLD_WITHIN) -> float | None:
    """Seconds until /readyz says that the database takes no writes; None if it does not within the limit."""
    return _until(port, False, limit)


def green_after(port: int, limit: float = TOLD_WITHIN) -> float | None:
    """Seconds until /readyz says that it does again."""
    return _until(port, True, limit)


def _until(port: int, wanted: bool, limit: float) -> float | None:
    began, nobody = time.monotonic(), Caller("", port)
    for _ in count():
        answer = nobody.get("/readyz", limit=limit)
        seconds = time.monotonic() - began
        if seconds > limit:
            return None
        if answer.status in {200, 503} and answer.json.get("database") is wanted:
            return seconds
        time.sleep(PACE)
    return None
