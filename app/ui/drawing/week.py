"""The weekly visit grid: where each visit stands on a true scale of time, and the words beside it.

Across, positions are percentages of the day's column, so one drawing serves a wide week and a narrow day. Down, they are
pixels, so that an hour has one height everywhere and text keeps its size.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.ui.drawing.labels import DAY_NAMES, BlockText, PlannedVisit, VisitRow, block_text, clock_text, visit_rows
from app.values.hours import hours_text

_DAY = 24 * 60
_HOUR_HEIGHT = 34
_EARLIEST_SHOWN, _LATEST_SHOWN = 7 * 60, 22 * 60
_LANE_GAP = 2.0
_TOP_MARGIN = 8


@dataclass(frozen=True, slots=True)
class DrawnVisit:
    """A plain `PlannedVisit`, for callers whose plan is not made of rows."""

    weekday: int
    window_start: int
    window_end: int
    minutes: int
    carers: int = 1
    time_critical: bool = False
    tasks: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One carer's solid bar: left edge and width in percent of the column."""

    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Block:
    """One visit, or its part of one day: the soft window, the solid bars, the texts and the hover sentence."""

    left: float
    width: float
    window_top: float
    window_height: float
    top: float
    height: float
    bars: tuple[Bar, ...]
    texts: tuple[BlockText, ...]
    critical: bool
    ghost: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Day:
    """One column: its name, what stands in it, and its content as a sentence."""

    name: str
    short: str
    blocks: tuple[Block, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class HourLine:
    """A line across the grid and, where there is room, the time it stands for."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class VisitGrid:
    """A drawn week: seven days, hour lines, height in pixels, the same plan as rows, and its total in words."""

    days: tuple[Day, ...]
    hours: tuple[HourLine, ...]
    height: float
    rows: tuple[VisitRow, ...]
    total: str
    busiest: int
    has_doubles: bool
    has_critical: bool
    has_ghosts: bool
    has_tasks: bool
    has_marks: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """What one visit occupies of one day, in minutes of that day."""

    visit: PlannedVisit
    ghost: bool
    day: int
    first: bool
    window: tuple[int, int]
    solid: tuple[int, int]

    @property
    def span(self) -> tuple[int, int]:
        return min(self.window[0], self.solid[0]), max(self.window[1], self.solid[1])


def visit_grid(visits: Iterable[PlannedVisit], ghosts: Iterable[PlannedVisit] = ()) -> VisitGrid:
    """Lay out a week. `ghosts` are the visits before a change; those that did not change are left out."""
    current = sorted(visits, key=_key)
    unchanged = {_key(visit) for visit in current}
    former = sorted((ghost for ghost in ghosts if _key(ghost) not in unchanged), key=_key)
    parts = [part for v in current for part in _parts(v, False)] + [part for v in former for part in _parts(v, True)]
    start, end = _shown(parts)
    days = tuple(_day(number, [part for part in parts if part.day == number], start) for number in range(7))
    return VisitGrid(
        days=days,
        hours=_hours(start, end),
        height=_y(end, start) + _TOP_MARGIN,
        rows=visit_rows(current, former),
        total=_total(current),
        busiest=max(range(7), key=lambda number: (len(days[number].blocks), -number)),
        has_doubles=any(visit.carers == 2 for visit in current),
        has_critical=any(visit.time_critical for visit in current),
        has_ghosts=bool(former),
        has_tasks=any(visit.tasks for visit in (*current, *former)),
        has_marks=any(visit.mark for visit in (*current, *former)),
    )


def _key(visit: PlannedVisit) -> tuple[int, int, int, int, int, bool]:
    times = (visit.weekday, visit.window_start, visit.window_end, visit.minutes)
    return (*times, visit.carers, visit.time_critical)


def _parts(visit: PlannedVisit, ghost: bool) -> list[_Part]:
    """Cut a visit at midnight. The solid length stands at the start of its window; Sunday's night ends on Monday."""
    start = visit.window_start
    end = visit.window_end + (_DAY if visit.window_end <= start else 0)
    solid_end = start + visit.minutes
    first = _Part(visit, ghost, visit.weekday, True, (start, min(end, _DAY)), (start, min(solid_end, _DAY)))
    if max(end, solid_end) <= _DAY:
        return [first]
    rest = (0, max(0, end - _DAY)), (0, max(0, solid_end - _DAY))
    return [first, _Part(visit, ghost, (visit.weekday + 1) % 7, False, *rest)]


def _shown(parts: Sequence[_Part]) -> tuple[int, int]:
    earliest = min([_EARLIEST_SHOWN, *(part.span[0] for part in parts)])
    latest = max([_LATEST_SHOWN, *(part.span[1] for part in parts)])
    return earliest // 60 * 60, -(-latest // 60) * 60


def _y(minute: int, start: int) -> float:
    return round(_TOP_MARGIN + (minute - start) * _HOUR_HEIGHT / 60, 1)


def _hours(start: int, end: int) -> tuple[HourLine, ...]:
    return tuple(
        HourLine(_y(minute, start), clock_text(minute) if minute // 60 % 2 == 0 else "")
        for minute in range(start, end + 1, 60)
    )


def _day(number: int, parts: Sequence[_Part], start: int) -> Day:
    placed = lanes_for([part.span for part in parts])
    blocks = tuple(_block(part, lane, lanes, start) for part, (lane, lanes) in zip(parts, placed, strict=True))
    said = "; ".join(block.sentence for block in blocks) or "no visits"
    return Day(DAY_NAMES[number], DAY_NAMES[number][:3], blocks, f"{DAY_NAMES[number]}: {said}")


def _block(part: _Part, lane: int, lanes: int, start: int) -> Block:
    width = (100 - _LANE_GAP * (lanes + 1)) / lanes
    left = _LANE_GAP + lane * (width + _LANE_GAP)
    window_top, window_end = (_y(minute, start) for minute in part.window)
    top, end = (_y(minute, start) for minute in part.solid)
    return Block(
        left=round(left, 2),
        width=round(width, 2),
        window_top=window_top,
        window_height=round(window_end - window_top, 1),
        top=top,
        height=round(end - top, 1),
        bars=_bars(left, width, part.visit.carers),
        texts=block_text(part.visit, part.first, part.ghost, lanes, end - top, max(window_end, end) - end),
        critical=part.visit.time_critical and part.first,
        ghost=part.ghost,
        sentence=_sentence(part),
    )


def _bars(left: float, width: float, carers: int) -> tuple[Bar, ...]:
    gap = 3.0 if carers == 2 else 0.0
    each = (width - gap * (carers - 1)) / carers
    return tuple(Bar(round(left + number * (each + gap), 2), round(each, 2)) for number in range(carers))


def _sentence(part: _Part) -> str:
    visit = part.visit
    window = f"{clock_text(visit.window_start)} to {clock_text(visit.window_end)}"
    carers = "2 carers" if visit.carers == 2 else "1 carer"
    plan = f"{visit.mark}: " if visit.mark else ""
    before = "before the change, " if part.ghost else ""
    after = ", time-critical" if visit.time_critical else ""
    night = "" if part.first else f", continued from {DAY_NAMES[visit.weekday]}"
    return f"{plan}{before}{window}, {hours_text(visit.minutes)}, {carers}{after}{night}"


def _total(visits: Sequence[PlannedVisit]) -> str:
    minutes = sum(visit.minutes * visit.carers for visit in visits)
    count = "1 visit" if len(visits) == 1 else f"{len(visits)} visits"
    return f"{count} a week, {hours_text(minutes)} of carers’ time"


Span = tuple[int, int]


def lanes_for(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For each span, its lane and how many lanes its group of overlapping spans needs, in the order given."""
    placed: list[tuple[int, int]] = [(0, 1)] * len(spans)
    for group in _groups(spans):
        lanes = _assign(group, spans)
        width = max(lanes.values()) + 1
        for index, lane in lanes.items():
            placed[index] = (lane, width)
    return placed


def _groups(spans: Sequence[Span]) -> list[list[int]]:
    """Indexes of spans that touch each other, directly or through others."""
    groups: list[list[int]] = []
    reach = -1
    for index in sorted(range(len(spans)), key=lambda number: spans[number]):
        if spans[index][0] >= reach:
            groups.append([])
        groups[-1].append(index)
        reach = max(reach, spans[index][1])
    return groups


def _assign(group: Sequence[int], spans: Sequence[Span]) -> dict[int, int]:
    """The first free lane for each span, earliest first."""
    ends: list[int] = []
    lanes: dict[int, int] = {}
    for index in group:
        start, end = spans[index]
        lane = next((number for number, busy_until in enumerate(ends) if busy_until <= start), len(ends))
        ends[lane : lane + 1] = [end]
        lanes[index] = lane
    return lanes
