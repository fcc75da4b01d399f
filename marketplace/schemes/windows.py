"""When an offer's answers are due: hours that end in opening times, or working days of England (rules C1 to C3)."""

from __future__ import annotations

from datetime import datetime, time

from app.calendar.deadlines import deadline_after_hours, deadline_after_working_days
from app.calendar.working_days import BeyondCalendar, england
from app.errors import Conflict
from marketplace.schemes.models import SchemePolicy
from marketplace.vocabulary import Window


def deadline_of(policy: SchemePolicy, window: Window, issued_at: datetime) -> datetime:
    """The instant (UTC) at which it is too late; raises Conflict when bank holidays are not known so far ahead."""
    if window is Window.BATCH:
        return _after_working_days(issued_at, policy.batch_working_days)
    hours = policy.urgent_hours if window is Window.URGENT else policy.standard_hours
    opening, closing = (time.fromisoformat(text) for text in (policy.opening, policy.closing))
    return deadline_after_hours(issued_at, hours, opening, closing)


def _after_working_days(issued_at: datetime, days: int) -> datetime:
    try:
        return deadline_after_working_days(issued_at, days, england())
    except BeyondCalendar as beyond:
        raise Conflict(str(beyond)) from beyond
