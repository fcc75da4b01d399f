"""The states of rounds, offers and responses: their moves, what they mean in words, and their tag colours.

What a response must hold is in `response_rules`; whether a provider was really told is in `notice_rules`.
"""

from datetime import datetime
from enum import StrEnum

from app.values.lifecycle import Lifecycle
from app.values.words import time_left_words


class RoundState(Lifecycle):
    """Where one round of a package stands."""

    OPEN = "open", "blue", "Providers can answer until the deadline.", "closed none_accepted withdrawn"
    CLOSED = (
        "closed",
        "purple",
        "The deadline has passed. The package waits for an award.",
        "awarded none_suitable withdrawn",
    )
    AWARDED = "awarded", "green", "The package was awarded.", "closed"
    NONE_ACCEPTED = "none_accepted", "red", "Nobody said yes."
    NONE_SUITABLE = "none_suitable", "orange", "Some said yes, but none was suitable."
    WITHDRAWN = "withdrawn", "grey", "The package was withdrawn."


"""AWARDED back to CLOSED: a winner that withdraws before the start re-opens its ranking for 10 working days."""


class OfferState(Lifecycle):
    """Where one offer (a batch's packages put to one provider) stands."""

    OPEN = "open", "blue", "You can answer until the deadline.", "closed withdrawn"
    CLOSED = "closed", "grey", "The deadline has passed."
    WITHDRAWN = "withdrawn", "grey", "The council took this offer back. There is nothing to answer."


class ResponseKind(StrEnum):
    """Yes or no."""

    ACCEPT = "accept"
    DECLINE = "decline"


class ResponseState(Lifecycle):
    """Where a provider's answer about one package stands."""

    DRAFT = "draft", "yellow", "Saved, not sent. It does not count until it is sent.", "submitted no_response"
    SUBMITTED = (
        "submitted",
        "blue",
        "Sent. It can be changed or taken back until the deadline.",
        "withdrawn awarded not_awarded",
    )
    WITHDRAWN = "withdrawn", "grey", "Taken back. It does not count.", "draft submitted"
    NO_RESPONSE = "no_response", "orange", "No answer came before the deadline."
    AWARDED = "awarded", "green", "The package was awarded to this provider.", "pulled_out"
    NOT_AWARDED = "not_awarded", "grey", "The package was not awarded to this provider.", "withdrawn awarded"
    PULLED_OUT = "pulled_out", "red", "The provider withdrew after the award, before care began."


"""NOT_AWARDED to AWARDED happens only while a ranking is open again. An edit keeps the state and makes a version."""


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
