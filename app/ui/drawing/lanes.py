"""Side by side: gives each of several overlapping spans of time a lane of its own."""

from collections.abc import Sequence

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
