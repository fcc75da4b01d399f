"""Proof of notice: did an offer really reach a provider, so that its silence may count against it?

The unit is one package in one offer. Notice is proven when the inbox item existed and at least one contact's message
was accepted for delivery, and not bounced, with half the window left. A telephone call counts at its time.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    if _all_bounced(facts) and facts.phoned_at is None:
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


def _all_bounced(facts: NoticeFacts) -> bool:
    return bool(facts.messages) and all(one.bounced_at is not None for one in facts.messages)


def _told(facts: NoticeFacts) -> list[datetime]:
    """The instants at which the provider counts as told: by phone, or by inbox item and a message that arrived."""
    phoned = [facts.phoned_at] if facts.phoned_at is not None else []
    if facts.inbox_at is None:
        return phoned
    arrived = (one.accepted_at for one in facts.messages if one.bounced_at is None)
    return phoned + [max(moment, facts.inbox_at) for moment in arrived if moment is not None]
