"""States of rounds, offers and responses, and the time left."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.offers import rules
from marketplace.offers.rules import OfferState, ResponseState, RoundState, is_open_at, time_left_text

DEADLINE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
COLOURS = {"grey", "green", "turquoise", "blue", "light-blue", "purple", "pink", "red", "orange", "yellow"}


@pytest.mark.parametrize(
    ("states", "name"), [(RoundState, "ROUND"), (OfferState, "OFFER"), (ResponseState, "RESPONSE")]
)
def test_every_state_has_moves_a_sentence_and_a_colour(states, name):
    moves, sentences, colours = (getattr(rules, f"{name}_{part}") for part in ("MOVES", "SENTENCES", "COLOURS"))
    assert set(moves) == set(sentences) == set(colours) == set(states)
    assert set(colours.values()) <= COLOURS
    assert all(target in set(states) - {state} for state, targets in moves.items() for target in targets)


def test_a_move_that_is_not_allowed_is_refused_in_words():
    assert rules.reason_against_round_move(RoundState.OPEN, RoundState.CLOSED) is None
    assert "The package was withdrawn." in rules.reason_against_round_move(RoundState.WITHDRAWN, RoundState.OPEN)
    assert rules.reason_against_offer_move(OfferState.CLOSED, OfferState.OPEN) is not None
    assert rules.reason_against_response_move(ResponseState.DRAFT, ResponseState.AWARDED) is not None


def test_a_winner_that_pulls_out_reopens_the_round_and_another_answer_can_be_awarded():
    assert rules.reason_against_response_move(ResponseState.AWARDED, ResponseState.PULLED_OUT) is None
    assert rules.reason_against_round_move(RoundState.AWARDED, RoundState.CLOSED) is None
    assert rules.reason_against_response_move(ResponseState.NOT_AWARDED, ResponseState.AWARDED) is None


def test_one_second_before_the_deadline_is_in_time_and_the_deadline_itself_is_late():
    assert is_open_at(DEADLINE - timedelta(seconds=1), DEADLINE)
    assert not is_open_at(DEADLINE, DEADLINE)


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=2, hours=3, minutes=9), "2 days 3 hours left"),
        (timedelta(days=1), "1 day left"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute left"),
        (timedelta(hours=4), "4 hours left"),
        (timedelta(minutes=59, seconds=59), "59 minutes left"),
        (timedelta(seconds=59), "Less than a minute left"),
        (timedelta(0), "Closed"),
        (timedelta(seconds=-1), "Closed"),
    ],
)
def test_the_time_left_reads_in_two_units(left, text):
    assert time_left_text(DEADLINE - left, DEADLINE) == text
