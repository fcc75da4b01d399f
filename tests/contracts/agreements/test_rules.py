"""Agreements: states and cost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.agreements.rules import (
    IN_FORCE_STATES,
    AgreementState,
    CostLine,
    reason_against_agreement,
    weekly_cost,
)
from marketplace.vocabulary import LotUnit

DOUBLE_UP = CostLine("Mornings", visits_per_week=7, minutes=30, carers=2, rate_pence=2200)


def test_an_ended_agreement_never_runs_again():
    assert "Care has ended." in AgreementState.ENDED.reason_against(AgreementState.RUNNING)
    assert AgreementState.SUSPENDED.reason_against(AgreementState.RUNNING) is None


@pytest.mark.parametrize("state", AgreementState)
def test_a_package_has_one_agreement_in_force(state):
    assert (reason_against_agreement(state, 7, [60, 40]) is None) is (state not in IN_FORCE_STATES)


def test_seven_half_hours_with_two_carers_at_22_pounds_are_154_pounds_a_week():
    cost = weekly_cost([DOUBLE_UP])
    assert cost.lines[0].units == 7
    assert cost.paid_minutes == 420
    assert cost.pence == 15_400


def test_a_half_penny_is_rounded_up_once_per_line_and_never_per_visit():
    line = CostLine("Short", visits_per_week=1, minutes=15, carers=1, rate_pence=1850)
    assert weekly_cost([line]).pence == 463
    assert weekly_cost([replace(line, visits_per_week=2)]).pence == 925
    assert weekly_cost([line, line]).pence == 926


def test_a_night_is_paid_per_visit_and_carer_and_a_week_once():
    night = CostLine("Nights", 3, 540, 1, 12_000, LotUnit.NIGHT)
    assert weekly_cost([night]).pence == 36_000
    assert weekly_cost([replace(night, carers=2)]).pence == 72_000
    assert weekly_cost([CostLine("Live-in", 7, 1440, 1, 150_000, LotUnit.WEEK)]).pence == 150_000


@given(st.integers(1, 40), st.integers(1, 1440), st.integers(1, 2), st.integers(0, 10_000))
def test_a_week_costs_within_half_a_penny_of_the_exact_amount(visits, minutes, carers, rate):
    sixtieths = visits * minutes * carers * rate
    assert -30 < weekly_cost([CostLine("Any", visits, minutes, carers, rate)]).pence * 60 - sixtieths <= 30
