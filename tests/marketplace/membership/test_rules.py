"""Membership, suspension and removal."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from marketplace.membership.rules import (
    MembershipState,
    SuspensionFacts,
    reasons_against_proposing_removal,
    reasons_against_removal,
    reasons_against_suspension,
    suspended_now,
    suspension_sentence,
)

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
EVERYWHERE = SuspensionFacts("Safeguarding alert", FIRST, LAST)


def test_nobody_is_removed_without_being_told_first():
    assert MembershipState.ACTIVE.reason_against(MembershipState.REMOVED) is not None
    assert MembershipState.REMOVAL_PROPOSED.reason_against(MembershipState.REMOVED) is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [(FIRST - timedelta(days=1), False), (FIRST, True), (LAST, True), (LAST + timedelta(days=1), False)],
)
def test_a_suspension_begins_and_ends_by_itself(day, expected):
    assert (suspended_now([EVERYWHERE], "homecare", "Preston", day) is not None) is expected


def test_a_suspension_that_was_lifted_does_not_hold_from_that_day():
    lifted = replace(EVERYWHERE, lifted_on=date(2026, 11, 10))
    assert suspended_now([lifted], "homecare", None, date(2026, 11, 9)) == lifted
    assert suspended_now([lifted], "homecare", None, date(2026, 11, 10)) is None


@pytest.mark.parametrize(
    ("lot", "zone", "asked_lot", "asked_zone", "expected"),
    [
        (None, None, "homecare", None, True),
        ("homecare", None, "homecare", "Preston", True),
        ("homecare", None, "respite", "Preston", False),
        (None, "Preston", "respite", "Preston", True),
        (None, "Preston", "respite", "Wyre", False),
        (None, "Preston", "respite", None, False),
        ("homecare", "Preston", "homecare", "Preston", True),
    ],
)
def test_a_suspension_holds_only_in_its_scope(lot, zone, asked_lot, asked_zone, expected):
    one = replace(EVERYWHERE, lot=lot, zone=zone)
    assert (suspended_now([one], asked_lot, asked_zone, FIRST) is not None) is expected


def test_of_several_suspensions_the_longest_is_named():
    longer = replace(EVERYWHERE, ends_on=date(2026, 12, 31))
    assert suspended_now([EVERYWHERE, longer], "homecare", None, FIRST) == longer
    assert "until the end of 31 December 2026: Safeguarding alert." in suspension_sentence(longer)


def test_a_suspension_needs_a_reason_and_a_review_between_its_days():
    review_on, after = date(2026, 11, 15), LAST + timedelta(days=1)
    assert reasons_against_suspension("Safeguarding alert", FIRST, review_on, LAST) == {}
    assert "reason" in reasons_against_suspension(" ", FIRST, review_on, LAST)
    assert "review_on" in reasons_against_suspension("Safeguarding alert", FIRST, after, LAST)
    assert "ends_on" in reasons_against_suspension("Safeguarding alert", FIRST, review_on, FIRST - timedelta(days=1))


def test_a_removal_waits_until_the_provider_has_answered_or_its_time_is_over():
    assert "representations_until" in reasons_against_removal(LAST, "", "", LAST)
    assert reasons_against_removal(LAST, "", "", LAST + timedelta(days=1)) == {}


def test_what_the_provider_said_must_be_considered():
    said = "We have a new manager."
    assert set(reasons_against_removal(LAST, said, "", FIRST)) == {"considered"}
    assert reasons_against_removal(LAST, said, "The new manager left again.", FIRST) == {}


def test_a_proposal_to_remove_gives_reasons_and_time():
    assert set(reasons_against_proposing_removal("", FIRST, FIRST)) == {"reasons", "representations_until"}
    assert reasons_against_proposing_removal("Rating fell.", LAST, FIRST) == {}
