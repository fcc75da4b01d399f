"""The vocabulary of the audit: each tag with its sentence and, per audience, the facts that may be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


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
    """One kind of entry: `sentence` is what a timeline says; `shown` maps an audience to fact names.

    Where `seal` says so, nobody of the council, auditors included, reads any fact.
    """

    name: str
    sentence: str
    shown: dict[Audience, frozenset[str]]
    seal: Seal | None = None

    def facts_for(self, audience: Audience, facts: dict[str, object]) -> dict[str, object]:
        """Only the facts this audience may see; auditors see all of them, and they alone what only machines read."""
        if audience is Audience.AUDITOR:
            return facts
        shown = self.shown.get(audience, frozenset()) - FOR_MACHINES
        return {name: value for name, value in facts.items() if name in shown}


_TAGS: dict[str, Tag] = {}


def declare(
    name: str,
    sentence: str,
    *,
    council: Iterable[str] | None = None,
    provider: Iterable[str] | None = None,
    person: Iterable[str] | None = None,
    seal: Seal | None = None,
) -> Tag:
    """Declares a tag. An audience given as None does not see the entry at all; an empty list: no facts."""
    given = {Audience.COUNCIL: council, Audience.PROVIDER: provider, Audience.PERSON: person}
    shown = {audience: frozenset(facts) for audience, facts in given.items() if facts is not None}
    tag = Tag(name, sentence, shown, seal)
    if name in _TAGS and _TAGS[name] != tag:
        raise ValueError(f"The audit tag {name} is declared twice, differently.")
    _TAGS[name] = tag
    return tag


def tag_named(name: str) -> Tag:
    """The declared tag, or one that only auditors see."""
    return _TAGS.get(name) or Tag(name, name.replace(":", " ").replace("_", " "), {})


def seen_by(audience: Audience) -> frozenset[str]:
    """The names of the tags whose entries an audience other than auditors may see."""
    return frozenset(tag.name for tag in _TAGS.values() if audience in tag.shown)
