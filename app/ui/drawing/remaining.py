"""Time left until a deadline, in words and as a share of the whole window."""

from dataclasses import dataclass
from datetime import datetime

from app.values.words import time_left_words


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
    text = "Closed" if over else f"{time_left_words(left)} left"
    return TimeLeft(now, deadline, opened, text, gone, 0 < left <= whole / 4, over)
