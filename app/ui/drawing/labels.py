"""Words on the visit grid: times, lengths, and which of them fit on a visit's block."""

from dataclasses import dataclass
from typing import Protocol

_LINE = 15
_NARROW_FROM = 2


class LabelledVisit(Protocol):
    """What a label needs to know of a visit."""

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
    visit: LabelledVisit, first: bool, ghost: bool, lanes: int, solid: float, spare: float
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


def _inside(visit: LabelledVisit, ghost: bool, narrow: bool, solid: float) -> tuple[BlockText, ...]:
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
