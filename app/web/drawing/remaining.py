"""Time left until a deadline, in words and as a share of the whole window."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What a page shows about a deadline: words, the share of the window gone (0-100) and whether it is over."""

    now: datetime
    deadline: datetime
    opened: datetime
    text: str
    percent_gone: int
    soon: bool
    over: bool


def time_left(now: datetime, opened: datetime, deadline: datetime) -> TimeLeft:
    """Describe the time left; all three are aware instants. At the deadline itself it is over."""
    left = (deadline - now).total_seconds()
    whole = max((deadline - opened).total_seconds(), 1)
    over = left <= 0
    gone = 100 if over else max(0, min(100, round(100 * (1 - left / whole))))
    text = "Closed" if over else f"{_words(left)} left"
    return TimeLeft(now, deadline, opened, text, gone, 0 < left <= whole / 4, over)


def _words(seconds: float) -> str:
    minutes = int(seconds // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return _joined(_counted(days, "day"), _counted(hours, "hour") if hours else "")
    if hours:
        return _joined(_counted(hours, "hour"), _counted(minutes % 60, "minute") if minutes % 60 else "")
    return _counted(minutes, "minute") if minutes else "Less than a minute"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _joined(first: str, second: str) -> str:
    return f"{first} {second}".strip()
