"""Labels on a map, placed so that none covers another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.web.drawing.frame import Frame
from app.web.drawing.shapes import Point

_HEIGHT = 20.0
_CHARACTER = 9.0
_STEPS = 12


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
            placed.append(_moved(label, placed) if covered else label)
        elif not covered and _inside(label, frame):
            placed.append(label)
    return placed


def _moved(label: Label, placed: Sequence[Label]) -> Label:
    """The nearest free place above or below."""
    steps = (sign * number * _HEIGHT / 2 for number in range(1, _STEPS) for sign in (1, -1))
    tried = (replace(label, y=round(label.y + step, 1)) for step in steps)
    return next((place for place in tried if not any(place.covers(other) for other in placed)), label)


def _inside(label: Label, frame: Frame) -> bool:
    half = len(label.text) * _CHARACTER / 2
    return half < label.x < frame.width - half and _HEIGHT < label.y < frame.height - _HEIGHT
