"""When answers are due."""

from datetime import UTC, datetime

import pytest

from app.errors import Conflict
from marketplace.schemes.models import SchemePolicy
from marketplace.schemes.windows import deadline_of
from marketplace.vocabulary import Window

POLICY = SchemePolicy(urgent_hours=4, standard_hours=24, batch_working_days=5, opening="08:00", closing="20:00")


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_urgent_and_standard_count_elapsed_hours():
    issued = utc(2026, 11, 23, 10, 0)
    assert deadline_of(POLICY, Window.URGENT, issued) == utc(2026, 11, 23, 14, 0)
    assert deadline_of(POLICY, Window.STANDARD, issued) == utc(2026, 11, 24, 10, 0)


def test_hours_that_end_at_night_wait_for_the_opening():
    assert deadline_of(POLICY, Window.URGENT, utc(2026, 11, 23, 18, 0)) == utc(2026, 11, 24, 8, 0)


def test_the_night_when_clocks_go_back_costs_nobody_an_hour():
    issued = utc(2026, 10, 24, 12, 0)  # 1pm BST
    assert deadline_of(POLICY, Window.STANDARD, issued) == utc(2026, 10, 25, 12, 0)  # midday GMT


def test_a_batch_has_five_working_days_without_bank_holidays():
    assert deadline_of(POLICY, Window.BATCH, utc(2025, 12, 22, 9, 0)) == utc(2025, 12, 31, 17, 0)


def test_beyond_the_known_bank_holidays_there_is_a_sentence():
    with pytest.raises(Conflict, match="bank holidays"):
        deadline_of(POLICY, Window.BATCH, utc(2099, 1, 1, 9, 0))
