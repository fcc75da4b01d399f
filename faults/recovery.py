"""After the trouble: everything is good again by itself, nothing is half done, nothing acknowledged is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from faults.effects import whole
from faults.server import BACK_WITHIN
from faults.talk import Caller
from faults.traffic import green_after
from faults.work import Act
from faults.world import Witness, World

FAILED_AT_MOST = 5
"""Requests that may fail after the database is back, for all workers together (the promise is for each)."""
GOOD_IN_A_ROW = 6
TRY_EVERY = 1.0


def comes_back(port: int, caller: Caller, found: list[str]) -> str:
    """Asks until all workers answer well, and /readyz is green; what was seen. Notes what takes too long."""
    began, failed, in_a_row = time.monotonic(), 0, 0
    while in_a_row < GOOD_IN_A_ROW and time.monotonic() - began < 2 * BACK_WITHIN:
        good = caller.with_port(port).get("/api/v1/packages", limit=BACK_WITHIN).status == 200
        in_a_row, failed = (in_a_row + 1 if good else 0), failed + (not good)
        time.sleep(0.0 if good else TRY_EVERY)
    seconds = time.monotonic() - began
    if seconds > BACK_WITHIN or failed > FAILED_AT_MOST:
        found.append(f"{failed} requests failed in the {seconds:.1f} s after the trouble")
    if green_after(port) is None:
        found.append("/readyz was not green within 10 s after the trouble")
    return f"all good {seconds:.1f} s after it, {failed} failed till then"


def look(acts: Sequence[Act], port: int, world: World, witness: Witness) -> list[str]:
    """Findings: halves, losses, and what is not done once when everything is sent again."""
    found: list[str] = []
    for act in acts:
        effect = witness.see(partial(act.effect, world, act.subject))
        found += effect.problems
        if act.acknowledged and not effect.done:
            found.append(f"{act.name} was acknowledged and is lost")
        act.again = act.do(port)
        after = witness.see(partial(act.effect, world, act.subject))
        found += after.problems
        if not act.again.good or not after.done:
            found.append(f"{act.name} sent again is {act.again.status}: {act.again.text[:120]}")
    return found + list(witness.see(partial(whole, world)))
