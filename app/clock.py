"""What time it is. The one place that asks the machine.

A request or a job fixes its moment once (`moment`), so everything it does happens at one instant:
the instant the request arrived. Where there is a database server its clock is followed (`follow`), so that machines
whose clocks differ judge deadlines alike. Tests move the clock with `moved_to`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_moved: list[datetime] = []
_followed: tuple[datetime, float] | None = None
"""An instant of the followed clock, and this machine's steady clock at it."""
NEAR = timedelta(milliseconds=50)


def now() -> datetime:
    """This request's or job's instant, aware and in UTC."""
    return _moment.get() or machine_time()


def machine_time() -> datetime:
    """The instant by the followed clock or the machine's own, or by a test's moved clock."""
    return _moved[-1] if _moved else _true_time()


def _true_time() -> datetime:
    if _followed is None:
        return datetime.now(UTC)
    instant, steady = _followed
    return instant + timedelta(seconds=time.monotonic() - steady)


def follow(instant: datetime) -> timedelta:
    """Another clock, that of the database server, shows this instant: go on from it. How far ours was moved.

    What is near enough stays as it is, so that time runs evenly.
    """
    global _followed
    moved = instant - _true_time()
    if _followed is None or abs(moved) > NEAR:
        _followed = (instant.astimezone(UTC), time.monotonic())
    return moved


def forget_followed() -> None:
    """Back to the machine's own clock."""
    global _followed
    _followed = None


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
