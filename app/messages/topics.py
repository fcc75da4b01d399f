"""What messages are about, as people choose by it: each area declares its topics and the kinds of letters in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the page on which people choose. `readers` are kinds of organisations, such as `provider`.

    With `notice`, what is sent counts as notice to an organisation: one person's choice never leaves nobody told.
    """

    name: str
    label: str
    hint: str
    readers: frozenset[str]
    notice: bool = False


_TOPICS: dict[str, Topic] = {}
_OF_KIND: dict[str, str] = {}


def declare(
    name: str, label: str, hint: str, *, kinds: Iterable[str], readers: Iterable[str], notice: bool = False
) -> None:
    """Adds a topic with the kinds of its letters; a kind belongs to one topic."""
    topic = Topic(name, label, hint, frozenset(readers), notice)
    if _TOPICS.setdefault(name, topic) != topic:
        raise ValueError(f"The topic {name} is declared twice, differently.")
    for kind in kinds:
        if _OF_KIND.setdefault(kind, name) != name:
            raise ValueError(f"The kind {kind} belongs to two topics.")


def topic_of(kind: str) -> Topic | None:
    """The topic of a kind of letter; None where nobody can choose, and everything goes at once."""
    return _TOPICS.get(_OF_KIND.get(kind, ""))


def topics_for(organisation_kind: str) -> list[Topic]:
    """The topics that people of such an organisation get, by their labels."""
    ours = (topic for topic in _TOPICS.values() if organisation_kind in topic.readers)
    return sorted(ours, key=lambda topic: topic.label)
