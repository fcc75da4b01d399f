"""What time it is. The one place that asks the machine.

A request or a job fixes its moment once (`moment`), so everything it does happens at one instant:
the instant the request arrived. Tests move the clock with `moved_to`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_moved: list[datetime] = []


def now() -> datetime:
    """This request's or job's instant, aware and in UTC."""
    return _moment.get() or machine_time()


def machine_time() -> datetime:
    """The instant by the machine's clock, or by a test's moved clock."""
    return _moved[-1] if _moved else datetime.now(UTC)


def today() -> date:
    """The date in England now."""
    return now().astimezone(LONDON).date()


@contextmanager
def moment() -> Iterator[datetime]:
    """Holds `now()` still while one request or job runs."""
    instant = machine_time()
    token = _moment.set(instant)
    try:
        yield instant
    finally:
        _moment.reset(token)


@contextmanager
def moved_to(instant: datetime) -> Iterator[None]:
    """For tests and the simulator: the machine's clock shows `instant` in every thread."""
    if instant.tzinfo is None:
        raise ValueError("The clock moves to aware instants only.")
    _moved.append(instant.astimezone(UTC))
    try:
        yield
    finally:
        _moved.pop()
