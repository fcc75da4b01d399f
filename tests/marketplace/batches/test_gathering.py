"""What is said of packages that are in no batch, beside a plain check; and how large batches are in three counties."""

from __future__ import annotations

import csv
import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from importlib import resources
from itertools import takewhile

import pytest

from marketplace.batches.distances import GridPoint, round_trip_m
from marketplace.batches.gathering import NO_ROOM, NONE_FREE, NONE_NEAR, propose
from marketplace.batches.queries import limits_of
from marketplace.batches.rules import BatchablePackage, BatchLimits, fits
from marketplace.schemes.models import SchemePolicy
from marketplace.schemes.rules import TERM_NAMES, PolicyTerms

START = date(2026, 12, 14)


def a_county(seed: int) -> tuple[list[BatchablePackage], list[BatchablePackage], BatchLimits]:
    """Packages in a square of some size, those that stand in batches already, and limits; all by chance."""
    chance = random.Random(seed)
    side = chance.choice([3_000, 12_000, 40_000])
    limits = BatchLimits(
        max_weekly_minutes=chance.choice([1_500, 3_000, 12_000]),
        max_packages=chance.choice([2, 3, 5, 12]),
        max_round_trip_m=chance.choice([4_000, 15_000, 30_000]),
        join_m=chance.choice([1_000, 6_000]),
        start_spread_days=chance.choice([0, 7, 14]),
        first_start=START + timedelta(days=chance.choice([0, 0, 10])),
    )
    packages = [
        BatchablePackage(
            reference=f"PKG-{number:03d}",
            scheme="County",
            lot=chance.choice(["homecare", "homecare", "respite"]),
            window="batch",
            urgent=False,
            source=chance.choice(["reallocation", "reallocation", "reallocation", "community"]),
            planned_start=START + timedelta(days=chance.randrange(45)),
            outcode=f"CO{east * 3 // side + 1}",
            sector=f"CO{east * 3 // side + 1} {north * 3 // side + 1}",
            weekly_minutes=chance.choice([210, 420, 840, 1_400]),
            place=GridPoint(east, north),
            lifted_because=chance.choice(["", "", "", "", "kept out"]),
        )
        for number in range(chance.randrange(1, 45))
        for east, north in [(chance.randrange(side), chance.randrange(side))]
    ]
    kept = chance.randrange(0, 1 + len(packages) // 4)
    return packages[kept:], packages[:kept], limits


def together(one: BatchablePackage, other: BatchablePackage, limits: BatchLimits) -> bool:
    """Whether one round could serve both, and their starts lie close together."""
    apart = abs((one.planned_start - other.planned_start).days)
    near = round_trip_m([one.place, other.place]) <= limits.max_round_trip_m
    return one.terms == other.terms and near and apart <= limits.start_spread_days


@pytest.mark.parametrize("part", range(10))
def test_every_reason_for_being_in_no_batch_is_true_in_300_random_counties(part):
    said = Counter()
    for seed in range(part * 30, part * 30 + 30):
        packages, batched, limits = a_county(seed)
        found = propose(packages, limits, batched)
        parts = [batch.packages for batch in found.batches]
        alone = [one for one in packages if found.left_out.get(one.reference) in (NONE_NEAR, NO_ROOM, NONE_FREE)]
        parts += [(one,) for one in alone]
        assert all(fits(each, limits) for each in parts)
        free = [one for each in parts for one in each]
        for one in alone:
            near = [each for each in parts if any(other is not one and together(one, other, limits) for other in each)]
            taken = [other for other in (*packages, *batched) if other not in free and together(one, other, limits)]
            expected = NO_ROOM if near else NONE_FREE if taken else NONE_NEAR
            assert found.left_out[one.reference] == expected, (seed, one.reference)
            for each in near:
                both = tuple(sorted((*each, one), key=lambda package: package.reference))
                assert not fits(both, limits), (seed, one.reference)
            said[expected] += 1
    assert len(said) == 3


def test_starts_are_gathered_around_the_packages_and_not_cut_at_the_same_day_everywhere():
    one = a_county(1)[0][0]
    first, second, third = (
        replace(
            one, reference=f"PKG-{day}", lifted_because="", source="reallocation", planned_start=START + timedelta(day)
        )
        for day in (0, 13, 20)
    )
    far = replace(second, place=GridPoint(900_000, 0), reference="PKG-F", planned_start=START - timedelta(2))
    (batch,) = propose([second, third, far], BatchLimits()).batches
    assert batch.references == ("PKG-13", "PKG-20")
    assert propose([first, second, third], BatchLimits()).left_out == {"PKG-20": NO_ROOM}


def sectors_in(*areas: str) -> list[dict[str, str]]:
    text = resources.files("app.postcodes").joinpath("data", "gb_postcode_sector_centroids.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return [row for row in rows if "".join(takewhile(str.isalpha, row["outcode"])) in areas]


@pytest.mark.parametrize("areas", [("PR", "BB", "LA", "FY"), ("TR", "PL"), ("PE", "LE")])
def test_with_the_usual_limits_most_packages_of_a_county_are_in_batches_of_4_to_12(areas):
    chance, usual = random.Random(7), PolicyTerms()
    limits = limits_of(SchemePolicy(**{name: getattr(usual, name) for name in TERM_NAMES}), {"reallocation"})
    sectors = sectors_in(*areas)
    homes = chance.choices(sectors, weights=[int(row["unit_postcodes"]) for row in sectors], k=800)
    packages = [
        BatchablePackage(
            reference=f"PKG-{number:04d}",
            scheme="County",
            lot="homecare",
            window="batch",
            urgent=False,
            source="reallocation",
            planned_start=START + timedelta(days=chance.randrange(60)),
            outcode=row["outcode"],
            sector=row["sector"],
            weekly_minutes=chance.choice([210, 420, 630, 840]),
            place=GridPoint(
                int(row["eastings"]) + chance.randrange(-1_500, 1_500),
                int(row["northings"]) + chance.randrange(-1_500, 1_500),
            ),
        )
        for number, row in enumerate(homes)
    ]
    sizes = Counter(len(batch.packages) for batch in propose(packages, limits).batches)
    good = sum(size * count for size, count in sizes.items() if 4 <= size <= 12)
    assert max(sizes) <= 12
    assert good >= 0.8 * len(packages)
    assert sum(count for size, count in sizes.items() if size >= 4) >= 0.6 * sum(sizes.values())
