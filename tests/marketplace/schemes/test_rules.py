"""Which values a policy may have, and what a change of it changes."""

from dataclasses import replace

import pytest

from marketplace.schemes.rules import WHOLE_NUMBERS, PolicyTerms, changes_between, problems_with

USUAL = PolicyTerms()


def test_the_usual_policy_has_no_problem():
    assert problems_with(USUAL) == {}


@pytest.mark.parametrize(("quality", "price"), [(60, 41), (59, 40), (0, 0), (100, 100)])
def test_the_weights_must_add_up_to_a_hundred(quality, price):
    problems = problems_with(replace(USUAL, quality_weight=quality, price_weight=price))
    assert f"add up to {quality + price}" in problems["price_weight"]


@pytest.mark.parametrize("quality", [0, 100])
def test_one_weight_alone_may_decide(quality):
    assert problems_with(replace(USUAL, quality_weight=quality, price_weight=100 - quality)) == {}


@pytest.mark.parametrize("name", sorted(set(WHOLE_NUMBERS) - {"quality_weight", "price_weight"}))
def test_every_number_has_a_least_and_a_most(name):
    least, most = WHOLE_NUMBERS[name]
    assert problems_with(replace(USUAL, **{name: least})) == problems_with(replace(USUAL, **{name: most})) == {}
    assert name in problems_with(replace(USUAL, **{name: least - 1}))
    assert name in problems_with(replace(USUAL, **{name: most + 1}))


@pytest.mark.parametrize("text", ["", "8:00", "24:00", "08:60", "08:00:00", "0800", "ab:cd"])
def test_an_opening_time_is_a_time_of_day(text):
    assert "08:00" in problems_with(replace(USUAL, opening=text))["opening"]


def test_closing_comes_after_opening():
    assert "closing" in problems_with(replace(USUAL, opening="20:00", closing="20:00"))


@pytest.mark.parametrize("name", ["yardstick_pence", "award_limit_pence"])
def test_an_amount_is_above_nothing_or_left_out(name):
    assert name in problems_with(replace(USUAL, **{name: 0}))
    assert problems_with(replace(USUAL, **{name: None})) == {}


def test_only_what_differs_is_a_change():
    new = replace(USUAL, quality_weight=70, price_weight=30)
    assert changes_between(USUAL, new) == {"quality_weight": (60, 70), "price_weight": (40, 30)}
    assert changes_between(USUAL, USUAL) == {}
