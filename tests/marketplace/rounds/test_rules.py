"""States of rounds, offers and responses, and the time left."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.rounds.rules import OfferState, ResponseState, RoundState, is_open_at, time_left_text

DEADLINE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
COLOURS = {"grey", "green", "turquoise", "blue", "light-blue", "purple", "pink", "red", "orange", "yellow"}


@pytest.mark.parametrize("states", [RoundState, OfferState, ResponseState])
def test_every_state_has_moves_a_sentence_and_a_colour(states):
    assert {state.colour for state in states} <= COLOURS
    assert all(state.sentence and state not in state.next_states for state in states)


def test_a_move_that_is_not_allowed_is_refused_in_words():
    assert RoundState.OPEN.reason_against(RoundState.CLOSED) is None
    assert "The package was withdrawn." in RoundState.WITHDRAWN.reason_against(RoundState.OPEN)
    assert OfferState.CLOSED.reason_against(OfferState.OPEN) is not None
    assert ResponseState.DRAFT.reason_against(ResponseState.AWARDED) is not None


def test_a_winner_that_pulls_out_reopens_the_round_and_another_answer_can_be_awarded():
    assert ResponseState.AWARDED.reason_against(ResponseState.PULLED_OUT) is None
    assert RoundState.AWARDED.reason_against(RoundState.CLOSED) is None
    assert ResponseState.NOT_AWARDED.reason_against(ResponseState.AWARDED) is None


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
