"""Working days of England and Wales (C1 to C3)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar.working_days import BeyondCalendar, Calendar, england


@pytest.mark.parametrize(
    ("day", "count", "answer"),
    [
        (date(2026, 12, 18), 10, date(2027, 1, 6)), (date(2026, 4, 2), 2, date(2026, 4, 8)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)), (date(2027, 12, 24), 1, date(2027, 12, 29)),
        (date(2026, 12, 18), 0, date(2026, 12, 18)), (date(2026, 12, 19), 1, date(2026, 12, 21)),
    ],
)  # fmt: skip
def test_working_days_after_a_day_pass_over_weekends_and_bank_holidays(day, count, answer):
    assert england().working_days_after(day, count) == answer


@pytest.mark.parametrize(
    "day", [date(2026, 12, 28), date(2027, 12, 27), date(2027, 12, 28), date(2026, 4, 3), date(2026, 4, 6)]
)
def test_substitute_days_and_easter_are_holidays(day):
    assert not england().is_working_day(day)


def test_a_scottish_holiday_is_a_working_day_here():
    assert england().is_working_day(date(2026, 1, 2))
    assert england().is_working_day(date(2026, 11, 30))


def test_a_date_beyond_the_list_is_an_error_and_not_a_working_day():
    last = england().last
    with pytest.raises(BeyondCalendar, match="Update the list of bank holidays"):
        england().is_working_day(last + timedelta(days=1))
    with pytest.raises(BeyondCalendar):
        england().working_days_after(last, 1)


def test_the_list_of_bank_holidays_reaches_at_least_a_year_ahead():
    assert england().last >= date.today() + timedelta(days=365)  # noqa: DTZ011


@given(st.dates(date(2013, 1, 1), date(2027, 1, 1)), st.integers(0, 60))
def test_counting_agrees_with_a_walk_day_by_day(day, count):
    walked, left = day, count
    while left:
        walked += timedelta(days=1)
        left -= england().is_working_day(walked)
    assert england().working_days_after(day, count) == walked


def test_a_count_that_makes_no_sense_is_refused():
    calendar = Calendar(frozenset(), date(2026, 1, 1), date(2026, 12, 31))
    with pytest.raises(ValueError, match="working day"):
        calendar.working_days_after(date(2026, 6, 1), -1)
