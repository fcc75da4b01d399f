"""The batch map: cells, hulls, frame and labels."""

from itertools import pairwise
from math import dist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.postcodes.density import SettledSquare, settled_squares
from app.ui.drawing import batch_map
from app.ui.drawing.county import BatchOnMap, SectorShape, hue_and_pattern
from app.ui.drawing.shapes import buffered_hull, hull, voronoi_cells

SECTORS = (
    SectorShape("BB1 1", "BB1", 368_000, 428_000),
    SectorShape("BB1 2", "BB1", 370_000, 429_000),
    SectorShape("BB2 1", "BB2", 367_000, 426_000),
)
BATCH = BatchOnMap("B1", "Batch B1, 2 packages", "#batch-1", ((368_100, 428_200), (369_500, 428_900)))
places = st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 20_000)), min_size=1, max_size=25, unique=True)


@given(places, st.tuples(st.integers(0, 20_000), st.integers(0, 20_000)))
def test_a_place_well_inside_a_cell_is_nearest_to_that_cells_sector(sites, place):
    near = [site for site in sites if dist(site, place) < 2_900]
    nearest = sorted(dist(site, place) for site in sites)
    clear = len(nearest) < 2 or nearest[1] - nearest[0] > 50
    for site, cell in zip(sites, voronoi_cells(tuple(sites), 3_000.0), strict=True):
        if clear and site in near:
            assert _holds(cell, place) == (dist(site, place) == nearest[0])


def test_a_hull_holds_all_its_points_and_one_point_is_still_a_shape():
    points = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (5.0, 5.0)]
    assert set(hull(points)) == set(points[:4])
    assert len(buffered_hull([(3.0, 4.0)], 2.0)) == 20


def test_north_is_at_the_top_and_every_package_is_in_the_picture():
    drawn = batch_map(SECTORS, [BATCH])
    (_, south), (_, north) = sorted(drawn.hulls[0].dots)
    assert north < south
    assert all(0 < x < drawn.width and 0 < y < drawn.height for x, y in drawn.hulls[0].dots)


def test_a_small_batch_lies_upon_a_large_one_and_keeps_its_look():
    small = BatchOnMap("B2", "Batch B2, 1 package", "#batch-2", ((368_800, 428_500),))
    drawn = batch_map(SECTORS, [small, BATCH])
    assert [hull.href for hull in drawn.hulls] == ["#batch-1", "#batch-2"]
    assert [(hull.hue, hull.pattern) for hull in drawn.hulls] == [hue_and_pattern(1), hue_and_pattern(0)]


def test_without_batches_the_sectors_are_framed():
    drawn = batch_map(SECTORS, [])
    assert {label.text for label in drawn.districts} == {"BB1", "BB2"}
    assert drawn.hulls == ()


def test_a_map_of_nothing_is_refused_in_words():
    with pytest.raises(ValueError, match="at least one sector or one batch"):
        batch_map([], [])


def test_the_scale_bar_tells_the_truth():
    drawn = batch_map(SECTORS, [BATCH])
    kilometres = int(drawn.scale.text.removesuffix(" km"))
    (ax, ay), (bx, by) = drawn.hulls[0].dots
    metres = dist(*BATCH.points)
    assert dist((ax, ay), (bx, by)) / metres == pytest.approx(drawn.scale.pixels / (kilometres * 1_000), rel=0.01)


def test_forty_two_batches_look_different_and_neighbours_differ_in_hue_and_pattern():
    looks = [hue_and_pattern(number) for number in range(42)]
    assert len(set(looks)) == 42
    assert all(a[0] != b[0] and a[1] != b[1] for a, b in pairwise(looks))


def test_labels_of_batches_in_one_place_are_moved_apart():
    drawn = batch_map(SECTORS, [BATCH, BATCH, BATCH])
    labels = [shape.label for shape in drawn.hulls]
    assert not any(a.covers(b) for number, a in enumerate(labels) for b in labels[number + 1 :])


def test_thicker_settlement_is_a_darker_grey():
    squares = [SettledSquare(368_000, 428_000, 2), SettledSquare(369_000, 428_000, 200)]
    assert [texture.level for texture in batch_map(SECTORS, [BATCH], squares).textures] == [1, 4]


def test_the_shipped_density_covers_lancashire():
    preston = [square for square in settled_squares() if square.easting == 353_000 and square.northing == 429_000]
    assert preston[0].postcodes > 80


def _holds(cell, place):
    sides = []
    for index, corner in enumerate(cell):
        before = cell[index - 1]
        sides.append(
            (corner[0] - before[0]) * (place[1] - before[1]) - (corner[1] - before[1]) * (place[0] - before[0])
        )
    return all(side >= 0 for side in sides)
