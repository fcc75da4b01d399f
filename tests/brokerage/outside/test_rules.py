"""When an award outside the system may be asked for, who may decide, and how the share on the system is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from brokerage.outside.rules import (
    OutsideGround,
    OutsideWanted,
    SystemShare,
    added_up,
    errors_against,
    reason_against_deciding,
    reasons_for_clearance,
)
from marketplace.packages.rules import PackageStatus

TODAY = date(2026, 11, 30)
WANTED = OutsideWanted(
    OutsideGround.NONE_SUITABLE, "All start too late", 3000, TODAY, False, "Ward 4", provider_name="Juniper Care"
)
URGENT = replace(WANTED, ground=OutsideGround.URGENT)


@pytest.mark.parametrize("status", list(PackageStatus))
def test_only_what_nobody_took_or_an_urgent_package_that_is_ready_is_bought_outside(status):
    unsourced, ready = status is PackageStatus.UNSOURCED, status is PackageStatus.READY
    assert ("ground" not in errors_against(WANTED, status, TODAY)) is unsourced
    assert ("ground" not in errors_against(URGENT, status, TODAY)) is (unsourced or ready)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"price_pence": None}, "price_pence"),
        ({"price_pence": 0}, "price_pence"),
        ({"price_pence": 1_000_001}, "price_pence"),
        ({"starts_on": None}, "starts_on"),
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_on"),
        ({"starts_on": TODAY + timedelta(days=366)}, "starts_on"),
        ({"need_confirmed_with": ""}, "need_confirmed_with"),
        ({"provider_name": ""}, "provider_id"),
        ({"provider_id": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}, "provider_id"),
    ],
)
def test_what_is_missing_is_told_at_its_field(changes, field):
    assert list(errors_against(replace(WANTED, **changes), PackageStatus.UNSOURCED, TODAY)) == [field]


def test_nobody_decides_on_what_they_asked_for_or_agreed_to_already():
    assert reason_against_deciding("a", "a")
    assert reason_against_deciding("b", "a", "b")
    assert reason_against_deciding("c", "a", "b") is None


def test_a_contract_manager_decides_below_the_gate_suspended_or_off_the_list_of_the_cqc():
    assert reasons_for_clearance(None, None, False) == ()
    assert reasons_for_clearance("CQC rates it Inadequate.", date(2026, 12, 5), True) == (
        "CQC rates it Inadequate.",
        "The provider is suspended until the end of 5 December 2026.",
        "CQC lists the provider's location no more.",
    )


@pytest.mark.parametrize(
    ("on_system", "outside", "text"),
    [
        (197, 3, "98.5 %"),
        (0, 0, "no awards"),
        (1, 0, "100.0 %"),
        (2, 1, "66.7 %"),
        (0, 4, "0.0 %"),
        (1999, 1, "100.0 %"),
    ],
)
def test_the_share_is_awards_on_the_system_of_all_awards_rounded_half_up(on_system, outside, text):
    assert SystemShare(TODAY, on_system, outside).text == text


def test_months_are_counted_together():
    whole = added_up([SystemShare(date(2026, 10, 1), 97, 3), SystemShare(date(2026, 11, 1), 100, 0)])
    assert (whole.first_day, whole.on_system, whole.outside, whole.text) == (date(2026, 10, 1), 197, 3, "98.5 %")
