"""The vocabulary of the audit: each tag with its sentence and, per audience, the facts that may be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from flask import current_app


class Audience(StrEnum):
    """Who reads a timeline."""

    COUNCIL = "council"
    PROVIDER = "provider"
    PERSON = "person"
    AUDITOR = "auditor"


FOR_MACHINES = frozenset({"digest", "set_digest", "set_count", "sha256"})
"""Facts that prove something later and say nothing to a reader now."""


OF_THE_COUNCIL = frozenset({Audience.COUNCIL, Audience.AUDITOR})


class Told(NamedTuple):
    """What one entry tells: of what, and which facts."""

    subject_id: UUID
    facts: Mapping[str, object]


Seal = Callable[[Sequence[Told]], Sequence[str | None]]
"""Asked of all entries that are read together, once: until when each is sealed for the council, None where it is not."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One kind of entry: `sentence` is what a timeline says, and per audience the names of the facts that it shows.

    An audience given as None does not see the entry at all; an empty list: no facts. Where `seal` says so, nobody of
    the council, auditors included, reads any fact.
    """

    name: str
    sentence: str
    council: Sequence[str] | None = None
    provider: Sequence[str] | None = None
    person: Sequence[str] | None = None
    seal: Seal | None = None

    @property
    def shown(self) -> dict[Audience, frozenset[str]]:
        """The facts shown to each audience that sees the entry, auditors apart."""
        listed = {Audience.COUNCIL: self.council, Audience.PROVIDER: self.provider, Audience.PERSON: self.person}
        return {audience: frozenset(facts) for audience, facts in listed.items() if facts is not None}

    def facts_for(self, audience: Audience, facts: dict[str, object]) -> dict[str, object]:
        """Only the facts this audience may see; auditors see all of them, and they alone what only machines read."""
        if audience is Audience.AUDITOR:
            return facts
        shown = self.shown.get(audience, frozenset()) - FOR_MACHINES
        return {name: value for name, value in facts.items() if name in shown}


def _tags() -> dict[str, Tag]:
    tags: dict[str, Tag] = current_app.extensions["audit_tags"]
    return tags


def tag_named(name: str) -> Tag:
    """The tag that a slice lists, or one that only auditors see."""
    return _tags().get(name) or Tag(name, name.replace(":", " ").replace("_", " "))


def seen_by(audience: Audience) -> frozenset[str]:
    """The names of the tags whose entries an audience other than auditors may see."""
    return frozenset(tag.name for tag in _tags().values() if audience in tag.shown)
