"""What an answer must hold, and when it is too late."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from marketplace.answers.rules import (
    DeclineReason,
    ResponseDraft,
    ResponseTerms,
    as_sent,
    is_firm,
    reasons_against,
    reasons_too_late,
)
from marketplace.rounds.rules import ResponseKind, RoundState
from marketplace.schemes.services import DEFAULT_DECLINE_CODES

DEADLINE = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
BEFORE = DEADLINE - timedelta(seconds=1)
TERMS = ResponseTerms(
    floor_pence=2200,
    ceiling_pence=3300,
    unit="hour",
    deadline=DEADLINE,
    deadline_text="25 October 2026 at 1:30am GMT",
    issued_on=date(2026, 10, 20),
    wanted_start=date(2026, 11, 2),
    decline_reasons=tuple(DeclineReason(*code) for code in DEFAULT_DECLINE_CODES),
)
YES = ResponseDraft(ResponseKind.ACCEPT, price_pence=2500, earliest_start=date(2026, 11, 2))
NO = ResponseDraft(ResponseKind.DECLINE, decline_code="travel")


@pytest.mark.parametrize("answer", [YES, NO])
def test_a_complete_answer_before_the_deadline_can_be_sent(answer):
    assert reasons_against(answer, TERMS, BEFORE) == {}


@pytest.mark.parametrize("answer", [YES, NO])
def test_at_the_deadline_it_is_too_late_and_the_local_time_is_named(answer):
    found = reasons_against(answer, TERMS, DEADLINE)
    assert list(found) == ["deadline"]
    assert "25 October 2026 at 1:30am GMT" in found["deadline"]


def test_a_withdrawn_or_closed_round_takes_no_answer():
    assert (
        "taken this package back" in reasons_too_late(replace(TERMS, round_state=RoundState.WITHDRAWN), BEFORE)["round"]
    )
    assert "closed" in reasons_too_late(replace(TERMS, round_state=RoundState.CLOSED), BEFORE)["round"]


@pytest.mark.parametrize(
    ("price", "fine"), [(2199, False), (2200, True), (3300, True), (3301, False), (0, False), (-1, False)]
)
def test_a_price_must_lie_between_floor_and_ceiling_both_included(price, fine):
    assert ("price" not in reasons_against(replace(YES, price_pence=price), TERMS, BEFORE)) is fine


def test_a_refused_price_names_the_limits_and_the_unit():
    sentence = reasons_against(replace(YES, price_pence=2199), TERMS, BEFORE)["price"]
    assert sentence == "£21.99 is below the lowest price. Enter a price between £22.00 and £33.00 per hour."
    assert "Enter your price" in reasons_against(replace(YES, price_pence=None), TERMS, BEFORE)["price"]


@pytest.mark.parametrize(
    ("start", "fine"),
    [
        (None, False),
        (date(2026, 10, 19), False),
        (date(2026, 10, 20), True),
        (date(2027, 5, 4), True),
        (date(2027, 5, 5), False),
        (date(9999, 12, 31), False),
    ],
)
def test_the_earliest_start_is_a_day_from_the_offer_to_half_a_year_after_the_wanted_one(start, fine):
    assert ("earliest_start" not in reasons_against(replace(YES, earliest_start=start), TERMS, BEFORE)) is fine


def test_people_nearby_is_a_sensible_number_or_empty():
    for count, fine in [(None, True), (0, True), (999, True), (1000, False), (-1, False)]:
        found = reasons_against(replace(YES, people_nearby_count=count), TERMS, BEFORE)
        assert ("people_nearby_count" not in found) is fine


def test_neither_yes_nor_no_is_refused():
    assert "kind" in reasons_against(ResponseDraft(None), TERMS, BEFORE)


def test_a_decline_needs_a_reason_from_the_list_and_other_needs_words():
    assert "decline_code" in reasons_against(replace(NO, decline_code="bored"), TERMS, BEFORE)
    other = replace(NO, decline_code="other", decline_text="  ")
    assert "decline_text" in reasons_against(other, TERMS, BEFORE)
    assert reasons_against(replace(other, decline_text="Road closed until May"), TERMS, BEFORE) == {}


def test_a_yes_is_firm_when_it_starts_in_time_with_the_times_unchanged():
    assert is_firm(YES, TERMS.wanted_start)
    assert is_firm(replace(YES, earliest_start=date(2026, 10, 20)), TERMS.wanted_start)
    assert not is_firm(replace(YES, earliest_start=date(2026, 11, 3)), TERMS.wanted_start)
    assert not is_firm(replace(YES, alternative_times="Mornings from 10"), TERMS.wanted_start)
    assert not is_firm(replace(YES, other_visits="Mon-Fri 10:30-11:30 45x1"), TERMS.wanted_start)
    assert not is_firm(NO, TERMS.wanted_start)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "Give the other times that you can do as visits of the week too"),
        ("half past ten", "Clause 1: this cannot be read"),
        ("Mon 10:30-11:00 45x1", "the visit is longer than its window"),
        ("Mon 10:30-11:30 45x3", "1 or 2 carers"),
    ],
)
def test_other_times_in_words_alone_or_as_visits_that_nobody_can_make_are_refused_at_the_visits(typed, part):
    said = replace(YES, alternative_times="Only 10:30 to 11:30", other_visits=typed)
    assert part in reasons_against(said, TERMS, BEFORE)["other_visits"]


def test_visits_are_kept_as_files_write_them_and_a_short_one_is_the_providers_own_choice():
    said = replace(YES, other_visits="monday - friday 10:30 \u2013 11:00 20 x 1")
    assert reasons_against(said, TERMS, BEFORE) == {}
    assert as_sent(said).other_visits == "Mon-Fri 10:30-11:00 20x1"
