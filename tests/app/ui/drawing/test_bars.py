"""Ranking bars, small charts and the time left."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from app.ui.drawing import bar_chart, stacked_bar, time_left
from app.ui.drawing.bars import ChartRow

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_points_are_shown_on_one_scale_and_rounded_half_up_on_the_exact_sum():
    bar = stacked_bar("Pendle Carers", 1, Fraction("54.115"), Fraction("38.115"))
    assert (bar.quality_text, bar.price_text, bar.total_text) == ("54.12", "38.12", "92.23")
    assert bar.quality + bar.price == pytest.approx(92.23, abs=0.02)


def test_a_chart_says_who_misses_the_target_on_either_side():
    late = bar_chart([ChartRow("A", 3, "3 days"), ChartRow("B", 8, "8 days")], target=5, at_least=False)
    assert [bar.meets_target for bar in late.bars] == [True, False]
    assert late.target == 62.5


def test_a_chart_of_noughts_and_without_target_is_still_drawn():
    chart = bar_chart([ChartRow("A", 0, "0")])
    assert (chart.bars[0].length, chart.bars[0].meets_target, chart.target) == (0.0, None, None)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=2, hours=4, minutes=59), "2 days 4 hours left"),
        (timedelta(days=1), "1 day left"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute left"),
        (timedelta(minutes=38), "38 minutes left"),
        (timedelta(seconds=1), "Less than a minute left"),
        (timedelta(0), "Closed"),
        (timedelta(seconds=-1), "Closed"),
    ],
)
def test_time_left_is_said_as_people_say_it(left, words):
    assert time_left(NOON, NOON - timedelta(days=1), NOON + left).text == words


def test_at_the_deadline_it_is_over_and_the_last_quarter_is_soon():
    opened = NOON - timedelta(hours=3)
    assert time_left(NOON, opened, NOON).over
    assert time_left(NOON, opened, NOON + timedelta(hours=1)).soon
    assert not time_left(NOON, opened, NOON + timedelta(hours=2)).soon
