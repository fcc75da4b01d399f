"""Distances on the National Grid beside distances on the earth."""

from __future__ import annotations

import csv
from importlib import resources
from itertools import pairwise

from geopy.distance import geodesic

from marketplace.batches.distances import GridPoint, distance_m


def sectors_of_lancashire():
    """The sectors of PR and LA with their places on the grid and on the earth."""
    file = resources.files("app.postcodes") / "data" / "gb_postcode_sector_centroids.csv"
    with file.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["outcode"].startswith(("PR", "LA")):
                place = GridPoint(int(row["eastings"]), int(row["northings"]))
                yield place, (float(row["latitude"]), float(row["longitude"]))


def test_a_straight_line_on_the_grid_is_one_on_the_earth_to_within_four_thousandths():
    shares = [
        distance_m(one, other) / geodesic(here, there).meters
        for (one, here), (other, there) in pairwise(sectors_of_lancashire())
        if distance_m(one, other) > 2_000  # nearer than that, the five decimals of the earth's list weigh
    ]
    assert len(shares) > 50
    assert all(0.996 < share < 1.004 for share in shares)
