"""Hours read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.hours import hours_number, hours_text, minutes_from_hours


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 hours"), (1, "1 minute"), (45, "45 minutes"), (60, "1 hour"), (630, "10.5 hours"), (75, "1.25 hours"),
        (100, "1 hour 40 minutes"), (121, "2 hours 1 minute"), (600, "10 hours"), (-45, "-45 minutes"),
    ],
)  # fmt: skip
def test_minutes_are_said_as_people_say_them(minutes, text):
    assert hours_text(minutes) == text


def test_a_table_shows_hours_to_two_places():
    assert [hours_number(minutes) for minutes in (630, 100, 0)] == ["10.50", "1.67", "0.00"]


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("10.5", 630),
        ("37:30", 2250),
        (" 10.25 hours", 615),
        ("1h", 60),
        ("1 hour", 60),
        ("0", 0),
        ("0.05", 3),
        ("99999", 5_999_940),
    ],
)
def test_typed_hours_become_minutes(typed, minutes):
    assert minutes_from_hours(typed) == minutes


@pytest.mark.parametrize(
    "typed",
    ["", "NaN", "nan", "inf", "1e309", "-1", "10,5", "10.33", "100000", "9" * 5000, "ten", "١", "1.00001", "1:75"],
)
def test_hours_that_cannot_be_counted_are_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match="Enter a number of hours"):
        minutes_from_hours(typed)


@given(st.integers(0, 20_000).map(lambda quarters: quarters * 15))
def test_quarter_hours_survive_being_shown_and_typed(minutes):
    assert minutes_from_hours(hours_number(minutes)) == minutes
