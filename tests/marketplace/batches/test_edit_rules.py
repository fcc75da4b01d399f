"""What a batch made by hand must share, and which limits it goes over."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.batches.distances import MOST_IN_A_ROUND, Place
from marketplace.batches.edit_rules import (
    Terms,
    kilometres,
    length_text,
    measured,
    reasons_against_adding,
    reasons_against_starts,
    warnings,
)
from marketplace.batches.rules import BatchablePackage, Limits
from marketplace.batches.states import BatchState

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
TERMS = Terms("Lancashire", "homecare", "batch")


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
    size = measured([ONE, replace(ONE, place=Place(3000, 4000)), replace(ONE, place=None)])
    assert (size.packages, size.weekly_minutes, size.without_place) == (3, 1800, 1)
    assert (size.round_trip_m, size.single_trips_m, size.saved_m) == (10_000, 10_000, 0)


def test_nothing_is_measured_of_an_empty_batch():
    assert measured([]).round_trip_m == 0


def test_a_round_is_planned_through_sixty_places_and_not_through_more():
    places = [replace(ONE, place=Place(100 * step, 0)) for step in range(MOST_IN_A_ROUND + 1)]
    assert measured(places[:-1]).round_trip_m == 11_800
    size = measured(places)
    assert (size.round_trip_m, size.saved_m) == (None, None)
    assert size.single_trips_m > 0
    assert "more than 60 places, so no round is planned through them. Split the batch" in " ".join(
        warnings(size, Limits(max_packages=100, max_weekly_minutes=100_000))
    )
    assert length_text(None) == "Not measured"


def test_every_limit_that_is_gone_over_is_said():
    far = [replace(ONE, place=Place(30_000 * step, 0)) for step in range(3)]
    limits = Limits(max_weekly_minutes=1200, max_packages=2, max_round_trip_m=40_000)
    assert warnings(measured([*far, replace(ONE, place=None)]), limits) == [
        "It has 4 packages; the limit is 2.",
        "It has 40 hours a week; the limit is 20.",
        "Its round trip is 120.0 km; the limit is 40.0 km.",
        "Packages without a place on the map: 1. Distances leave them out.",
    ]
    assert warnings(measured([ONE]), Limits()) == []


@pytest.mark.parametrize(("metres", "text"), [(0, "0.0 km"), (49, "0.0 km"), (50, "0.1 km"), (7_449, "7.4 km")])
def test_metres_read_as_kilometres_rounded_half_up(metres, text):
    assert kilometres(metres) == text


@pytest.mark.parametrize("start", BatchState)
@pytest.mark.parametrize("end", BatchState)
def test_a_move_is_refused_in_words_or_allowed(start, end):
    reason = start.reason_against(end)
    assert (reason is None) is (start.may_become(end))
