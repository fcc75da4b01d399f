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


def length_text(minutes: int) -> str:
    """Minutes as people say them: `45 min`, `1 h 30 min`, `9 h`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def block_text(
    visit: LabelledVisit, first: bool, ghost: bool, lanes: int, solid: float, spare: float
) -> tuple[BlockText, ...]:
    """The lines that fit, longest need first. `solid` and `spare` are the pixels of the length and of the window after."""
    if not first:
        return ()
    narrow = lanes >= _NARROW_FROM
    length = ("was " if ghost else "") + _short(visit.minutes)
    inside = solid >= _LINE
    lines = [BlockText(length, _baseline(0, solid) if inside else _baseline(solid, _LINE), 0, inside and not ghost)]
    if visit.carers == 2 and inside:
        lines.append(BlockText("×2" if narrow else "2 carers", _baseline(0, solid), 1, not ghost))
    return (*lines, *_window_lines(visit, solid + (0 if inside else _LINE), spare - (0 if inside else _LINE), narrow))


def _window_lines(visit: LabelledVisit, top: float, room: float, narrow: bool) -> list[BlockText]:
    """The window's times and the time-critical mark, while the soft bar has room for them."""
    times = f"{clock_text(visit.window_start)}–{clock_text(visit.window_end)}"
    wanted = [("to " + clock_text(visit.window_end)) if narrow else times]
    if visit.time_critical:
        wanted.append("critical" if narrow else "time-critical")
    fitting = wanted[: int(room // _LINE)]
    return [BlockText(text, _baseline(top + number * _LINE, _LINE)) for number, text in enumerate(fitting)]


def _baseline(top: float, height: float) -> float:
    return round(top + min(height, 24) / 2 + 4.5, 1)


def _short(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"
