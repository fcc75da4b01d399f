"""Plane geometry for maps: convex hulls, buffered hulls and Voronoi cells clipped to a reach. Units are the caller's."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import cos, dist, pi, sin

Point = tuple[float, float]
_CORNERS = 20


def circle(centre: Point, radius: float) -> list[Point]:
    """A regular polygon that stands for a circle."""
    steps = (2 * pi * number / _CORNERS for number in range(_CORNERS))
    return [(centre[0] + radius * cos(angle), centre[1] + radius * sin(angle)) for angle in steps]


def hull(points: Iterable[Point]) -> list[Point]:
    """The convex hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return _chain(ordered)[:-1] + _chain(ordered[::-1])[:-1]


def buffered_hull(points: Iterable[Point], margin: float) -> list[Point]:
    """The hull of discs of that radius around the points: round corners, and one point is still a shape."""
    return hull(corner for point in set(points) for corner in circle(point, margin))


def area_of(outline: Sequence[Point]) -> float:
    """The area of a polygon (the shoelace formula)."""
    turns = zip(outline, (*outline[1:], *outline[:1]), strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in turns)) / 2


def centre_of(points: Sequence[Point]) -> Point:
    """The mean of the points."""
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


@lru_cache(maxsize=32)
def voronoi_cells(sites: tuple[Point, ...], reach: float) -> tuple[tuple[Point, ...], ...]:
    """For each site, what lies nearer to it than to any other, within `reach` of it."""
    return tuple(_cell(site, sites, reach) for site in sites)


def inner_edges(cell: Sequence[Point], site: Point, reach: float) -> list[tuple[Point, Point]]:
    """The cell's borders with other cells, without the rim where only its reach ends."""
    edges = ((cell[index - 1], corner) for index, corner in enumerate(cell))
    rim = reach * cos(pi / _CORNERS) * 0.999
    return [(start, end) for start, end in edges if dist(site, _between(start, end, 0.5)) < rim]


def _cell(site: Point, sites: Sequence[Point], reach: float) -> tuple[Point, ...]:
    cell = circle(site, reach)
    others = sorted((dist(site, other), other) for other in sites if other != site and dist(site, other) < 2 * reach)
    for distance, other in others:
        # A site twice as far away as the farthest corner can cut nothing more off.
        if distance > 2 * max(dist(site, corner) for corner in cell):
            break
        cell = _nearer_half(cell, site, other)
    return tuple(cell)


def _nearer_half(cell: Sequence[Point], site: Point, other: Point) -> list[Point]:
    """The part of a convex polygon on the site's side of the line half-way to the other (Sutherland-Hodgman)."""
    normal = (other[0] - site[0], other[1] - site[1])
    middle = ((site[0] + other[0]) / 2, (site[1] + other[1]) / 2)
    sides = [(x - middle[0]) * normal[0] + (y - middle[1]) * normal[1] for x, y in cell]
    kept: list[Point] = []
    for index, corner in enumerate(cell):
        before, here = sides[index - 1], sides[index]
        if (before > 0) != (here > 0):
            kept.append(_between(cell[index - 1], corner, before / (before - here)))
        if here <= 0:
            kept.append(corner)
    return kept


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _chain(points: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
