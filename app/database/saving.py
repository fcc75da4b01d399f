"""Whether what people do can be kept: a full disk and a read-only database stop writing, not reading.

Each process learns of the trouble by its own failed write and keeps saying so until a real write works again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

UNOPENED = "not to be opened"
"""The trouble of a file, or of what SQLite keeps beside it, that cannot be opened: then nobody reads either."""
SQLITE_TROUBLE = {8: "read-only", 10: "disk", 13: "disk full", 14: UNOPENED}
"""SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN: what a full or read-only disk answers."""
POSTGRESQL_TROUBLE = {"25006": "read-only", "53100": "disk full", "58030": "disk"}
TRY_AGAIN_AFTER = 2.0
LEAST_FREE = 1024 * 1024
"""Bytes. With less the next write may fail, even though a small one still fits into pages that are there."""


def trouble_with(error: BaseException | None) -> str | None:
    """The trouble that a driver's error tells of, if it is one that stops all writing."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return SQLITE_TROUBLE.get(code & 0xFF)
    return POSTGRESQL_TROUBLE.get(getattr(error, "sqlstate", None) or "")


class Saving:
    """What this process knows: the trouble with writing, or None; and when it was last looked at."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self._looked_at = 0.0
        self._lock = threading.Lock()

    def failed(self, trouble: str) -> None:
        self.trouble, self._looked_at = trouble, monotonic()

    def worked(self) -> None:
        self.trouble = None

    def look_again(self, try_to_write: Callable[[], bool]) -> None:
        """While there is trouble, tries a write every 2 s, in one thread at a time."""
        if self.trouble is None or monotonic() - self._looked_at < TRY_AGAIN_AFTER:
            return
        if self._lock.acquire(blocking=False):
            try:
                self._looked_at = monotonic()
                if try_to_write():
                    self.worked()
            finally:
                self._lock.release()


_of_engines: WeakKeyDictionary[Engine, Saving] = WeakKeyDictionary()


def saving(engine: Engine) -> Saving:
    """What is known of this database."""
    return _of_engines.setdefault(engine, Saving())


def watch(engine: Engine) -> None:
    """Notices every failed write."""
    known = _of_engines[engine] = Saving()

    @event.listens_for(engine, "handle_error")
    def on_error(context: ExceptionContext) -> None:
        if trouble := trouble_with(context.original_exception):
            known.failed(trouble)


def has_room(engine: Engine) -> bool:
    """Whether the disk under a SQLite file has room for more; the room of a PostgreSQL server is not seen from here."""
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        return True
    try:
        place: Any = os.statvfs(os.path.dirname(os.path.abspath(file)))
    except (OSError, AttributeError):
        return True
    return bool(place.f_bavail * place.f_frsize >= LEAST_FREE)
