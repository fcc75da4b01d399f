"""What procurement law asks of a scheme."""

from datetime import date

import pytest

from marketplace.schemes.regime_rules import (
    REGIME_NAMES,
    Regime,
    end_warning,
    reasons_against_award_under,
    reasons_against_changing_conditions,
    reasons_against_new_end,
    reasons_to_wait_for_applications,
)

LAST = date(2029, 2, 23)


def test_every_regime_has_a_name():
    assert set(REGIME_NAMES) == set(Regime)


def test_an_old_purchasing_system_awards_on_its_last_day_and_never_after():
    assert reasons_against_award_under(Regime.PCR2015_DPS, LAST) == ()
    assert "23 February 2029" in reasons_against_award_under(Regime.PCR2015_DPS, date(2029, 2, 24))[0]


@pytest.mark.parametrize("regime", [one for one in Regime if one is not Regime.PCR2015_DPS])
def test_no_other_regime_stops_that_day(regime):
    assert reasons_against_award_under(regime, date(2029, 2, 24)) == ()


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (date(2027, 8, 22), None),
        (date(2027, 8, 23), "18"),
        (date(2028, 2, 22), "18"),
        (date(2028, 2, 23), "12"),
        (date(2028, 8, 23), "6"),
        (LAST, "6"),
        (date(2029, 2, 24), None),
    ],
)
def test_the_end_is_warned_of_18_12_and_6_months_before(day, months):
    warning = end_warning(Regime.PCR2015_DPS, day)
    assert warning is None if months is None else f"Less than {months} months" in warning


def test_a_pseudo_system_is_told_to_ask_a_lawyer_and_a_market_is_not_warned():
    assert "lawyer" in end_warning(Regime.PCR2015_LTR, LAST)
    assert end_warning(Regime.PA2023_DM, LAST) is None


def test_the_validity_of_an_old_system_is_fixed_after_23_february_2026():
    old, new = date(2027, 1, 1), date(2028, 1, 1)
    assert reasons_against_new_end(Regime.PCR2015_DPS, old, new, date(2026, 2, 23)) == ()
    assert reasons_against_new_end(Regime.PCR2015_DPS, old, new, date(2026, 2, 24))
    assert reasons_against_new_end(Regime.PCR2015_DPS, old, date(2029, 2, 24), date(2026, 2, 1))
    assert reasons_against_new_end(Regime.PCR2015_DPS, old, old, date(2026, 12, 1)) == ()
    assert reasons_against_new_end(Regime.PA2023_DM, old, None, date(2026, 12, 1)) == ()


def test_a_market_keeps_its_conditions():
    assert reasons_against_changing_conditions(Regime.PA2023_DM, True)
    assert reasons_against_changing_conditions(Regime.PA2023_DM, False) == ()


def test_a_market_waits_for_pending_applications_unless_the_exception_is_recorded():
    assert reasons_to_wait_for_applications(Regime.PA2023_DM, 1)
    assert reasons_to_wait_for_applications(Regime.PA2023_DM, 1, "Exceptionally complex") == ()
    assert reasons_to_wait_for_applications(Regime.PA2023_DM, 0) == ()
    assert reasons_to_wait_for_applications(Regime.PCR2015_LTR, 1) == ()
