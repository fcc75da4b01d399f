"""The weekly plan as rows of a table: equal visits of several days gathered in one row."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from app.ui.drawing.labels import LabelledVisit, clock_text
from app.values.hours import hours_text

_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class ListedVisit(LabelledVisit, Protocol):
    """A visit that also knows its weekday, 0 for Monday."""

    @property
    def weekday(self) -> int: ...


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One line of the plan in words."""

    days: str
    window: str
    length: str
    carers: int
    time_critical: bool
    former: bool
    tasks: str
    mark: str


def visit_rows(visits: Iterable[ListedVisit], former: Iterable[ListedVisit] = ()) -> tuple[VisitRow, ...]:
    """The plan by time of day, then what it was before a change."""
    return (*_rows(visits, False), *_rows(former, True))


def _rows(visits: Iterable[ListedVisit], former: bool) -> list[VisitRow]:
    days: dict[tuple[int, int, int, int, bool, str, str], set[int]] = {}
    for visit in visits:
        timing = (visit.window_start, visit.window_end, visit.minutes, visit.carers)
        days.setdefault((*timing, visit.time_critical, visit.tasks, visit.mark), set()).add(visit.weekday)
    return [
        VisitRow(_days_text(sorted(on)), _window_text(start, end), hours_text(length), carers, critical, former, *texts)
        for (start, end, length, carers, critical, *texts), on in sorted(days.items())
    ]


def _window_text(start: int, end: int) -> str:
    return f"{clock_text(start)} to {clock_text(end)}"


def _days_text(days: list[int]) -> str:
    if len(days) == 7:
        return "Every day"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{_NAMES[days[0]]} to {_NAMES[days[-1]]}"
    names = [_NAMES[day] for day in days]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
