"""Labels on a map, placed so that none covers another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot

from app.ui.drawing.frame import Frame
from app.ui.drawing.shapes import Point

_HEIGHT = 20.0
_CHARACTER = 9.0
_STEPS = 14
_OFFSETS = sorted(
    ((across * 14.0, down * 10.0) for across in range(-_STEPS, _STEPS + 1) for down in range(-_STEPS, _STEPS + 1)),
    key=lambda offset: (hypot(*offset), offset),
)
"""Where a covered label may go: up to 14 steps each way, the nearest place first."""


@dataclass(frozen=True, slots=True)
class Label:
    """Text centred on a place, in pixels."""

    text: str
    x: float
    y: float

    def covers(self, other: "Label") -> bool:
        """Whether the two would print over each other."""
        room = (len(self.text) + len(other.text)) * _CHARACTER / 2 + 4
        return abs(self.x - other.x) < room and abs(self.y - other.y) < _HEIGHT


def placed_labels(
    wanted: Sequence[tuple[str, Point]], frame: Frame, taken: Sequence[Label] = (), keep_all: bool = False
) -> list[Label]:
    """Labels in the order wanted. `keep_all` moves a covered label to free room near by; else it is left out."""
    placed: list[Label] = []
    for text, (x, y) in wanted:
        label = Label(text, x, y)
        covered = [other for other in (*taken, *placed) if label.covers(other)]
        if keep_all:
            placed.append(_moved(label, placed, frame) if covered else label)
        elif not covered and _inside(label, frame):
            placed.append(label)
    return placed


def _moved(label: Label, placed: Sequence[Label], frame: Frame) -> Label:
    """The nearest free place on the map; where it was if there is none."""
    tried = (replace(label, x=round(label.x + x, 1), y=round(label.y + y, 1)) for x, y in _OFFSETS)
    free = (place for place in tried if _inside(place, frame) and not any(place.covers(other) for other in placed))
    return next(free, label)


def _inside(label: Label, frame: Frame) -> bool:
    half = len(label.text) * _CHARACTER / 2
    return half < label.x < frame.width - half and _HEIGHT < label.y < frame.height - _HEIGHT
