"""Proposing batches; what a batch made by hand must share, and which limits it goes over."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.batches.distances import (
    MOST_IN_A_ROUND,
    GridPoint,
    centroid,
    distance_m,
    length_text,
    round_trip_m,
    single_trips_m,
)
from marketplace.batches.gathering import propose
from marketplace.batches.rules import (
    BatchablePackage,
    BatchLimits,
    BatchState,
    measured,
    reasons_against_adding,
    reasons_against_starts,
    warnings,
)

START = date(2026, 12, 7)
ONE = BatchablePackage(
    reference="PKG-01",
    scheme="Lancashire",
    lot="homecare",
    window="batch",
    urgent=False,
    source="reallocation",
    planned_start=START,
    outcode="PR1",
    sector="PR1 8",
    weekly_minutes=600,
    place=GridPoint(0, 0),
)


def package(number: int, **changes: object) -> BatchablePackage:
    return replace(ONE, reference=f"PKG-{number:02d}", **changes)


def sectors_of(batch):
    return tuple(sorted({package.sector for package in batch.packages}))


def test_packages_of_one_outcode_with_the_same_terms_become_one_batch():
    found = propose([package(1), package(2, sector="PR1 9", place=GridPoint(300, 400))], BatchLimits())
    (batch,) = found.batches
    assert batch.references == ("PKG-01", "PKG-02")
    assert sectors_of(batch) == ("PR1 8", "PR1 9")
    size = measured(batch.packages)
    assert (size.weekly_minutes, size.round_trip_m, size.single_trips_m, size.saved_m) == (1200, 1000, 1000, 0)
    assert found.left_out == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"urgent": True}, "Urgent packages are never batched."),
        ({"source": "community"}, "Packages from community are not batched"),
        ({"lifted_because": "He wants to keep his carer"}, "Lifted out of batches: He wants"),
        ({"place": None}, "no place on the map"),
        ({"weekly_minutes": 3601}, "alone has more hours"),
        ({"lot": "respite"}, "No other package"),
        ({"window": "standard"}, "No other package"),
        ({"scheme": "Cornwall"}, "No other package"),
        ({"planned_start": START + timedelta(days=15)}, "No other package"),
    ],
)
def test_a_package_that_is_left_out_has_its_reason(changes, reason):
    found = propose([package(1), package(2), package(3, **changes)], BatchLimits())
    assert [batch.references for batch in found.batches] == [("PKG-01", "PKG-02")]
    (reference,) = found.left_out
    assert reference == "PKG-03"
    assert reason in found.left_out[reference]


def test_starts_fourteen_days_apart_still_go_together():
    found = propose([package(1), package(2, planned_start=START + timedelta(days=14))], BatchLimits())
    assert len(found.batches) == 1


def test_other_sources_are_batched_by_choice():
    limits = BatchLimits(sources=frozenset({"community"}))
    assert len(propose([package(1, source="community"), package(2, source="community")], limits).batches) == 1


def test_an_outcode_over_the_limit_is_split_by_sector():
    packages = [package(i, sector="PR1 8" if i < 3 else "PR1 9") for i in range(6)]
    found = propose(packages, BatchLimits(max_packages=3))
    assert [sectors_of(batch) for batch in found.batches] == [("PR1 8",), ("PR1 9",)]


def test_a_sector_over_the_limit_is_cut_into_pieces_that_fit():
    found = propose([package(i) for i in range(8)], BatchLimits(max_packages=4))
    assert [len(batch.packages) for batch in found.batches] == [4, 4]


def test_small_neighbours_are_joined_up_to_the_limit_of_distance():
    near = [package(1), package(2, outcode="PR2", sector="PR2 1", place=GridPoint(5000, 0))]
    far = [package(1), package(2, outcode="PR2", sector="PR2 1", place=GridPoint(20_002, 0))]
    (batch,) = propose(near, BatchLimits()).batches
    assert "in districts PR1, PR2" in batch.reason
    assert propose(far, BatchLimits()).batches == ()


def test_the_round_trip_keeps_its_limit():
    packages = [package(1), package(2, place=GridPoint(4000, 0))]
    assert len(propose(packages, BatchLimits(max_round_trip_m=8000)).batches) == 1
    assert propose(packages, BatchLimits(max_round_trip_m=7999)).batches == ()


def test_a_reference_that_comes_twice_is_an_error():
    with pytest.raises(ValueError, match="twice"):
        propose([ONE, ONE], BatchLimits())


def test_distances_are_whole_metres_and_a_square_is_walked_around():
    assert distance_m(GridPoint(0, 0), GridPoint(1, 1)) == 1
    assert distance_m(GridPoint(0, 0), GridPoint(2, 2)) == 3
    square = [GridPoint(0, 0), GridPoint(1000, 1000), GridPoint(1000, 0), GridPoint(0, 1000)]
    assert centroid(square) == GridPoint(500, 500)
    assert round_trip_m(square) == 3 * 1000 + 2 * 707
    assert single_trips_m(square) == 8 * 707
    assert round_trip_m([]) == single_trips_m([]) == 0
    with pytest.raises(ValueError, match="at least one"):
        centroid([])


points = st.builds(GridPoint, st.integers(0, 12_000), st.integers(0, 12_000))
piles = st.lists(
    st.builds(
        replace,
        st.just(ONE),
        reference=st.integers(0, 99).map("PKG-{:02d}".format),
        urgent=st.sampled_from([False, False, False, True]),
        lot=st.sampled_from(["homecare", "respite"]),
        planned_start=st.integers(0, 30).map(lambda days: START + timedelta(days=days)),
        sector=st.sampled_from(["PR1 8", "PR1 9"]),
        weekly_minutes=st.integers(60, 2000),
        place=points,
    ),
    unique_by=lambda one: one.reference,
    max_size=24,
)


@settings(max_examples=60)
@given(piles, st.randoms(use_true_random=False), st.integers(2, 6))
def test_each_package_is_in_one_batch_or_left_out_limits_hold_and_order_does_not_matter(pile, random, most):
    limits = BatchLimits(max_weekly_minutes=3000, max_packages=most, max_round_trip_m=15_000)
    found = propose(pile, limits)
    shuffled = list(pile)
    random.shuffle(shuffled)
    assert propose(shuffled, limits) == found
    batched = [reference for batch in found.batches for reference in batch.references]
    assert sorted([*batched, *found.left_out]) == sorted(one.reference for one in pile)
    by_reference = {one.reference: one for one in pile}
    for batch in found.batches:
        held, size = [by_reference[reference] for reference in batch.references], measured(batch.packages)
        starts = [one.planned_start for one in held]
        assert 2 <= len(held) <= most
        assert size.weekly_minutes == sum(one.weekly_minutes for one in held) <= 3000
        assert size.round_trip_m <= 15_000
        assert size.saved_m >= -len(held)
        assert len({one.lot for one in held}) == 1
        assert (max(starts) - min(starts)).days <= 14
        assert not any(one.urgent for one in held)


# ------------------------------------------------------- what a batch made by hand must share, and how large it may be

TERMS = "Lancashire", "homecare", "batch"


def test_a_package_with_the_same_terms_may_join():
    assert reasons_against_adding(replace(ONE, reference="PKG-02"), [ONE], TERMS, 14) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"urgent": True}, "never batched"),
        ({"scheme": "Cornwall"}, "another scheme"),
        ({"lot": "respite"}, "for respite; this batch is for homecare"),
        ({"window": "standard"}, "another response window"),
        ({"planned_start": START + timedelta(days=15)}, "15 days apart; a batch spans 14 days at most"),
    ],
)
def test_every_reason_against_joining_is_a_sentence(changes, reason):
    (said,) = reasons_against_adding(replace(ONE, reference="PKG-02", **changes), [ONE], TERMS, 14)
    assert reason in said
    assert said.endswith(".")


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(0, 30))
def test_starts_are_close_when_first_and_last_are(days, spread):
    packages = [replace(ONE, planned_start=START + timedelta(days=day)) for day in days]
    far = bool(days) and max(days) - min(days) > spread
    assert bool(reasons_against_starts(packages, spread)) is far


def test_a_batch_is_measured_by_the_places_that_are_known():
    size = measured([ONE, replace(ONE, place=GridPoint(3000, 4000)), replace(ONE, place=None)])
    assert (size.packages, size.weekly_minutes, size.without_place) == (3, 1800, 1)
    assert (size.round_trip_m, size.single_trips_m, size.saved_m) == (10_000, 10_000, 0)


def test_nothing_is_measured_of_an_empty_batch():
    assert measured([]).round_trip_m == 0


def test_a_round_is_planned_through_sixty_places_and_not_through_more():
    places = [replace(ONE, place=GridPoint(100 * step, 0)) for step in range(MOST_IN_A_ROUND + 1)]
    assert measured(places[:-1]).round_trip_m == 11_800
    size = measured(places)
    assert (size.round_trip_m, size.saved_m) == (None, None)
    assert size.single_trips_m > 0
    assert "more than 60 places, so no round is planned through them. Split the batch" in " ".join(
        warnings(size, BatchLimits(max_packages=100, max_weekly_minutes=100_000))
    )
    assert length_text(None) == "Not measured"


def test_every_limit_that_is_gone_over_is_said():
    far = [replace(ONE, place=GridPoint(30_000 * step, 0)) for step in range(3)]
    limits = BatchLimits(max_weekly_minutes=1200, max_packages=2, max_round_trip_m=40_000)
    assert warnings(measured([*far, replace(ONE, place=None)]), limits) == [
        "It has 4 packages; the limit is 2.",
        "It has 40 hours a week; the limit is 20.",
        "Its round trip is 120.0 km; the limit is 40.0 km.",
        "Packages without a place on the map: 1. Distances leave them out.",
    ]
    assert warnings(measured([ONE]), BatchLimits()) == []


@pytest.mark.parametrize(
    ("metres", "text"),
    [(0, "Within about 3 km"), (2_500, "Within about 3 km"), (12_400, "About 12 km, places within about 3 km")],
)
def test_a_length_between_places_that_are_not_known_exactly_says_how_exactly_they_are(metres, text):
    assert length_text(metres, 2_500) == text


@pytest.mark.parametrize(("metres", "text"), [(0, "0.0 km"), (49, "0.0 km"), (50, "0.1 km"), (7_449, "7.4 km")])
def test_metres_read_as_kilometres_rounded_half_up(metres, text):
    assert length_text(metres) == text


@pytest.mark.parametrize("start", BatchState)
@pytest.mark.parametrize("end", BatchState)
def test_a_move_is_refused_in_words_or_allowed(start, end):
    reason = start.reason_against(end)
    assert (reason is None) is (start.may_become(end))
