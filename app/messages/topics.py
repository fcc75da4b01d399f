"""What messages are about, as people choose by it: each slice lists its topics and the kinds of letters in them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the page on which people choose. `readers` are kinds of organisations, such as `provider`.

    A kind of letter belongs to one topic. With `notice`, what is sent counts as notice to an organisation: one
    person's choice never leaves nobody told.
    """

    name: str
    label: str
    hint: str
    kinds: tuple[str, ...]
    readers: tuple[str, ...]
    notice: bool = False


def _topics() -> dict[str, Topic]:
    """Topics by the kinds of their letters."""
    topics: dict[str, Topic] = current_app.extensions["message_topics"]
    return topics


def topic_of(kind: str) -> Topic | None:
    """The topic of a kind of letter; None where nobody can choose, and everything goes at once."""
    return _topics().get(kind)


def topics_for(organisation_kind: str) -> list[Topic]:
    """The topics that people of such an organisation get, by their labels."""
    ours = {topic for topic in _topics().values() if organisation_kind in topic.readers}
    return sorted(ours, key=lambda topic: topic.label)
