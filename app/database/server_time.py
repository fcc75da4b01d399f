"""One clock for all machines: that of the PostgreSQL server. A machine whose own clock is wrong, or is set while it runs,
still judges every deadline, lease and session by the same time as the others.

The server is asked at most every 30 s, when a connection is taken from the pool; in between the machine's steady clock
counts on. With SQLite there is one machine, and its clock is the clock.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

from app import clock

ASK_EVERY_SECONDS = 30

log = logging.getLogger(__name__)


class ServerTime:
    """When the server was last asked for its time."""

    def __init__(self) -> None:
        self._asked = float("-inf")

    def on_checkout(self, connection: Any, _record: object, _proxy: object) -> None:
        """Asks again when the last answer is old. An answer that does not come leaves the clock as it was."""
        if time.monotonic() - self._asked < ASK_EVERY_SECONDS:
            return
        self._asked = time.monotonic()
        try:
            # Straight to the driver: this belongs to no transaction and no count of a page's queries.
            with connection.cursor() as cursor:
                (instant,) = cursor.execute("SELECT clock_timestamp()").fetchone()
            connection.rollback()
        except psycopg.Error:
            return
        moved = clock.follow(instant)
        if abs(moved.total_seconds()) > 1:
            log.warning("this machine's clock is off; the database's is used, %.1f s away", moved.total_seconds())


def follow_server(engine: Engine) -> None:
    """Lets the clock follow the server of this engine, at once and from then on."""
    event.listen(engine, "checkout", ServerTime().on_checkout)
    try:
        engine.connect().close()
    except SQLAlchemyError:
        log.warning("the database could not be asked for the time; the machine's clock is used until it can")
    engine.dispose()
