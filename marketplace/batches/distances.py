"""Straight-line distances and round trips, in whole metres, exact and repeatable.

Whole-number square roots keep every comparison the same on every machine; floats would not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt

MOST_IN_A_ROUND = 60
"""Places of which a round is planned. More are no round of one carer, and planning it takes ever longer."""


@dataclass(frozen=True, slots=True, order=True)
class GridPoint:
    """A point in planar metres."""

    easting: int
    northing: int


def distance_m(start: GridPoint, end: GridPoint) -> int:
    """Straight-line distance, rounded to the nearest metre."""
    squared = (start.easting - end.easting) ** 2 + (start.northing - end.northing) ** 2
    return (isqrt(4 * squared) + 1) // 2


def centroid(places: Iterable[GridPoint]) -> GridPoint:
    """The mean of the points, to the metre below. Raises ValueError when there is none."""
    points = list(places)
    if not points:
        raise ValueError("A centroid needs at least one place.")
    return GridPoint(
        sum(point.easting for point in points) // len(points), sum(point.northing for point in points) // len(points)
    )


def round_trip_m(places: Iterable[GridPoint]) -> int:
    """Length of a round from the centroid through every place and back.

    Nearest neighbour first, then crossings undone (2-opt): good for a dozen places, and always the same.
    """
    points = sorted(places)
    return _length(_uncrossed(_nearest_first(centroid(points), points))) if points else 0


def single_trips_m(places: Iterable[GridPoint]) -> int:
    """Length of one return trip from the centroid for each place."""
    points = list(places)
    if not points:
        return 0
    middle = centroid(points)
    return sum(2 * distance_m(middle, point) for point in points)


def length_text(metres: int | None, unsure_m: int = 0) -> str:
    """Metres as kilometres with one decimal, half up (`7.4 km`); or that there is no length.

    Where each place is known only to within so many metres, it says that beside whole kilometres; and no more than that
    where the length lies within it itself.
    """
    if metres is None:
        return "Not measured"
    if unsure_m:
        within = f"within about {-(-unsure_m // 1000)} km"
        return within.capitalize() if metres <= unsure_m else f"About {(metres + 500) // 1000} km, places {within}"
    tenths = (metres + 50) // 100
    return f"{tenths // 10}.{tenths % 10} km"


def _nearest_first(start: GridPoint, places: list[GridPoint]) -> list[GridPoint]:
    waiting, loop = list(places), [start]
    while waiting:
        nearest = min(waiting, key=lambda point: (distance_m(loop[-1], point), point))
        waiting.remove(nearest)
        loop.append(nearest)
    return loop


def _uncrossed(loop: list[GridPoint]) -> list[GridPoint]:
    """Turn stretches of the loop round as long as that makes it shorter; the start stays first."""
    better = True
    while better:
        better = False
        for i in range(1, len(loop) - 1):
            for j in range(i + 1, len(loop)):
                if _gain(loop, i, j) > 0:
                    loop = loop[:i] + loop[i : j + 1][::-1] + loop[j + 1 :]
                    better = True
    return loop


def _gain(loop: list[GridPoint], i: int, j: int) -> int:
    before, after = loop[i - 1], loop[(j + 1) % len(loop)]
    now = distance_m(before, loop[i]) + distance_m(loop[j], after)
    return now - distance_m(before, loop[j]) - distance_m(loop[i], after)


def _length(loop: list[GridPoint]) -> int:
    return sum(distance_m(loop[i - 1], point) for i, point in enumerate(loop))
