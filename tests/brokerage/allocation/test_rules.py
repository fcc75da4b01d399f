"""When an award may be made, and what is proposed for a whole batch."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.allocation.rules import (
    AwardFacts,
    AwardState,
    RankedMember,
    RankedPackage,
    counts_as_skip,
    is_above_limit,
    propose_batch,
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
    changed = replace(FACTS, changed_yes=True, agreed_with_person=True, skipped=1, reason="She prefers the later time")
    assert reasons_against_award(changed) == ()
    assert counts_as_skip(changed)
    assert reasons_against_award(replace(FACTS, skipped=2, reason="The first withdrew by phone")) == ()


def test_a_reason_is_asked_only_where_somebody_else_could_have_been_awarded():
    only_yes = replace(FACTS, changed_yes=True, agreed_with_person=True)
    assert reasons_against_award(only_yes) == ()
    (asked,) = reasons_against_award(replace(only_yes, skipped=1))
    assert asked.field == "reason"


def test_all_reasons_are_told_at_once():
    found = reasons_against_award(replace(FACTS, capacity_left_minutes=0, need_confirmed_at=None, skipped=1))
    assert [one.field for one in found] == ["capacity", "need", "reason"]


def test_an_award_above_the_limit_is_proposed_and_at_the_limit_made_at_once():
    assert is_above_limit(150_001, 150_000)
    assert not is_above_limit(150_000, 150_000)
    assert not is_above_limit(10**9, None)


def test_nobody_approves_their_own_proposal():
    assert reason_against_approval("broker", "broker") is not None
    assert reason_against_approval("broker", "broker2") is None


# ------------------------------------------------------------------------- a whole batch proposed in ranked order

START = date(2026, 12, 7)
ASH = RankedMember("m-ash", "Ash", Fraction(80))
BIRCH = RankedMember("m-birch", "Birch", Fraction(155, 2))


def a_package(reference="PKG-1", members=(ASH, BIRCH), minutes=600, start=START):
    return RankedPackage(reference, start, minutes, members)


def test_the_first_in_the_ranking_with_capacity_is_proposed_at_no_cost():
    (line,) = propose_batch([a_package()], {"m-ash": 600})
    assert (line.member, line.cost) == ("m-ash", 0)
    assert line.sentence == "Ash is first in the ranking and has capacity."


def test_a_member_out_of_capacity_is_skipped_and_the_cost_in_score_is_shown():
    (line,) = propose_batch([a_package()], {"m-ash": 599, "m-birch": 600})
    assert (line.member, line.cost) == ("m-birch", Fraction(5, 2))
    assert "Ash has too little capacity left. Birch is next, 2.50 points below the best." in line.sentence


def test_nobody_with_capacity_or_nobody_ranked_is_said_in_words():
    (full,) = propose_batch([a_package()], {})
    assert full.member is None
    assert "10 hours a week" in full.sentence
    (empty,) = propose_batch([a_package(members=())], {})
    assert empty.sentence == "Nobody is ranked for this package."
    (changed,) = propose_batch([RankedPackage("PKG-1", START, 600, (), changed=(BIRCH,), below=(ASH,))], {})
    assert changed.member is None
    assert changed.sentence == (
        "Nobody said yes as asked. With a changed start or times, to be agreed with the person first: Birch. "
        "Below the quality minimum: Ash."
    )


def test_earlier_starts_are_settled_first_then_the_hash_of_the_reference():
    later = a_package("PKG-0", start=START + timedelta(days=1))
    same_day = [a_package(f"PKG-{i}") for i in range(1, 6)]
    lines = propose_batch([later, *same_day], {"m-ash": 6000})
    hashed = sorted((one.reference for one in same_day), key=lambda text: sha256(text.encode()).hexdigest())
    assert [line.reference for line in lines] == [*hashed, "PKG-0"]


piles = st.lists(
    st.builds(
        a_package,
        st.integers(0, 50).map("PKG-{}".format),
        st.permutations([ASH, BIRCH]).map(tuple),
        st.integers(1, 900),
        st.integers(0, 3).map(lambda days: START + timedelta(days=days)),
    ),
    unique_by=lambda one: one.reference,
    max_size=10,
)


@given(piles, st.integers(0, 3000), st.integers(0, 3000), st.randoms(use_true_random=False))
def test_capacity_is_never_exceeded_and_the_order_of_packages_does_not_matter(pile, ash, birch, random):
    capacity = {"m-ash": ash, "m-birch": birch}
    lines = propose_batch(pile, capacity)
    shuffled = list(pile)
    random.shuffle(shuffled)
    assert propose_batch(shuffled, capacity) == lines
    assert sorted(line.reference for line in lines) == sorted(one.reference for one in pile)
    minutes = {one.reference: one.weekly_minutes for one in pile}
    for member, limit in capacity.items():
        assert sum(minutes[line.reference] for line in lines if line.member == member) <= limit
