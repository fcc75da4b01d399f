"""Waiting for what happens by itself. No test judges how fast it was: speed is measured by `bench` and `faults`."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST = 120.0
"""Seconds. So many that a slow and busy machine never needs them: only what never happens is waited for that long."""


def wait_until(happened: Callable[[], object], otherwise: str = "It has not happened.") -> None:
    """Returns as soon as it has happened; fails with a sentence where it never does."""
    end = time.monotonic() + LONGEST
    while not happened():
        assert time.monotonic() < end, otherwise
        time.sleep(0.02)
