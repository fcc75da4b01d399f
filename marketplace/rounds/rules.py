"""The states of rounds, offers and responses; and whether an offer really reached a provider.

Notice: did it, so that its silence may count against it? The unit is one package in one offer. Notice is proven when
the inbox item existed and at least one contact's message was accepted for delivery, and not bounced, with half the
window left. A telephone call counts at its time.
"""

from dataclasses import dataclass
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
SENT = frozenset(ResponseState) - {ResponseState.DRAFT, ResponseState.WITHDRAWN, ResponseState.NO_RESPONSE}
"""Where an answer stands that was sent and not taken back."""


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


class NoticeState(StrEnum):
    """What is known about notice."""

    PROVEN = "proven"
    NOT_YET = "not_yet"
    EXCLUDED = "excluded"


NOTICE_COLOURS: dict[NoticeState, str] = {
    NoticeState.PROVEN: "green",
    NoticeState.NOT_YET: "yellow",
    NoticeState.EXCLUDED: "grey",
}


@dataclass(frozen=True, slots=True)
class MessageFate:
    """What became of one contact's message."""

    accepted_at: datetime | None = None
    bounced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """Everything known about telling one provider of one package. `deadline` is the final one, after extensions."""

    issued_at: datetime
    deadline: datetime
    inbox_at: datetime | None
    messages: tuple[MessageFate, ...] = ()
    phoned_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """The state, and the sentence that explains it."""

    state: NoticeState
    sentence: str


def notice_state(facts: NoticeFacts, now: datetime) -> Notice:
    """Is notice proven, still to come, or is this row left out of the response figures?"""
    if facts.withdrawn_at is not None and facts.withdrawn_at < facts.deadline:
        return Notice(NoticeState.EXCLUDED, "Left out: the package was withdrawn before the deadline.")
    all_bounced = facts.messages and all(message.bounced_at is not None for message in facts.messages)
    if all_bounced and facts.phoned_at is None:
        return Notice(NoticeState.EXCLUDED, "Left out: every message to this provider bounced.")
    latest = half_time(facts)
    if any(moment <= latest for moment in _told(facts)):
        return Notice(NoticeState.PROVEN, "The provider was told with at least half the time left.")
    if now <= latest:
        return Notice(NoticeState.NOT_YET, "Not yet proven: no message has been accepted for delivery.")
    return Notice(NoticeState.EXCLUDED, "Left out: the provider was not told with half the time left.")


def half_time(facts: NoticeFacts) -> datetime:
    """The last instant at which notice counts: the middle between issue and the final deadline."""
    return facts.issued_at + (facts.deadline - facts.issued_at) / 2


def _told(facts: NoticeFacts) -> list[datetime]:
    """The instants at which the provider counts as told: by phone, or by inbox item and a message that arrived."""
    phoned = [facts.phoned_at] if facts.phoned_at is not None else []
    if facts.inbox_at is None:
        return phoned
    arrived = (message.accepted_at for message in facts.messages if message.bounced_at is None)
    return phoned + [max(moment, facts.inbox_at) for moment in arrived if moment is not None]
