"""The window of a map: which metres it shows and where they fall in pixels, with a scale bar to read distance by; and
labels placed in it so that none covers another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot

from app.ui.drawing.shapes import Point

_LEAST_SPAN = 6_000.0
_MARGIN = 0.07
_SHALLOWEST, _DEEPEST = 0.45, 0.8
_ROUND_KILOMETRES = (20, 10, 5, 2, 1)


@dataclass(frozen=True, slots=True)
class Frame:
    """A map window: its north-west corner in metres, pixels per metre, and size in pixels."""

    west: float
    north: float
    scale: float
    width: int
    height: int

    def pixel(self, point: tuple[float, float]) -> Point:
        """Where a place falls, in pixels from the top left."""
        return round((point[0] - self.west) * self.scale, 1), round((self.north - point[1]) * self.scale, 1)

    def shows(self, point: tuple[float, float], margin: float) -> bool:
        """Whether a place is in the window or within `margin` metres of it."""
        x, y = self.pixel(point)
        room = margin * self.scale
        return -room <= x <= self.width + room and -room <= y <= self.height + room


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A length on the map and the distance it stands for."""

    pixels: float
    text: str


def frame_around(points: Sequence[Point], width: int) -> Frame:
    """The window that shows all points with a margin, between letter-box and nearly square. No points: ValueError."""
    if not points:
        raise ValueError("A map needs at least one sector or one batch.")
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    across, down = (max(span, _LEAST_SPAN) * (1 + 2 * _MARGIN) for span in (east - west, north - south))
    height = round(width * min(max(down / across, _SHALLOWEST), _DEEPEST))
    scale = min(width / across, height / down)
    middle = (west + east) / 2, (south + north) / 2
    return Frame(middle[0] - width / scale / 2, middle[1] + height / scale / 2, scale, width, height)


def scale_bar(frame: Frame) -> ScaleBar:
    """The longest round distance that takes at most a fifth of the width."""
    fitting = (km for km in _ROUND_KILOMETRES if km * 1_000 * frame.scale <= frame.width / 5)
    kilometres = next(fitting, _ROUND_KILOMETRES[-1])
    return ScaleBar(round(kilometres * 1_000 * frame.scale, 1), f"{kilometres} km")


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
