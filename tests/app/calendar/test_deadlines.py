"""Deadlines and local times, most of all in the nights when clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calendar.deadlines import (
    LONDON,
    NoSuchTime,
    TimeHappensTwice,
    deadline_after_hours,
    deadline_after_working_days,
    local_date,
    local_text,
    parse_local,
)
from app.calendar.working_days import england

OPENING, CLOSING = time(8), time(20)
ALL_DAY = (time(0), time.max)
INSTANTS = st.datetimes(datetime(2026, 10, 20), datetime(2027, 4, 5), timezones=st.just(UTC))  # noqa: DTZ001


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("issued", "hours", "due"),
    [
        (utc(2026, 11, 23, 10), 4, utc(2026, 11, 23, 14)),
        (utc(2026, 11, 23, 16), 4, utc(2026, 11, 23, 20)),
        (utc(2026, 11, 23, 16, 0, 1), 4, utc(2026, 11, 24, 8)),
        # Two hours of it are opening times: at 8am nobody would have read what came at night.
        (utc(2026, 11, 23, 3), 4, utc(2026, 11, 23, 10)),
        (utc(2026, 11, 23, 4), 4, utc(2026, 11, 23, 10)),
        (utc(2026, 11, 27, 19, 30), 4, utc(2026, 11, 28, 9, 30)),
        (utc(2026, 11, 23, 22), 1, utc(2026, 11, 24, 9)),
        # Weekends count, bank holidays do not: Christmas Day 2026 is a Friday, and Monday 28 stands for Boxing Day.
        (utc(2026, 11, 27, 16, 30), 24, utc(2026, 11, 28, 16, 30)),
        (utc(2026, 12, 24, 13), 24, utc(2026, 12, 29, 8)),
        (utc(2026, 12, 24, 16, 30), 4, utc(2026, 12, 29, 8)),
        (utc(2026, 12, 24, 19, 30), 4, utc(2026, 12, 29, 8)),
        (utc(2026, 12, 25, 9), 4, utc(2026, 12, 29, 8)),
        # In summer the opening is an hour earlier by UTC.
        (utc(2026, 7, 1, 17), 4, utc(2026, 7, 2, 7)),
        # Over the night of 25 October: elapsed hours, and the next opening by the new clock.
        (utc(2026, 10, 24, 17), 24, utc(2026, 10, 25, 17)),
        (utc(2026, 10, 24, 18), 4, utc(2026, 10, 25, 9)),
        (utc(2027, 3, 27, 18), 4, utc(2027, 3, 28, 7)),
    ],
)
def test_hours_are_elapsed_hours_and_end_while_offices_are_open(issued, hours, due):
    assert deadline_after_hours(issued, hours, OPENING, CLOSING) == due


def test_a_deadline_leaves_a_bank_holiday_that_was_proclaimed_late():
    proclaimed = england().with_days([date(2026, 12, 1)])
    assert deadline_after_hours(utc(2026, 11, 30, 17), 24, OPENING, CLOSING, proclaimed) == utc(2026, 12, 2, 8)
    assert deadline_after_working_days(utc(2026, 11, 30, 9), 1, proclaimed) == utc(2026, 12, 2, 17)


def test_around_the_clock_nothing_is_moved_even_when_clocks_go_back():
    due = deadline_after_hours(utc(2026, 10, 24, 21, 30), 4, *ALL_DAY)
    assert due == utc(2026, 10, 25, 1, 30)
    assert local_text(due) == "Sunday 25 October 2026 at 1:30am GMT"


@given(INSTANTS, st.integers(1, 200))
def test_a_deadline_is_never_early_and_always_within_opening_hours(issued, hours):
    due = deadline_after_hours(issued, hours, OPENING, CLOSING)
    wait = due - issued - timedelta(hours=hours)
    holidays = sum(england().is_holiday(local_date(issued) + timedelta(days=day)) for day in range(hours // 24 + 6))
    assert timedelta() <= wait <= timedelta(hours=15) + holidays * timedelta(days=3)
    assert OPENING <= due.astimezone(LONDON).time() <= CLOSING
    assert not england().is_holiday(local_date(due))
    assert due.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("hours", "opening", "closing"), [(0, OPENING, CLOSING), (1, CLOSING, OPENING), (1, OPENING, OPENING)]
)
def test_a_window_that_makes_no_sense_is_refused(hours, opening, closing):
    with pytest.raises(ValueError, match=r"opening|response window"):
        deadline_after_hours(utc(2026, 11, 23, 10), hours, opening, closing)


@pytest.mark.parametrize(
    ("issued", "count", "due"),
    [
        (utc(2026, 11, 23, 10), 5, utc(2026, 11, 30, 17)),
        (utc(2026, 12, 18, 10), 10, utc(2027, 1, 6, 17)),
        (utc(2026, 10, 23, 10), 1, utc(2026, 10, 26, 17)),
        (utc(2026, 7, 1, 10), 1, utc(2026, 7, 2, 16)),
        # Half past eleven at night by UTC is already the next day in summer.
        (utc(2026, 7, 1, 23, 30), 1, utc(2026, 7, 3, 16)),
    ],
)
def test_working_days_end_at_five_local_time(issued, count, due):
    assert deadline_after_working_days(issued, count, england()) == due


def test_a_window_of_no_working_days_is_refused():
    with pytest.raises(ValueError, match="at least one working day"):
        deadline_after_working_days(utc(2026, 11, 23), 0, england())


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (utc(2026, 10, 25, 0, 30), "Sunday 25 October 2026 at 1:30am BST"),
        (utc(2026, 10, 25, 1, 30), "Sunday 25 October 2026 at 1:30am GMT"),
        (utc(2026, 11, 30, 17), "Monday 30 November 2026 at 5pm GMT"),
        (utc(2026, 7, 1, 11), "Wednesday 1 July 2026 at midday BST"),
        (utc(2026, 12, 1, 0), "Tuesday 1 December 2026 at midnight GMT"),
        (utc(2026, 12, 1, 12, 5, 59), "Tuesday 1 December 2026 at 12:05pm GMT"),
        (utc(2026, 12, 1, 0, 5), "Tuesday 1 December 2026 at 12:05am GMT"),
    ],
)
def test_an_instant_is_shown_by_the_local_clock_with_its_name(at, text):
    assert local_text(at) == text


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        local_text(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_time_skipped_in_march_is_refused():
    with pytest.raises(NoSuchTime, match="1:30am does not exist on 28 March 2027"):
        parse_local(date(2027, 3, 28), time(1, 30))
    assert parse_local(date(2027, 3, 28), time(0, 59)) == utc(2027, 3, 28, 0, 59)
    assert parse_local(date(2027, 3, 28), time(2)) == utc(2027, 3, 28, 1)


def test_a_time_that_happens_twice_in_october_must_be_chosen():
    day, clock = date(2026, 10, 25), time(1, 30)
    with pytest.raises(TimeHappensTwice, match="BST or GMT"):
        parse_local(day, clock)
    assert parse_local(day, clock, fold=0) == utc(2026, 10, 25, 0, 30)
    assert parse_local(day, clock, fold=1) == utc(2026, 10, 25, 1, 30)


@given(INSTANTS)
def test_every_instant_can_be_typed_as_the_local_time_it_shows(at):
    local = at.astimezone(LONDON)
    assert parse_local(local_date(at), local.time(), fold=local.fold) == at
