"""The visits of a week: read, written, added up and judged."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.packages.visits import (
    UnreadableVisits,
    Visit,
    at_same_times,
    parse_weekly_visits,
    reasons_against_visits,
    weekly_minutes,
    weekly_visits_text,
)

MORNING = Visit(0, 420, 600, 45, 1)


def parse(text, time_critical=False):
    return parse_weekly_visits(text, time_critical)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mon-Sun", [0, 1, 2, 3, 4, 5, 6]), ("Mon,Wed,Fri", [0, 2, 4]), ("Fri-Mon", [0, 4, 5, 6]), ("Sun", [6]),
        ("Mon-Wed,Sat", [0, 1, 2, 5]), ("monday - friday", [0, 1, 2, 3, 4]), ("Tues, Thurs", [1, 3]),
        ("Wed-Wed", [2]), ("Tue-Mon", [0, 1, 2, 3, 4, 5, 6]),
    ],
)  # fmt: skip
def test_days_are_lists_and_ranges_and_may_wrap(text, days):
    assert [visit.weekday for visit in parse(f"{text} 07:30-09:30 45x1")] == days


def test_a_clause_gives_window_length_and_carers():
    assert parse("Mon 07:30-09:30 45x2") == (Visit(0, 450, 570, 45, 2),)
    assert parse("Mon 7:30 - 9:30 45 × 2") == (Visit(0, 450, 570, 45, 2),)


def test_a_window_may_cross_midnight_and_ends_at_midnight_when_it_says_twenty_four():
    night = parse("Sun 22:00-07:00 540x1")[0]
    assert (night.weekday, night.window_start, night.window_end, night.window_minutes) == (6, 1320, 420, 540)
    assert parse("Mon 18:00-24:00 60x1")[0].window_minutes == 360
    assert reasons_against_visits(parse("Mon-Sun 22:00-07:00 540x1; Mon-Sun 07:00-10:00 45x1")) == []


def test_the_first_visit_of_each_day_is_time_critical_when_asked():
    visits = parse("Mon-Tue 18:00-21:00 30x1; Mon 07:00-10:00 45x1", time_critical=True)
    assert [(v.weekday, v.window_start, v.time_critical) for v in visits] == [
        (0, 420, True), (0, 1080, False), (1, 1080, True),
    ]  # fmt: skip
    assert not any(visit.time_critical for visit in parse("Mon-Sun 07:00-10:00 45x1"))


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("Mon-Sun 07:00-10:00 30x2", 420), ("Mon,Wed,Fri 09:30-11:30 90x1; Sun 12:00-14:00 60x1", 330), ("Fri,Sat,Sun 22:00-07:00 540x1", 1620)],
)  # fmt: skip
def test_weekly_minutes_are_length_times_carers(text, minutes):
    assert weekly_minutes(parse(text)) == minutes


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There are no visits"), (" ; ", "There are no visits"), ("Mon 07:30-09:30", "cannot be read"),
        ("Mon 07:30-09:30 NaNx1", "cannot be read"), ("Mon 07:30-09:30 -45x1", "cannot be read"),
        ("Mon 07:30-09:30 45.5x1", "cannot be read"), ("Mon 25:00-26:00 30x1", "not on the clock"),
        ("Mon 07:60-09:30 45x1", "not on the clock"), ("Mon 24:00-07:00 45x1", "not on the clock"),
        ("Moon 07:30-09:30 45x1", "day is not known"), ("Mo 07:30-09:30 45x1", "day is not known"),
        ("Mon-Wed-Fri 07:30-09:30 45x1", "two ends"), ("Mon,Mon 07:30-09:30 45x1", "named twice"),
        ("Mon-Wed,Tue 07:30-09:30 45x1", "named twice"), ("Mon 0730-0930 45x1", "cannot be read"),
        ("Mon ٠٧:٣٠-٠٩:٣٠ ٤٥x١", "cannot be read"), ("Mon 07:30-09:30 99999x1", "cannot be read"),
        ("Mon 07:30-09:30 45x1 Tue 07:30-09:30 45x1", "cannot be read"),
        ("; ".join(f"Mon-Sun {hour:02d}:00-{hour:02d}:59 30x1" for hour in range(21)), "the most is 140"),
    ],
)  # fmt: skip
def test_visits_that_cannot_be_read_are_refused_in_words(text, sentence):
    with pytest.raises(UnreadableVisits, match=sentence):
        parse(text)


def test_every_bad_clause_is_named():
    with pytest.raises(UnreadableVisits) as refusal:
        parse("Moon 07:30-09:30 45x1; Mon 07:30-09:30 45x1; Mon 99:00-09:30 45x1")
    assert [reason[:9] for reason in refusal.value.args] == ["Clause 1:", "Clause 3:"]


@pytest.mark.parametrize(
    "text",
    [
        "Mon-Sun 07:00-10:00 45x1; Mon-Sun 18:00-21:00 30x2", "Mon,Wed,Fri 21:30-07:30 600x1",
        "Sat,Sun 12:00-14:00 60x1", "Mon-Wed,Fri 09:30-11:30 90x2",
    ],
)  # fmt: skip
def test_visits_are_written_as_they_were_read(text):
    assert weekly_visits_text(parse(text)) == text


VISITS = st.builds(
    Visit, st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1440), st.integers(1, 2)
)


@given(st.lists(VISITS, min_size=1, max_size=20))
def test_whatever_is_written_is_read_back(visits):
    assert parse(weekly_visits_text(visits)) == tuple(sorted(visits))


@pytest.mark.parametrize(
    ("visit", "sentence"),
    [
        (replace(MORNING, minutes=181), "longer than its window of 180 minutes"),
        (replace(MORNING, window_end=420), "opens and closes at the same time"),
        (replace(MORNING, minutes=0), "at least 1 minute"),
        (replace(MORNING, carers=0), "1 or 2 carers, not 0"),
        (replace(MORNING, carers=3), "1 or 2 carers, not 3"),
        (replace(MORNING, window_start=1320, window_end=60, minutes=200), "longer than its window"),
        (replace(MORNING, minutes=29), "shorter than 30 minutes"),
    ],
)
def test_an_impossible_visit_is_refused_with_its_day_and_window(visit, sentence):
    assert [reason for reason in reasons_against_visits([visit]) if sentence in reason]


def test_all_reasons_come_at_once():
    assert len(reasons_against_visits([replace(MORNING, minutes=181, carers=3), Visit(1, 420, 600, 15, 1)])) == 3


def test_no_visits_are_no_care():
    assert reasons_against_visits([]) == ["Add at least one visit."]


def test_a_short_visit_is_possible_with_a_reason():
    short = replace(MORNING, minutes=15)
    assert reasons_against_visits([short], "Known carer gives one tablet, part of a wider package") == []
    assert reasons_against_visits([short], "   ")
    assert reasons_against_visits([replace(MORNING, minutes=30)]) == []


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("Mon 07:00-10:00 45x1; Mon 09:00-12:00 45x1", True),
        ("Mon 07:00-08:00 60x1; Mon 07:30-08:30 60x1", False),
        ("Mon 07:00-08:00 45x1; Mon 07:00-08:30 45x1", True),
        ("Mon 07:00-08:00 60x1; Mon 07:00-08:00 30x1", False),
        ("Mon 07:00-08:00 60x1; Mon 08:00-09:00 60x1", True),
        ("Sun 22:00-07:00 540x1; Mon 06:00-07:00 60x1", False),
        ("Sun 22:00-07:00 540x1; Mon 07:00-08:00 60x1", True),
        ("Mon 22:00-07:00 540x1; Mon 06:00-07:00 60x1", True),
    ],
)
def test_two_visits_must_both_fit_one_after_the_other_also_over_midnight_and_the_end_of_the_week(text, possible):
    assert (reasons_against_visits(parse(text)) == []) is possible


def test_a_visit_listed_twice_is_named():
    reasons = reasons_against_visits([MORNING, replace(MORNING, time_critical=True)])
    assert reasons == ["Monday 07:00-10:00, 45 minutes: this visit is listed twice."]


@given(st.integers(0, 6), VISITS, VISITS)
def test_whether_two_visits_fit_does_not_depend_on_where_the_week_begins(turn, first, second):
    def turned(visit):
        return replace(visit, weekday=(visit.weekday + turn) % 7)

    def clash(*visits):
        return any("overlapping" in reason or "twice" in reason for reason in reasons_against_visits(visits))

    assert clash(first, second) == clash(turned(first), turned(second)) == clash(second, first)


def test_people_say_behind_a_colon_what_is_to_be_done_and_files_do_not():
    text = "Mon,Tue 07:30-09:30 45x1:  wash,  dress ; Sun 12:00-14:00 60x2"
    visits = parse_weekly_visits(text, False, with_tasks=True)
    assert [(visit.weekday, visit.tasks) for visit in visits] == [(0, "wash, dress"), (1, "wash, dress"), (6, "")]
    with pytest.raises(UnreadableVisits, match="Clause 1: this cannot be read"):
        parse(text)
    with pytest.raises(UnreadableVisits, match="at most 500 characters"):
        parse_weekly_visits(f"Mon 07:30-09:30 45x1: {'a' * 501}", False, with_tasks=True)


def test_what_is_typed_back_with_tasks_reads_as_the_same_visits():
    text = "Sat 07:30-09:30 45x1; Mon-Fri 07:30-09:30 45x1: wash, dress"
    assert weekly_visits_text(parse_weekly_visits(text, False, with_tasks=True), with_tasks=True) == text
    odd = replace(MORNING, tasks="Wash;\ndress")
    assert weekly_visits_text([odd], with_tasks=True) == "Mon 07:00-10:00 45x1: Wash, dress"
    assert weekly_visits_text([odd]) == "Mon 07:00-10:00 45x1"


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("Mon 07:30-09:30 45x1", "Mon 09:29-10:00 30x1", True),
        ("Mon 07:30-09:30 45x1", "Mon 09:30-10:00 30x1", False),
        ("Mon 07:30-09:30 45x1", "Tue 07:30-09:30 45x1", False),
        ("Sun 22:00-02:00 60x1", "Mon 01:00-03:00 60x1", True),
    ],
)
def test_visits_are_at_the_same_times_where_their_windows_meet(one, other, meet):
    ours, theirs = parse_weekly_visits(one), parse_weekly_visits(other)
    assert at_same_times(ours, theirs) is at_same_times(theirs, ours) is meet
