"""Applications, their checks, gate, decision and clock."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from marketplace.applications.rules import (
    ApplicationState,
    CheckKind,
    CheckOutcome,
    Decision,
    GateResult,
    decision_clock_text,
    decision_due,
    gate,
    reasons_against_decision,
)
from marketplace.providers.ratings import Rating
from marketplace.vocabulary import UnratedPolicy

PASSED = dict.fromkeys(CheckKind, CheckOutcome.PASSED)
ADMISSION = Decision(True, "All checks passed and the references are good.", 72)
GOOD = gate(Rating.GOOD, Rating.GOOD, UnratedPolicy.REJECT)


def against(decision=ADMISSION, checks=PASSED, found=GOOD):
    return reasons_against_decision(decision, ApplicationState.CHECKING, checks, found)


def test_a_decided_application_cannot_move_and_the_refusal_says_where_it_stands():
    assert ApplicationState.SUBMITTED.reason_against(ApplicationState.CHECKING) is None
    assert "was refused" in ApplicationState.REFUSED.reason_against(ApplicationState.ADMITTED)


@pytest.mark.parametrize(
    ("rating", "policy", "expected"),
    [
        (Rating.GOOD, UnratedPolicy.REJECT, GateResult.PASS),
        (Rating.OUTSTANDING, UnratedPolicy.REJECT, GateResult.PASS),
        (Rating.REQUIRES_IMPROVEMENT, UnratedPolicy.ADMIT, GateResult.REFUSE),
        (Rating.INADEQUATE, UnratedPolicy.ADMIT, GateResult.REFUSE),
        (Rating.UNRATED, UnratedPolicy.REJECT, GateResult.REFUSE),
        (Rating.UNRATED, UnratedPolicy.ADMIT, GateResult.PASS),
        (Rating.UNRATED, UnratedPolicy.ADMIT_WITH_REVIEW, GateResult.REVIEW),
    ],
)
def test_the_gate_follows_the_minimum_and_the_policy_for_unrated(rating, policy, expected):
    assert gate(rating, Rating.GOOD, policy).result is expected


def test_another_scheme_may_ask_only_that_a_location_is_not_inadequate():
    policy = UnratedPolicy.REJECT
    assert gate(Rating.REQUIRES_IMPROVEMENT, Rating.REQUIRES_IMPROVEMENT, policy).result is GateResult.PASS


def test_a_complete_admission_can_be_recorded():
    assert against() == {}


@pytest.mark.parametrize("admit", [True, False])
@pytest.mark.parametrize("reasons", ["", "   ", "no"])
def test_no_decision_without_reasons(admit, reasons):
    assert "reasons" in against(replace(ADMISSION, admit=admit, reasons=reasons))


def test_admission_needs_every_check_passed_and_a_score():
    checks = PASSED | {CheckKind.INSURANCE: CheckOutcome.FAILED}
    del checks[CheckKind.TRAINING]
    found = against(replace(ADMISSION, entry_score=101), checks)
    assert set(found) == {"check_insurance", "check_training", "entry_score"}
    assert "did not pass" in found["check_insurance"]
    assert "not been made" in found["check_training"]


def test_a_location_below_the_gate_cannot_be_admitted_but_can_be_refused():
    below = gate(Rating.INADEQUATE, Rating.GOOD, UnratedPolicy.ADMIT)
    assert "gate" in against(found=below)
    assert against(replace(ADMISSION, admit=False, entry_score=None), {}, below) == {}


def plain(day: date, days: int) -> date:
    return day + timedelta(days=days)


def test_the_clock_is_ten_working_days_and_fifteen_when_justified():
    assert decision_due(date(2026, 12, 1), plain) == date(2026, 12, 11)
    assert decision_due(date(2026, 12, 1), plain, "References come from abroad") == date(2026, 12, 16)
    assert decision_due(date(2026, 12, 1), plain, "  ") == date(2026, 12, 11)


def test_the_clock_says_how_late_a_decision_is():
    due = date(2026, 12, 11)
    assert decision_clock_text(due, due) == "Decide by 11 December 2026."
    assert "1 day late" in decision_clock_text(due, date(2026, 12, 12))
    assert "3 days late" in decision_clock_text(due, date(2026, 12, 14))
