"""The states of rounds, offers and responses: their moves, what they mean in words, and their tag colours.

What a response must hold is in `response_rules`; whether a provider was really told is in `notice_rules`.
"""

from datetime import datetime
from enum import StrEnum

from app.values.words import time_left_words


class RoundState(StrEnum):
    """Where one round of a package stands."""

    OPEN = "open"
    CLOSED = "closed"
    AWARDED = "awarded"
    NONE_ACCEPTED = "none_accepted"
    NONE_SUITABLE = "none_suitable"
    WITHDRAWN = "withdrawn"


ROUND_MOVES: dict[RoundState, frozenset[RoundState]] = {
    RoundState.OPEN: frozenset({RoundState.CLOSED, RoundState.NONE_ACCEPTED, RoundState.WITHDRAWN}),
    RoundState.CLOSED: frozenset({RoundState.AWARDED, RoundState.NONE_SUITABLE, RoundState.WITHDRAWN}),
    RoundState.AWARDED: frozenset({RoundState.CLOSED}),
    RoundState.NONE_ACCEPTED: frozenset(),
    RoundState.NONE_SUITABLE: frozenset(),
    RoundState.WITHDRAWN: frozenset(),
}
"""AWARDED back to CLOSED: a winner that withdraws before the start re-opens its ranking for 10 working days."""

ROUND_SENTENCES: dict[RoundState, str] = {
    RoundState.OPEN: "Providers can answer until the deadline.",
    RoundState.CLOSED: "The deadline has passed. The package waits for an award.",
    RoundState.AWARDED: "The package was awarded.",
    RoundState.NONE_ACCEPTED: "Nobody said yes.",
    RoundState.NONE_SUITABLE: "Some said yes, but none was suitable.",
    RoundState.WITHDRAWN: "The package was withdrawn.",
}

ROUND_COLOURS: dict[RoundState, str] = {
    RoundState.OPEN: "blue",
    RoundState.CLOSED: "purple",
    RoundState.AWARDED: "green",
    RoundState.NONE_ACCEPTED: "red",
    RoundState.NONE_SUITABLE: "orange",
    RoundState.WITHDRAWN: "grey",
}


class OfferState(StrEnum):
    """Where one offer (a batch's packages put to one provider) stands."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


OFFER_MOVES: dict[OfferState, frozenset[OfferState]] = {
    OfferState.OPEN: frozenset({OfferState.CLOSED, OfferState.WITHDRAWN}),
    OfferState.CLOSED: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
}

OFFER_SENTENCES: dict[OfferState, str] = {
    OfferState.OPEN: "You can answer until the deadline.",
    OfferState.CLOSED: "The deadline has passed.",
    OfferState.WITHDRAWN: "The council took this offer back. There is nothing to answer.",
}

OFFER_COLOURS: dict[OfferState, str] = {
    OfferState.OPEN: "blue",
    OfferState.CLOSED: "grey",
    OfferState.WITHDRAWN: "grey",
}


class ResponseState(StrEnum):
    """Where a provider's answer about one package stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    NO_RESPONSE = "no_response"
    AWARDED = "awarded"
    NOT_AWARDED = "not_awarded"
    PULLED_OUT = "pulled_out"


RESPONSE_MOVES: dict[ResponseState, frozenset[ResponseState]] = {
    ResponseState.DRAFT: frozenset({ResponseState.SUBMITTED, ResponseState.NO_RESPONSE}),
    ResponseState.SUBMITTED: frozenset({ResponseState.WITHDRAWN, ResponseState.AWARDED, ResponseState.NOT_AWARDED}),
    ResponseState.WITHDRAWN: frozenset({ResponseState.DRAFT, ResponseState.SUBMITTED}),
    ResponseState.NO_RESPONSE: frozenset(),
    ResponseState.AWARDED: frozenset({ResponseState.PULLED_OUT}),
    ResponseState.NOT_AWARDED: frozenset({ResponseState.AWARDED, ResponseState.WITHDRAWN}),
    ResponseState.PULLED_OUT: frozenset(),
}
"""NOT_AWARDED to AWARDED happens only while a ranking is open again. An edit keeps the state and makes a version."""

RESPONSE_SENTENCES: dict[ResponseState, str] = {
    ResponseState.DRAFT: "Saved, not sent. It does not count until it is sent.",
    ResponseState.SUBMITTED: "Sent. It can be changed or taken back until the deadline.",
    ResponseState.WITHDRAWN: "Taken back. It does not count.",
    ResponseState.NO_RESPONSE: "No answer came before the deadline.",
    ResponseState.AWARDED: "The package was awarded to this provider.",
    ResponseState.NOT_AWARDED: "The package was not awarded to this provider.",
    ResponseState.PULLED_OUT: "The provider withdrew after the award, before care began.",
}

RESPONSE_COLOURS: dict[ResponseState, str] = {
    ResponseState.DRAFT: "yellow",
    ResponseState.SUBMITTED: "blue",
    ResponseState.WITHDRAWN: "grey",
    ResponseState.NO_RESPONSE: "orange",
    ResponseState.AWARDED: "green",
    ResponseState.NOT_AWARDED: "grey",
    ResponseState.PULLED_OUT: "red",
}


def reason_against_round_move(state: RoundState, to: RoundState) -> str | None:
    """Why a round cannot go from one state to another; None when it can."""
    return None if to in ROUND_MOVES[state] else f"This cannot be done now. {ROUND_SENTENCES[state]}"


def reason_against_offer_move(state: OfferState, to: OfferState) -> str | None:
    """Why an offer cannot go from one state to another; None when it can."""
    return None if to in OFFER_MOVES[state] else f"This cannot be done now. {OFFER_SENTENCES[state]}"


def reason_against_response_move(state: ResponseState, to: ResponseState) -> str | None:
    """Why a response cannot go from one state to another; None when it can."""
    return None if to in RESPONSE_MOVES[state] else f"This cannot be done now. {RESPONSE_SENTENCES[state]}"


def is_open_at(now: datetime, deadline: datetime) -> bool:
    """May an answer still come in? At the deadline itself it is too late."""
    return now < deadline


def is_sealed(
    issue_state: OfferState, closed_at: datetime | None, state: RoundState, ended_at: datetime | None
) -> bool:
    """Is what was answered to one package sealed: not closed yet, or taken back before, alone or with all others?"""
    if issue_state is not OfferState.CLOSED or closed_at is None or ended_at is None:
        return issue_state is not OfferState.CLOSED
    return state is RoundState.WITHDRAWN and ended_at < closed_at


def time_left_text(now: datetime, deadline: datetime) -> str:
    """How long is left, in the two largest useful units: '2 days 3 hours left', '59 minutes left', 'Closed'."""
    if not is_open_at(now, deadline):
        return "Closed"
    return f"{time_left_words((deadline - now).total_seconds())} left"
