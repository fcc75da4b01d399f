"""The batch map: settlement as texture, sectors as cells, districts named, each batch a patterned hull.

Positions given are metres of the British National Grid; positions drawn are pixels, north at the top.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.ui.drawing.frame import Frame, Label, ScaleBar, frame_around, placed_labels, scale_bar
from app.ui.drawing.shapes import Point, area_of, buffered_hull, centre_of, inner_edges, voronoi_cells

HUES = 7
PATTERNS = 6
_REACH = 5_000.0
_HULL_MARGIN = 11.0
_LABEL_MAY_STRAY = 14.0
# Unit postcodes in a square kilometre from which the next darker grey begins: hamlet, village, town, inner town.
_LEVELS = (1, 6, 30, 80)


class Settled(Protocol):
    """A square kilometre with homes: south-west corner in metres, and how many unit postcodes it holds."""

    @property
    def easting(self) -> int: ...
    @property
    def northing(self) -> int: ...
    @property
    def postcodes(self) -> int: ...


@dataclass(frozen=True, slots=True)
class SectorShape:
    """A postcode sector and its middle."""

    name: str
    outcode: str
    easting: int
    northing: int


@dataclass(frozen=True, slots=True)
class BatchOnMap:
    """A batch to draw: short label, what a screen reader says, where its table row is, and where its packages are."""

    label: str
    sentence: str
    href: str
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Texture:
    """All squares of one grey, 1 (palest) to 4, as one path."""

    level: int
    path: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A sector's drawn borders with its neighbours."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Hull:
    """A batch's drawn outline with its hue (1-7), pattern (1-6), label, package dots, and a line to a label that had to move."""

    path: str
    hue: int
    pattern: int
    label: Label
    leader: tuple[Point, Point] | None
    sentence: str
    href: str
    dots: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class BatchMap:
    """A drawn map; width and height in pixels."""

    width: int
    height: int
    textures: tuple[Texture, ...]
    cells: tuple[Cell, ...]
    districts: tuple[Label, ...]
    hulls: tuple[Hull, ...]
    scale: ScaleBar
    sentence: str


def batch_map(
    sectors: Sequence[SectorShape], batches: Sequence[BatchOnMap], settled: Iterable[Settled] = (), width: int = 960
) -> BatchMap:
    """Draw the batches, or all the sectors when there is no batch. With neither there is nothing to frame: ValueError."""
    places: list[Point] = [point for batch in batches for point in batch.points]
    frame = frame_around(places or [(s.easting, s.northing) for s in sectors], width)
    hulls = _hulls(batches, frame)
    return BatchMap(
        width=frame.width,
        height=frame.height,
        textures=_textures(settled, frame),
        cells=_cells(sectors, frame),
        districts=_districts(sectors, frame, [hull.label for hull in hulls]),
        hulls=hulls,
        scale=scale_bar(frame),
        sentence=_sentence(batches),
    )


def hue_and_pattern(number: int) -> tuple[int, int]:
    """The look of the n-th batch (from 0): 42 pairs before one returns, and neighbours differ in both."""
    return number % HUES + 1, number % PATTERNS + 1


def _sentence(batches: Sequence[BatchOnMap]) -> str:
    packages = sum(len(batch.points) for batch in batches)
    return f"Map of {len(batches)} batches with {packages} packages. The table lists the same batches."


def _textures(settled: Iterable[Settled], frame: Frame) -> tuple[Texture, ...]:
    """Squares next to each other in a row and of one grey become one rectangle, which keeps the page small."""
    paths: dict[int, list[str]] = {level: [] for level in range(1, len(_LEVELS) + 1)}
    rows: dict[tuple[int, int], list[int]] = {}
    for square in settled:
        if frame.shows((square.easting + 500, square.northing + 500), 1_000):
            level = sum(square.postcodes >= least for least in _LEVELS)
            rows.setdefault((square.northing, level), []).append(square.easting)
    for (northing, level), eastings in rows.items():
        paths[level].extend(_strip(start, end, northing, frame) for start, end in _runs(sorted(eastings)))
    return tuple(Texture(level, "".join(found)) for level, found in paths.items() if found)


def _runs(eastings: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for easting in eastings:
        if runs and runs[-1][1] == easting:
            runs[-1] = (runs[-1][0], easting + 1_000)
        else:
            runs.append((easting, easting + 1_000))
    return runs


def _strip(start: int, end: int, northing: int, frame: Frame) -> str:
    left, top = frame.pixel((start, northing + 1_000))
    right, bottom = frame.pixel((end, northing))
    return f"M{left} {top}H{right}V{bottom}H{left}z"


def _cells(sectors: Sequence[SectorShape], frame: Frame) -> tuple[Cell, ...]:
    near = [sector for sector in sectors if frame.shows((sector.easting, sector.northing), _REACH)]
    sites = tuple((float(sector.easting), float(sector.northing)) for sector in near)
    outlines = voronoi_cells(sites, _REACH)
    return tuple(
        Cell(sector.name, _borders(inner_edges(outline, site, _REACH), frame))
        for sector, site, outline in zip(near, sites, outlines, strict=True)
    )


def _borders(edges: Sequence[tuple[Point, Point]], frame: Frame) -> str:
    drawn = ((*frame.pixel(start), *frame.pixel(end)) for start, end in edges)
    return "".join(f"M{x1} {y1}L{x2} {y2}" for x1, y1, x2, y2 in drawn)


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points) + "z"


def _hulls(batches: Sequence[BatchOnMap], frame: Frame) -> tuple[Hull, ...]:
    drawn = [tuple(frame.pixel(point) for point in batch.points) for batch in batches]
    wanted = [(batch.label, centre_of(dots)) for batch, dots in zip(batches, drawn, strict=True)]
    labels = placed_labels(wanted, frame, keep_all=True)
    hulls = [
        _hull(number, batch, dots, label)
        for number, (batch, dots, label) in enumerate(zip(batches, drawn, labels, strict=True))
    ]
    # The largest lie at the bottom, so that nothing is wholly covered: not for the mouse, and not while it has the focus.
    sizes = [area_of(buffered_hull(dots, _HULL_MARGIN)) for dots in drawn]
    return tuple(hulls[number] for number in sorted(range(len(hulls)), key=lambda number: -sizes[number]))


def _hull(number: int, batch: BatchOnMap, dots: tuple[Point, ...], label: Label) -> Hull:
    outline = [(round(x, 1), round(y, 1)) for x, y in buffered_hull(dots, _HULL_MARGIN)]
    hue, pattern = hue_and_pattern(number)
    leader = _leader(label, centre_of(dots))
    return Hull(_path(outline), hue, pattern, label, leader, batch.sentence, batch.href, tuple(sorted(set(dots))))


def _leader(label: Label, middle: Point) -> tuple[Point, Point] | None:
    """A line from the middle of a batch to its label, where the label does not stand there."""
    x, y = middle
    moved = abs(label.x - x) > _LABEL_MAY_STRAY or abs(label.y - y) > _LABEL_MAY_STRAY
    return ((round(x, 1), round(y, 1)), (label.x, label.y)) if moved else None


def _districts(sectors: Sequence[SectorShape], frame: Frame, taken: Sequence[Label]) -> tuple[Label, ...]:
    """A name in the middle of each district's sectors, where no batch label and no other district stands."""
    places: dict[str, list[Point]] = {}
    for sector in sectors:
        places.setdefault(sector.outcode, []).append((sector.easting, sector.northing))
    wanted = [(name, frame.pixel(centre_of(found))) for name, found in sorted(places.items())]
    return tuple(placed_labels(wanted, frame, taken=taken))
