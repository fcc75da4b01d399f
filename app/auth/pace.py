"""How much one user may ask of one process in a minute: whoever scripts the pages is slowed, others notice nothing.

Counted in memory, each web process for itself: it guards the machine, not a secret, and may not cost a write.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from flask import Flask, current_app, request

from app.errors import TooMany
from app.http.viewer import viewer_or_none
from config import Config

MINUTE = 60
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Pace:
    """What every user has asked for in this minute. Forgotten as a whole when the next one begins."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._minute = 0
        self._asked: Counter[tuple[UUID, bool]] = Counter()

    def wait(self, user_id: UUID, *, writes: bool, most: int) -> int | None:
        """Counts one request; the seconds to wait where it is one too many, else None. `most` 0: no limit."""
        now = self._seconds()
        if int(now) // MINUTE != self._minute:
            self._minute, self._asked = int(now) // MINUTE, Counter()
        self._asked[user_id, writes] += 1
        return MINUTE - int(now) % MINUTE if 0 < most < self._asked[user_id, writes] else None


def prepare_pace(app: Flask) -> None:
    """Refuses what comes too fast, before anything is done for it."""
    app.extensions["pace"] = Pace()
    app.before_request(_keep_pace)


def _keep_pace() -> None:
    viewer = viewer_or_none()
    if viewer is None:
        return
    config: Config = current_app.extensions["config"]
    pace: Pace = current_app.extensions["pace"]
    writes = request.method not in SAFE
    most = config.writes_per_minute if writes else config.requests_per_minute
    if wait := pace.wait(viewer.user_id, writes=writes, most=most):
        raise TooMany("You are asking faster than Homeward answers for one person. Wait a moment.", wait)
