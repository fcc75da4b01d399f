"""How many questions a request asks of the database, and how long it waits for the answers."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from sqlalchemy import Engine, event


@dataclass(slots=True)
class Tally:
    """Queries asked, and seconds until their first answers."""

    queries: int = 0
    seconds: float = 0.0
    asked_at: float = 0.0


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


def begin_tally() -> Tally:
    """Counts anew from here."""
    tally = Tally()
    _tally.set(tally)
    return tally


def count_queries(engine: Engine) -> None:
    """Makes every statement of this engine count; the BEGIN of SQLite is not one."""

    @event.listens_for(engine, "before_cursor_execute")
    def on_question(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        tally = _tally.get()
        if tally is not None and not statement.startswith("BEGIN"):
            tally.queries += 1
            tally.asked_at = perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def on_answer(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        tally = _tally.get()
        if tally is not None and not statement.startswith("BEGIN"):
            tally.seconds += perf_counter() - tally.asked_at
