"""Proposing batches."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.batches.distances import Place, centroid, distance_m, round_trip_m, single_trips_m
from marketplace.batches.rules import BatchablePackage, Limits, propose

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
    place=Place(0, 0),
)


def package(number: int, **changes: object) -> BatchablePackage:
    return replace(ONE, reference=f"PKG-{number:02d}", **changes)


def test_packages_of_one_outcode_with_the_same_terms_become_one_batch():
    found = propose([package(1), package(2, sector="PR1 9", place=Place(300, 400))], Limits())
    (batch,) = found.batches
    assert batch.packages == ("PKG-01", "PKG-02")
    assert batch.sectors == ("PR1 8", "PR1 9")
    assert (batch.weekly_minutes, batch.round_trip_m, batch.single_trips_m, batch.saved_m) == (1200, 1000, 1000, 0)
    assert found.left_out == ()


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
    found = propose([package(1), package(2), package(3, **changes)], Limits())
    assert [batch.packages for batch in found.batches] == [("PKG-01", "PKG-02")]
    (left,) = found.left_out
    assert left.reference == "PKG-03"
    assert reason in left.reason


def test_starts_fourteen_days_apart_still_go_together():
    found = propose([package(1), package(2, planned_start=START + timedelta(days=14))], Limits())
    assert len(found.batches) == 1


def test_other_sources_are_batched_by_choice():
    limits = Limits(sources=frozenset({"community"}))
    assert len(propose([package(1, source="community"), package(2, source="community")], limits).batches) == 1


def test_an_outcode_over_the_limit_is_split_by_sector():
    packages = [package(i, sector="PR1 8" if i < 3 else "PR1 9") for i in range(6)]
    found = propose(packages, Limits(max_packages=3))
    assert [batch.sectors for batch in found.batches] == [("PR1 8",), ("PR1 9",)]


def test_a_sector_over_the_limit_is_cut_into_pieces_that_fit():
    found = propose([package(i) for i in range(8)], Limits(max_packages=4))
    assert [len(batch.packages) for batch in found.batches] == [4, 4]


def test_small_neighbours_are_joined_up_to_the_limit_of_distance():
    near = [package(1), package(2, outcode="PR2", sector="PR2 1", place=Place(5000, 0))]
    far = [package(1), package(2, outcode="PR2", sector="PR2 1", place=Place(5001, 0))]
    (batch,) = propose(near, Limits()).batches
    assert "neighbouring districts PR1, PR2" in batch.reason
    assert propose(far, Limits()).batches == ()


def test_the_round_trip_keeps_its_limit():
    packages = [package(1), package(2, place=Place(4000, 0))]
    assert len(propose(packages, Limits(max_round_trip_m=8000)).batches) == 1
    assert propose(packages, Limits(max_round_trip_m=7999)).batches == ()


def test_a_reference_that_comes_twice_is_an_error():
    with pytest.raises(ValueError, match="twice"):
        propose([ONE, ONE], Limits())


def test_distances_are_whole_metres_and_a_square_is_walked_around():
    assert distance_m(Place(0, 0), Place(1, 1)) == 1
    assert distance_m(Place(0, 0), Place(2, 2)) == 3
    square = [Place(0, 0), Place(1000, 1000), Place(1000, 0), Place(0, 1000)]
    assert centroid(square) == Place(500, 500)
    assert round_trip_m(square) == 3 * 1000 + 2 * 707
    assert single_trips_m(square) == 8 * 707
    assert round_trip_m([]) == single_trips_m([]) == 0
    with pytest.raises(ValueError, match="at least one"):
        centroid([])


points = st.builds(Place, st.integers(0, 12_000), st.integers(0, 12_000))
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
    limits = Limits(max_weekly_minutes=3000, max_packages=most, max_round_trip_m=15_000)
    found = propose(pile, limits)
    shuffled = list(pile)
    random.shuffle(shuffled)
    assert propose(shuffled, limits) == found
    batched = [reference for batch in found.batches for reference in batch.packages]
    assert sorted([*batched, *(left.reference for left in found.left_out)]) == sorted(one.reference for one in pile)
    by_reference = {one.reference: one for one in pile}
    for batch in found.batches:
        held = [by_reference[reference] for reference in batch.packages]
        assert 2 <= len(held) <= most
        assert batch.weekly_minutes == sum(one.weekly_minutes for one in held) <= 3000
        assert batch.round_trip_m <= 15_000
        assert batch.saved_m >= -len(held)
        assert {one.lot for one in held} == {batch.lot}
        assert (batch.last_start - batch.first_start).days <= 14
        assert not any(one.urgent for one in held)
