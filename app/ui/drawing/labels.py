"""Words about visits: what fits on a visit's block in the grid, and the same plan as rows of a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from app.values.hours import hours_text

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LINE = 15
_NARROW_FROM = 2


class PlannedVisit(Protocol):
    """One visit of a weekly plan. Minutes of the day; a window may cross midnight; carers is 1 or 2.

    `mark` says which of several plans drawn as one week the visit belongs to; empty where there is but one.
    """

    @property
    def weekday(self) -> int: ...
    @property
    def window_start(self) -> int: ...
    @property
    def window_end(self) -> int: ...
    @property
    def minutes(self) -> int: ...
    @property
    def carers(self) -> int: ...
    @property
    def time_critical(self) -> bool: ...
    @property
    def tasks(self) -> str: ...
    @property
    def mark(self) -> str: ...


@dataclass(frozen=True, slots=True)
class BlockText:
    """One line of text: pixels below the block's top, and whether it stands on the solid bar of a given carer."""

    text: str
    below_top: float
    bar: int = 0
    on_solid: bool = False


def clock_text(minute: int) -> str:
    """Minutes of the day as a time, `07:30`; midnight at the end of a day is `24:00`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def block_text(
    visit: PlannedVisit, first: bool, ghost: bool, lanes: int, solid: float, spare: float
) -> tuple[BlockText, ...]:
    """The lines that fit, longest need first. `solid` and `spare` are the pixels of the length and of the window after."""
    narrow = lanes >= _NARROW_FROM
    ends = "to " + clock_text(visit.window_end)
    if not first:
        return (BlockText(ends, _baseline(0, solid), 0, not ghost),) if solid >= _LINE else ()
    inside = _inside(visit, ghost, narrow, solid)
    wanted = [] if inside else [_short(visit.minutes), "×2"][: visit.carers]
    wanted += [visit.mark] if visit.mark else []
    wanted.append(ends if narrow else f"{clock_text(visit.window_start)}–{clock_text(visit.window_end)}")
    if visit.time_critical:
        wanted.append("critical" if narrow else "time-critical")
    fitting = wanted[: int(spare // _LINE)]
    return (*inside, *(BlockText(text, _below(solid, number)) for number, text in enumerate(fitting)))


def _inside(visit: PlannedVisit, ghost: bool, narrow: bool, solid: float) -> tuple[BlockText, ...]:
    """The length, and the second carer, on the solid bars if they are high and wide enough to be read."""
    if solid < _LINE or (narrow and visit.carers == 2):
        return ()
    length = "was " + _short(visit.minutes) if ghost and not narrow else _short(visit.minutes)
    texts = [length, "2 carers"][: visit.carers]
    return tuple(BlockText(text, _baseline(0, solid), bar, not ghost) for bar, text in enumerate(texts))


def _baseline(top: float, height: float) -> float:
    return round(top + min(height, 24) / 2 + 4.5, 1)


def _below(solid: float, line: int) -> float:
    return round(_baseline(solid + line * _LINE, _LINE) + 2, 1)


def _short(minutes: int) -> str:
    """As `hours_text` says it, in the room that a block has: `45 min`, `1.5 h`, `1 h 40`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest % 15 else f"{minutes / 60:g} h"


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


def visit_rows(visits: Iterable[PlannedVisit], former: Iterable[PlannedVisit] = ()) -> tuple[VisitRow, ...]:
    """The plan by time of day, then what it was before a change."""
    return (*_rows(visits, False), *_rows(former, True))


def _rows(visits: Iterable[PlannedVisit], former: bool) -> list[VisitRow]:
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
        return f"{DAY_NAMES[days[0]]} to {DAY_NAMES[days[-1]]}"
    names = [DAY_NAMES[day] for day in days]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
