"""Deadlines as instants, and local times as people read and type them.

Hours are elapsed hours, so the night when clocks change costs nobody an hour. Working days end at a local time.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.calendar.working_days import Calendar, england
from app.values.days import date_text

LONDON = ZoneInfo("Europe/London")
END_OF_WORKING_DAY = time(17)
LEAST_OPEN = timedelta(hours=2)
"""So much of a window in hours lies in opening times, or all of a shorter one: overnight nobody can answer."""


class NoSuchTime(ValueError):
    """The local time is skipped when clocks go forward."""


class TimeHappensTwice(ValueError):
    """The local time happens twice when clocks go back, and nobody said which is meant."""


def deadline_after_hours(
    issued_at: datetime, hours: int, opening: time, closing: time, calendar: Calendar | None = None
) -> datetime:
    """The instant so many elapsed hours after issue, moved on to when people are at work where it is not.

    Outside opening to closing (both included) it moves to the next opening; from a bank holiday to the opening of the
    next working day; and on until the two hours LEAST_OPEN were open. Weekends count: people leave hospital on them.
    """
    if hours < 1:
        raise ValueError("A response window has at least one hour.")
    if opening >= closing:
        raise ValueError("The opening time must be before the closing time.")
    calendar = calendar or england()
    issued_at, least = _utc(issued_at), min(timedelta(hours=hours), LEAST_OPEN)
    due = _open_from(elapsed(issued_at, hours), opening, closing, calendar)
    while (missing := least - _open_between(issued_at, due, opening, closing, calendar)) > timedelta():
        due = _open_from(due + missing, opening, closing, calendar)
    return due


def elapsed(issued_at: datetime, hours: int) -> datetime:
    """The instant so many hours after issue, whatever time of day that is."""
    return _utc(issued_at) + timedelta(hours=hours)


def deadline_after_working_days(issued_at: datetime, count: int, calendar: Calendar) -> datetime:
    """The instant at which the nth working day after the local day of issue ends."""
    if count < 1:
        raise ValueError("A response window has at least one working day.")
    issued_on = _utc(issued_at).astimezone(LONDON).date()
    return _instant(calendar.working_days_after(issued_on, count), END_OF_WORKING_DAY)


def end_of_day(day: date) -> datetime:
    """The last minute of a local day, as an instant."""
    return _instant(day, time(23, 59))


@lru_cache(maxsize=1_000)  # the letters and answers of one act name the same few instants, a text each time
def local_text(at: datetime) -> str:
    """The instant as a page says it, with its clock named: `Sunday 25 October 2026 at 1:30am GMT`.

    Seconds are dropped, so nobody is told a later time than the true one.
    """
    local = _utc(at).astimezone(LONDON)
    return f"{local:%A} {date_text(local.date())} at {_clock_text(local.time())} {local.tzname()}"


def local_date(at: datetime) -> date:
    """The date in London at that instant."""
    return _utc(at).astimezone(LONDON).date()


def parse_local(day: date, clock: time, fold: int | None = None) -> datetime:
    """The instant (UTC) of a local date and time.

    `fold` chooses between the two moments of a repeated hour: 0 the earlier (BST), 1 the later (GMT); elsewhere it
    means nothing. Raises NoSuchTime or TimeHappensTwice with a sentence.
    """
    earlier, later = (_instant(day, clock, which) for which in (0, 1))
    if earlier > later:
        raise NoSuchTime(f"{_clock_text(clock)} does not exist on {date_text(day)}: clocks go forward. Choose another.")
    if earlier < later and fold is None:
        raise TimeHappensTwice(
            f"{_clock_text(clock)} happens twice on {date_text(day)}: clocks go back. Say whether you mean BST or GMT."
        )
    return later if fold else earlier


def _open_from(at: datetime, opening: time, closing: time, calendar: Calendar) -> datetime:
    """The instant itself while offices are open, else the next opening."""
    local = at.astimezone(LONDON)
    day = local.date() + timedelta(days=int(local.time() > closing))
    if calendar.is_holiday(day):
        return _instant(calendar.next_working_day(day), opening)
    return at if day == local.date() and local.time() >= opening else _instant(day, opening)


def _open_between(begin: datetime, end: datetime, opening: time, closing: time, calendar: Calendar) -> timedelta:
    """How long offices are open between two instants."""
    first, last = local_date(begin), local_date(end)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    spans = ((_instant(day, opening), _instant(day, closing)) for day in days if not calendar.is_holiday(day))
    return sum((max(timedelta(), min(end, shut) - max(begin, opens)) for opens, shut in spans), timedelta())


def _instant(day: date, clock: time, fold: int = 0) -> datetime:
    return datetime.combine(day, clock.replace(fold=fold), LONDON).astimezone(UTC)


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError("An instant needs its time zone.")
    return at.astimezone(UTC)


def _clock_text(clock: time) -> str:
    if clock.minute == 0 and clock.hour % 12 == 0:
        return "midday" if clock.hour else "midnight"
    minutes = f":{clock.minute:02d}" if clock.minute else ""
    return f"{clock.hour % 12 or 12}{minutes}{'am' if clock.hour < 12 else 'pm'}"
