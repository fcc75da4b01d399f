"""Facts of the audit as people read them."""

from __future__ import annotations

from app.pages.context import facts_in_words


def test_facts_are_told_in_pounds_days_and_yes_or_no():
    facts = {"price_pence": 2500, "starts_on": "2026-12-22", "skipped": False, "provider": "Ash Care", "place": 1}
    assert facts_in_words(facts) == [
        ("price", "£25.00"),
        ("starts on", "22 December 2026"),
        ("skipped", "no"),
        ("provider", "Ash Care"),
        ("place", "1"),
    ]


def test_a_fact_that_is_not_known_is_left_out():
    assert facts_in_words({"zone": None, "lot": "homecare"}) == [("lot", "homecare")]
