"""What may be changed in an agreement, from which day, and by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from contracts.agreements.rules import AgreementState
from contracts.changes import rules
from contracts.changes.rules import AskedBy, Cause, ChangeKind, ChangeState, Wanted

TODAY, BEGAN = date(2026, 11, 30), date(2026, 9, 1)
END = Wanted(ChangeKind.END, TODAY, Cause.MOVED, AskedBy.PERSON, "Moves to her son.")
REST = Wanted(ChangeKind.SUSPEND, TODAY, Cause.HOSPITAL, AskedBy.HOSPITAL, "A fall.", TODAY + timedelta(days=14))
BACK = Wanted(ChangeKind.HAND_BACK, TODAY + rules.NOTICE, Cause.STAFFING, AskedBy.PROVIDER, "Two carers left.")


def errors(wanted, *, is_provider=False):
    return set(rules.errors_against(wanted, BEGAN, TODAY, is_provider=is_provider))


@pytest.mark.parametrize("wanted", [END, REST, BACK])
def test_a_sound_change_has_no_errors_for_either_side(wanted):
    assert errors(wanted) == errors(wanted, is_provider=True) == set()


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (replace(END, on=BEGAN - timedelta(days=1)), "on"),
        (replace(END, on=TODAY + timedelta(days=366)), "on"),
        (replace(END, cause=Cause.STAFFING), "cause"),
        (replace(REST, hold_until=None), "hold_until"),
        (replace(REST, hold_until=TODAY - timedelta(days=1)), "hold_until"),
        (replace(REST, hold_until=TODAY + timedelta(days=366)), "hold_until"),
    ],
)
def test_a_slip_is_named_at_its_field(wanted, field):
    assert errors(wanted) == {field}


def test_a_provider_keeps_its_notice_and_a_broker_may_agree_on_less():
    early = replace(BACK, on=BACK.on - timedelta(days=1))
    assert errors(early, is_provider=True) == {"on"}
    assert errors(early) == errors(replace(BACK, on=TODAY)) == set()
    assert errors(replace(BACK, on=TODAY - timedelta(days=1))) == {"on"}


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_no_agreement_is_changed_before_care_began_or_after_its_end(kind):
    for state in (AgreementState.AWAITING_START, AgreementState.ENDED, AgreementState.CANCELLED):
        assert rules.reason_against(kind, state)


def test_what_rests_can_go_on_end_or_be_handed_back_and_not_rest_again():
    allowed = {kind for kind in ChangeKind if rules.reason_against(kind, AgreementState.SUSPENDED) is None}
    assert allowed == {ChangeKind.RESUME, ChangeKind.END, ChangeKind.HAND_BACK}


def test_what_was_asked_for_too_long_ago_is_not_agreed_to():
    suspend, running = ChangeKind.SUSPEND, AgreementState.RUNNING
    assert rules.reason_against_agreeing(suspend, running, TODAY, TODAY) is None
    assert "is over" in rules.reason_against_agreeing(suspend, running, TODAY - timedelta(days=1), TODAY)
    assert rules.reason_against_agreeing(suspend, AgreementState.ENDED, TODAY, TODAY)


@pytest.mark.parametrize("entered", list(AskedBy))
def test_what_a_provider_enters_is_its_own_wish_and_nothing_else_is(entered):
    assert rules.whose_wish(entered, is_provider=True) is AskedBy.PROVIDER
    theirs = rules.whose_wish(entered, is_provider=False)
    assert theirs is (AskedBy.COUNCIL if entered is AskedBy.PROVIDER else entered)


def test_care_is_handed_over_tomorrow_at_the_earliest_and_never_to_who_hands_it_back():
    assert rules.last_day_before(rules.earliest_hand_over(TODAY)) == TODAY
    present = uuid4()
    assert "not win it anew" in rules.reason_against_successor(present, present)
    assert rules.reason_against_successor(uuid4(), present) is None


def test_nobody_decides_on_what_they_asked_for():
    asker = uuid4()
    assert rules.reason_against_deciding(asker, asker)
    assert rules.reason_against_deciding(asker, uuid4()) is None


@pytest.mark.parametrize(
    ("kind", "days", "whether"),
    [
        (ChangeKind.END, 0, False),
        (ChangeKind.END, 1, True),
        (ChangeKind.SUSPEND, -1, False),
        (ChangeKind.SUSPEND, 0, True),
        (ChangeKind.RESUME, 0, True),
        (ChangeKind.HAND_BACK, 99, False),
    ],
)
def test_an_end_waits_for_its_last_day_to_be_over_and_handing_back_for_a_successor(kind, days, whether):
    assert rules.takes_effect(kind, TODAY, TODAY + timedelta(days=days)) is whether


@pytest.mark.parametrize(
    ("kind", "asked_by", "state", "is_provider", "whether"),
    [
        (ChangeKind.END, AskedBy.PROVIDER, ChangeState.ASKED, True, True),
        (ChangeKind.END, AskedBy.PROVIDER, ChangeState.AGREED, True, False),
        (ChangeKind.END, AskedBy.FAMILY, ChangeState.AGREED, True, False),
        (ChangeKind.HAND_BACK, AskedBy.PROVIDER, ChangeState.AGREED, True, True),
        (ChangeKind.HAND_BACK, AskedBy.COUNCIL, ChangeState.AGREED, True, False),
        (ChangeKind.END, AskedBy.PROVIDER, ChangeState.ASKED, False, False),
        (ChangeKind.END, AskedBy.PROVIDER, ChangeState.AGREED, False, True),
    ],
)
def test_each_side_takes_back_what_is_its_own(kind, asked_by, state, is_provider, whether):
    assert (rules.reason_against_taking_back(kind, asked_by, state, is_provider=is_provider) is None) is whether
