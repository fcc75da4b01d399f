"""When an independent advocate must be arranged, and when somebody may speak for a person."""

from datetime import date, timedelta
from itertools import combinations

import pytest

from marketplace.people.rules import (
    AdvocacyAnswers,
    Difficulty,
    advocacy_outcome,
    consent_holds,
    problems_with_test,
    reasons_against_withdrawal,
)

DAY = date(2026, 11, 22)
ONE = timedelta(days=1)
EVERY_SET = [frozenset(some) for count in range(5) for some in combinations(Difficulty, count)]


def test_there_are_four_difficulties_each_with_a_name_of_its_own():
    assert len({difficulty.label for difficulty in Difficulty}) == 4


@pytest.mark.parametrize("difficulties", EVERY_SET)
@pytest.mark.parametrize("appropriate_person", [True, False])
def test_an_advocate_is_due_with_any_difficulty_and_nobody_appropriate(difficulties, appropriate_person):
    outcome = advocacy_outcome(AdvocacyAnswers(difficulties, appropriate_person))
    assert outcome.must_arrange == (bool(difficulties) and not appropriate_person)
    assert outcome.is_open == outcome.must_arrange
    assert all(one.label in outcome.reasons[0] for one in difficulties)


def test_the_duty_is_no_longer_open_once_an_advocate_is_asked_for():
    outcome = advocacy_outcome(AdvocacyAnswers(frozenset({Difficulty.RETAINING}), False, DAY))
    assert outcome.must_arrange
    assert not outcome.is_open
    assert "22 November 2026" in outcome.reasons[-1]


def test_no_day_of_a_test_lies_in_the_future():
    answers = AdvocacyAnswers(referred_on=DAY + ONE)
    assert set(problems_with_test(answers, DAY + ONE, DAY)) == {"made_on", "referred_on"}
    assert problems_with_test(AdvocacyAnswers(referred_on=DAY), DAY, DAY) == {}


@pytest.mark.parametrize(
    ("given", "withdrawn", "holds"),
    [
        (None, None, False),
        (DAY, None, True),
        (DAY + ONE, None, False),
        (DAY - ONE, DAY, False),
        (DAY - ONE, DAY + ONE, True),
    ],
)
def test_consent_holds_from_its_day_until_the_day_it_is_taken_back(given, withdrawn, holds):
    assert consent_holds(given, withdrawn, DAY) is holds


@pytest.mark.parametrize(
    ("given", "withdrawn", "on", "said"),
    [
        (None, None, DAY, "No consent was given"),
        (DAY - ONE, DAY - ONE, DAY, "already"),
        (DAY - ONE, None, DAY + ONE, "in the future"),
        (DAY, None, DAY - ONE, "before consent was given"),
    ],
)
def test_what_cannot_be_taken_back_is_said(given, withdrawn, on, said):
    assert said in reasons_against_withdrawal(given, withdrawn, on, DAY)[0]


def test_consent_can_be_taken_back_on_the_day_it_was_given():
    assert reasons_against_withdrawal(DAY, None, DAY, DAY) == ()
