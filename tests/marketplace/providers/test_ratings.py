"""What CQC ratings mean here."""

from datetime import date

import pytest

from marketplace.providers.ratings import (
    SCALE,
    AssessmentStyle,
    PublishedRating,
    Rating,
    effective_rating,
    has_fallen,
    judge_run,
    meets,
    normalise,
    position,
)

UNRATED_TEXTS = [
    "",
    "-",
    "*",
    None,
    "No published rating",
    "Inspected but not rated",
    "Insufficient evidence to rate",
    "Evidence requirements partially scored",
    "No Approved Rating",
    "Not yet rated",
    "Excellent",
    "Unrated",
]


@pytest.mark.parametrize("text", UNRATED_TEXTS)
def test_a_string_that_is_none_of_the_four_ratings_is_unrated(text):
    assert normalise(text) is Rating.UNRATED


@pytest.mark.parametrize("text", ["Requires Improvement", " requires  improvement ", "REQUIRES IMPROVEMENT"])
def test_case_and_spacing_do_not_matter(text):
    assert normalise(text) is Rating.REQUIRES_IMPROVEMENT


def test_the_scale_goes_from_inadequate_to_outstanding_and_unrated_is_not_on_it():
    assert [position(rating) for rating in SCALE] == [0, 1, 2, 3]
    assert position(Rating.UNRATED) is None


@pytest.mark.parametrize(
    ("rating", "expected"),
    [(Rating.INADEQUATE, False), (Rating.REQUIRES_IMPROVEMENT, False), (Rating.GOOD, True), (Rating.OUTSTANDING, True)],
)
def test_good_or_better_meets_good(rating, expected):
    assert meets(rating, Rating.GOOD) is expected


def test_an_unrated_location_meets_no_minimum_and_unrated_is_no_minimum():
    assert not meets(Rating.UNRATED, Rating.INADEQUATE)
    with pytest.raises(ValueError, match="one of the four ratings"):
        meets(Rating.GOOD, Rating.UNRATED)


def test_losing_a_rating_counts_as_a_fall_and_gaining_one_does_not():
    assert has_fallen(Rating.GOOD, Rating.UNRATED)
    assert has_fallen(Rating.OUTSTANDING, Rating.GOOD)
    assert not has_fallen(Rating.UNRATED, Rating.INADEQUATE)
    assert not has_fallen(Rating.GOOD, Rating.GOOD)


def test_the_newest_published_rating_counts_whatever_its_style():
    old = PublishedRating(Rating.GOOD, date(2024, 5, 1))
    new = PublishedRating(Rating.REQUIRES_IMPROVEMENT, date(2025, 5, 1), AssessmentStyle.NEW)
    assert effective_rating([old, new]) == new
    assert effective_rating([PublishedRating(Rating.GOOD, date(2025, 6, 1)), new]).rating is Rating.GOOD


def test_on_one_date_the_new_style_wins_but_never_by_being_unrated():
    day = date(2025, 1, 1)
    old = PublishedRating(Rating.GOOD, day)
    new = PublishedRating(Rating.OUTSTANDING, day, AssessmentStyle.NEW)
    blank = PublishedRating(Rating.UNRATED, day, AssessmentStyle.NEW)
    assert effective_rating([new, old]) == new
    assert effective_rating([blank, old]) == old


def _run(total: int, falling: int):
    before = {f"1-{i}": Rating.GOOD for i in range(total)}
    return judge_run(before, before | {f"1-{i}": Rating.INADEQUATE for i in range(falling)})


def test_a_run_in_which_more_than_ten_percent_fall_is_held():
    assert not _run(20, 2).held
    answer = _run(20, 3)
    assert answer.held
    assert "3 of 20" in answer.sentence


def test_an_empty_run_is_held_and_the_first_run_is_not():
    assert judge_run({"1-1": Rating.GOOD}, {}).held
    assert not judge_run({}, {"1-1": Rating.INADEQUATE}).held


def test_unrated_locations_do_not_thin_out_the_share_that_falls():
    before = {"1-1": Rating.GOOD} | {f"2-{i}": Rating.UNRATED for i in range(100)}
    assert judge_run(before, before | {"1-1": Rating.INADEQUATE}).held
