"""The visits of a week: read from and written as `Mon-Fri 07:30-09:30 45x1; Sun 12:00-14:00 60x2`, and judged.

Each clause is DAYS WINDOW MINUTESxCARERS, where people type it with `: TASKS` behind it when something is to be said. Days are lists and ranges and may wrap (`Fri-Mon`); a window may cross
midnight. A visit belongs to the day on which its window opens.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations, groupby
from typing import ClassVar

from app.values.days import TIME, minute_of_day
from app.values.spelling import plain, visible

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MINUTES_IN_DAY = 24 * 60
MINUTES_IN_WEEK = 7 * MINUTES_IN_DAY
SHORT_VISIT_MINUTES = 30
MOST_VISITS = 140
MOST_TASKS = 500
EXAMPLE_WEEK = "Mon-Fri 07:30-09:30 45x1; Sun 12:00-14:00 60x2"
EXAMPLE = f"Write visits like this: {EXAMPLE_WEEK}."

_CLAUSE = re.compile(
    r"(?P<days>[a-z]+(?:\s*[-,]\s*[a-z]+)*)\s+"
    rf"(?P<opens>{TIME})\s*-\s*(?P<closes>{TIME})\s+"
    r"(?P<minutes>[0-9]{1,4})\s*x\s*(?P<carers>[0-9]{1,2})(?:\s*:\s*(?P<tasks>.*))?",
    re.IGNORECASE,
)


class UnreadableVisits(ValueError):
    """Weekly visits that cannot be read; its arguments are a sentence for every clause that is wrong."""

    def __str__(self) -> str:
        return " ".join(self.args)


@dataclass(frozen=True, slots=True, order=True)
class Visit:
    """One visit a week: weekday 0 (Monday) to 6, a window in minutes of the day, its length and how many carers.

    A window that ends at midnight ends at 0; only the whole day, from 0, ends at 1440.
    """

    weekday: int
    window_start: int
    window_end: int
    minutes: int
    carers: int
    time_critical: bool = False
    tasks: str = ""
    mark: ClassVar[str] = ""

    @property
    def columns(self) -> dict[str, int | bool | str]:
        """The visit as its row in the table has it."""
        return {name: getattr(self, name) for name in VISIT_COLUMNS}

    @property
    def window_minutes(self) -> int:
        """How long the window is; one that ends before it starts crosses midnight."""
        whole_day = MINUTES_IN_DAY if self.window_end == MINUTES_IN_DAY else 0
        return (self.window_end - self.window_start) % MINUTES_IN_DAY or whole_day

    @property
    def opens(self) -> int:
        """Minutes from Monday 00:00 to the opening of the window."""
        return self.weekday * MINUTES_IN_DAY + self.window_start

    @property
    def timing(self) -> tuple[int, ...]:
        """Everything about the visit but its tasks and whether it is time-critical."""
        return (self.weekday, self.window_start, self.window_end, self.minutes, self.carers)

    @property
    def text(self) -> str:
        """The visit for a reader: `Monday 07:30-09:30, 45 minutes`."""
        return f"{DAY_NAMES[self.weekday]} {_window_text(self)}, {self.minutes} minutes"


VISIT_COLUMNS = tuple(field.name for field in fields(Visit))


def parse_weekly_visits(text: str, time_critical: bool = False, *, with_tasks: bool = False) -> tuple[Visit, ...]:
    """The visits that the text describes, in the order of the week; raises UnreadableVisits naming every bad clause.

    `time_critical` marks the first visit of each day. Tasks are read only `with_tasks`: files do not carry them here.
    """
    visits: list[Visit] = []
    reasons: list[str] = []
    clauses = [clause.strip() for clause in re.split(r"[;\n]", visible(text)) if clause.strip()]
    for number, clause in enumerate(clauses, start=1):
        try:
            visits.extend(_visits_of(clause, with_tasks))
        except ValueError as wrong:
            reasons.append(f"Clause {number}: {wrong}")
    if not visits and not reasons:
        reasons.append(f"There are no visits. {EXAMPLE}")
    if len(visits) > MOST_VISITS:
        reasons.append(f"There are {len(visits)} visits a week; the most is {MOST_VISITS}.")
    if reasons:
        raise UnreadableVisits(*reasons)
    return first_of_each_day_critical(visits) if time_critical else tuple(sorted(visits))


def at_same_times(ours: Iterable[Visit], theirs: Sequence[Visit]) -> bool:
    """Whether the windows of two visits meet, the end of the week included."""
    return any(
        (other.opens - one.opens) % MINUTES_IN_WEEK < one.window_minutes
        or (one.opens - other.opens) % MINUTES_IN_WEEK < other.window_minutes
        for one in ours
        for other in theirs
    )


def first_of_each_day_critical(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    """The visits in the order of the week, the first of each day marked time-critical."""
    marked: list[Visit] = []
    for _, of_the_day in groupby(sorted(visits), key=lambda visit: visit.weekday):
        first, *others = of_the_day
        marked += [replace(first, time_critical=True), *others]
    return tuple(marked)


def weekly_visits_text(visits: Iterable[Visit], *, with_tasks: bool = False) -> str:
    """The visits in the form that `parse_weekly_visits` reads; time-critical marks are not part of it.

    Tasks are written `with_tasks`, on one line and without the semicolon that ends a clause.
    """
    days: dict[tuple[int, int, int, int, int, str], list[int]] = {}
    seen: dict[tuple[int, ...], int] = {}
    for visit in sorted(visits):
        seen[visit.timing] = seen.get(visit.timing, 0) + 1
        tasks = " ".join(visit.tasks.replace(";", ",").split()) if with_tasks else ""
        key = (visit.window_start, visit.window_end, visit.minutes, visit.carers, seen[visit.timing], tasks)
        days.setdefault(key, []).append(visit.weekday)
    return "; ".join(
        f"{_days_text(weekdays)} {_clock(start)}-{_clock(end)} {minutes}x{carers}{f': {tasks}' if tasks else ''}"
        for (start, end, minutes, carers, _, tasks), weekdays in sorted(days.items())
    )


def weekly_minutes(visits: Iterable[Visit]) -> int:
    """Minutes of care a week: the sum of length × carers."""
    return sum(visit.minutes * visit.carers for visit in visits)


def reasons_against_visits(visits: Sequence[Visit], short_visit_reason: str = "") -> list[str]:
    """Every reason why these visits cannot be asked for, each a sentence; an empty list when they can."""
    if not visits:
        return ["Add at least one visit."]
    in_order = sorted(visits)
    reasons = [reason for visit in in_order for reason in _against_one(visit)]
    if any(0 < visit.minutes < SHORT_VISIT_MINUTES for visit in visits) and not short_visit_reason.strip():
        reasons.append(f"A visit is shorter than {SHORT_VISIT_MINUTES} minutes: say why a short visit was agreed.")
    for first, second in _pairs_that_meet(in_order):
        reasons += _against_pair(first, second)
    return list(dict.fromkeys(reasons))


def not_within(visits: Iterable[Visit], allowed: Iterable[Visit]) -> list[Visit]:
    """Those visits that lie in none of the allowed ones: of the same length and carers, the window inside the other's.

    Each allowed visit holds one. Taken from the latest to open, each holds the one that ends last, so as many as can be
    are held.
    """
    left = list(visits)
    for other in sorted(allowed, key=lambda visit: visit.opens, reverse=True):
        if inside := [visit for visit in left if _ends_after(visit, other) <= other.window_minutes]:
            left.remove(max(inside, key=lambda visit: _ends_after(visit, other)))
    return sorted(left)


def _ends_after(visit: Visit, other: Visit) -> int:
    """How long after the opening of the other's window a visit's closes; for ever where its length or carers differ."""
    if (visit.minutes, visit.carers) != (other.minutes, other.carers):
        return 2 * MINUTES_IN_WEEK
    return (visit.opens - other.opens) % MINUTES_IN_WEEK + visit.window_minutes


def with_marks_of(visits: Iterable[Visit], asked: Iterable[Visit]) -> tuple[Visit, ...]:
    """Visits with the tasks and the time-critical mark of the nearest visit asked for on the same day; each gives them once."""
    left, marked = list(asked), []
    for visit in sorted(visits):
        nearest = [other for other in left if other.weekday == visit.weekday]
        if nearest:
            other = min(nearest, key=lambda other: abs(other.window_start - visit.window_start))
            left.remove(other)
            visit = replace(visit, tasks=other.tasks, time_critical=other.time_critical)
        marked.append(visit)
    return tuple(marked)


def _visits_of(clause: str, with_tasks: bool) -> list[Visit]:
    parts = _CLAUSE.fullmatch(plain(clause))
    if parts is None or (parts["tasks"] is not None and not with_tasks):
        raise ValueError(f"this cannot be read. {EXAMPLE}")
    # What is to be done stays as it was written, with its dashes.
    tasks = " ".join(clause[parts.start("tasks") :].split()) if parts["tasks"] else ""
    if len(tasks) > MOST_TASKS:
        raise ValueError(f"say what is to be done in at most {MOST_TASKS} characters.")
    weekdays = _weekdays(parts["days"])
    start, end = window_of(_minute_of_day(parts["opens"]), _minute_of_day(parts["closes"], MINUTES_IN_DAY))
    minutes, carers = int(parts["minutes"]), int(parts["carers"])
    return [Visit(weekday, start, end, minutes, carers, tasks=tasks) for weekday in weekdays]


def _weekdays(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        ends = [_weekday(name.strip()) for name in part.split("-")]
        if len(ends) > 2:
            raise ValueError("a range of days has two ends, such as Mon-Fri.")
        span = (ends[-1] - ends[0]) % 7 + 1
        found += [(ends[0] + step) % 7 for step in range(span)]
    if len(set(found)) < len(found):
        raise ValueError("a day is named twice.")
    return found


def _weekday(name: str) -> int:
    for number, full_name in enumerate(DAY_NAMES):
        if len(name) >= 3 and full_name.casefold().startswith(name.casefold()):
            return number
    raise ValueError("a day is not known. Use Mon, Tue, Wed, Thu, Fri, Sat, Sun.")


def _minute_of_day(text: str, last: int = MINUTES_IN_DAY - 1) -> int:
    try:
        minute = minute_of_day(text)
    except ValueError:
        minute = last + 1
    if minute > last:
        raise ValueError("a time is not on the clock. Use times from 00:00 to 23:59, and 24:00 for midnight.")
    return minute


def window_of(start: int, end: int) -> tuple[int, int]:
    """A window as it is kept: one that ends at midnight ends at 0, but the whole day at 1440."""
    return start, end % MINUTES_IN_DAY if start else end


def _days_text(weekdays: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for day in weekdays:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ",".join(DAYS[day] for day in run) for run in runs
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _window_text(visit: Visit) -> str:
    return f"{_clock(visit.window_start)}-{_clock(visit.window_end)}"


def _against_one(visit: Visit) -> list[str]:
    reasons = []
    if not visit.window_minutes:
        reasons.append(f"{visit.text}: the window opens and closes at the same time.")
    elif visit.minutes > visit.window_minutes:
        reasons.append(f"{visit.text}: the visit is longer than its window of {visit.window_minutes} minutes.")
    if visit.minutes < 1:
        reasons.append(f"{visit.text}: a visit has at least 1 minute.")
    if visit.carers not in (1, 2):
        reasons.append(f"{visit.text}: a visit has 1 or 2 carers, not {visit.carers}.")
    return reasons


def _pairs_that_meet(visits: Iterable[Visit]) -> Iterator[tuple[Visit, Visit]]:
    """The pairs whose windows meet, the end of the week included. Any other two fit, and most of a week are others."""
    windows = [(visit, visit.opens, visit.window_minutes or 1) for visit in visits]
    for (first, opens, lasts), (second, opens_too, lasts_too) in combinations(windows, 2):
        if (opens_too - opens) % MINUTES_IN_WEEK < lasts or (opens - opens_too) % MINUTES_IN_WEEK < lasts_too:
            yield first, second


def _against_pair(first: Visit, second: Visit) -> list[str]:
    if first.timing == second.timing:
        return [f"{first.text}: this visit is listed twice."]
    if _fit(first, second):
        return []
    reason = f"{first.text} and {second.text}: the two visits cannot both fit without overlapping."
    return [f"{reason} If two carers come together, make it one visit with 2 carers."]


def _fit(first: Visit, second: Visit) -> bool:
    """Whether one visit can end before the other must begin, in the endless round of weeks."""
    gap = (second.opens - first.opens) % MINUTES_IN_WEEK
    return _one_after_other(first, second, gap) and _one_after_other(second, first, (-gap) % MINUTES_IN_WEEK)


def _one_after_other(first: Visit, second: Visit, gap: int) -> bool:
    if gap >= first.window_minutes:
        return True
    first_then_second = max(first.minutes, gap) + second.minutes <= gap + second.window_minutes
    second_then_first = gap + second.minutes + first.minutes <= first.window_minutes
    return first_then_second or second_then_first
