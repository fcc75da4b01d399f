"""When an award may be made."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from brokerage.allocation.rules import (
    AwardFacts,
    AwardRoute,
    AwardState,
    award_route,
    counts_as_skip,
    has_lapsed,
    lapses_on,
    reason_against_approval,
    reasons_against_award,
)

NOW = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
FACTS = AwardFacts(
    now=NOW,
    deadline=DEADLINE,
    round_open=False,
    round_awardable=True,
    response_stands=True,
    responded_at=DEADLINE - timedelta(seconds=1),
    eligibility=(),
    capacity_left_minutes=600,
    package_minutes=600,
    need_confirmed_at=NOW - timedelta(hours=24),
    regime=(),
    pending_applications=(),
    skipped=0,
    reason="",
    changed_yes=False,
    agreed_with_person=False,
    below_quality_minimum=False,
    second_person="",
    awarded_by="broker",
    answer_entered_by="navigator",
    conflict_declared=False,
)


def test_a_lapsed_proposal_cannot_be_approved():
    assert AwardState.PROPOSED.reason_against(AwardState.AWARDED) is None
    assert "ended" in AwardState.LAPSED.reason_against(AwardState.AWARDED)


def test_an_award_to_the_first_with_capacity_exactly_enough_may_be_made():
    assert reasons_against_award(FACTS) == ()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"round_open": True}, "round", "still open"),
        ({"round_awardable": False}, "round", "is over"),
        ({"response_stands": False}, "response", "does not stand"),
        ({"responded_at": DEADLINE}, "response", "before the deadline"),
        ({"responded_at": None}, "response", "before the deadline"),
        ({"eligibility": ("Suspended for Preston.",)}, "member", "Suspended"),
        ({"capacity_left_minutes": 599}, "capacity", "needs 10 hours a week"),
        ({"capacity_left_minutes": -60}, "capacity", "0 hours"),
        ({"need_confirmed_at": None}, "need", "still needed"),
        ({"need_confirmed_at": NOW - timedelta(hours=24, seconds=1)}, "need", "24 hours"),
        ({"need_confirmed_at": NOW + timedelta(seconds=1)}, "need", "24 hours"),
        ({"regime": ("It ended.",)}, "scheme", "ended"),
        ({"pending_applications": ("A provider has applied.",)}, "scheme", "applied"),
        ({"answer_entered_by": "broker"}, "by", "somebody else"),
        ({"conflict_declared": None}, "conflict", "Say first"),
        ({"conflict_declared": True}, "conflict", "somebody else"),
        ({"skipped": 1}, "reason", "first in the ranking"),
        ({"changed_yes": True, "reason": "Only one that fits"}, "agreed_with_person", "with the person"),
        ({"changed_yes": True, "agreed_with_person": True}, "reason", "first in the ranking"),
        ({"below_quality_minimum": True, "second_person": "manager"}, "reason", "below the quality minimum"),
        ({"below_quality_minimum": True, "reason": "No other"}, "second_person", "second person"),
        (
            {"below_quality_minimum": True, "reason": "No other", "second_person": "broker"},
            "second_person",
            "second person",
        ),
    ],
)
def test_each_reason_alone_stops_an_award(changes, field, words):
    (refusal,) = reasons_against_award(replace(FACTS, **changes))
    assert refusal.field == field
    assert words in refusal.sentence


def test_a_skip_with_a_reason_and_a_changed_yes_agreed_with_the_person_may_be_awarded():
    changed = replace(FACTS, changed_yes=True, agreed_with_person=True, reason="She prefers the later time")
    assert reasons_against_award(changed) == ()
    assert counts_as_skip(changed)
    assert reasons_against_award(replace(FACTS, skipped=2, reason="The first withdrew by phone")) == ()


def test_all_reasons_are_told_at_once():
    found = reasons_against_award(replace(FACTS, capacity_left_minutes=0, need_confirmed_at=None, skipped=1))
    assert [one.field for one in found] == ["capacity", "need", "reason"]


def test_an_award_above_the_limit_is_proposed_and_at_the_limit_made_at_once():
    assert award_route(150_001, 150_000) is AwardRoute.PROPOSED
    assert award_route(150_000, 150_000) is AwardRoute.AT_ONCE
    assert award_route(10**9, None) is AwardRoute.AT_ONCE


def skipping_easter(day: date, days: int) -> date:
    closed = {date(2026, 4, 3), date(2026, 4, 6)}
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5 and day not in closed
    return day


def test_a_proposal_lapses_after_two_working_days_by_the_calendar_it_is_given():
    assert lapses_on(date(2026, 4, 2), skipping_easter) == date(2026, 4, 8)
    assert not has_lapsed(date(2026, 4, 2), date(2026, 4, 8), skipping_easter)
    assert has_lapsed(date(2026, 4, 2), date(2026, 4, 9), skipping_easter)


def test_nobody_approves_their_own_proposal():
    assert reason_against_approval("broker", "broker") is not None
    assert reason_against_approval("broker", "broker2") is None
