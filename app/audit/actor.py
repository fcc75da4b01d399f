"""Who did something, as audit keeps it: a value, not a row, so the floor needs to know no users."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of actor: a person signed in, a link in an email, the timetable, or a command on the machine."""

    USER = "user"
    LINK = "link"
    SYSTEM = "system"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor: `label` says role and organisation, never a private name."""

    kind: ActorKind
    id: UUID | None
    label: str
    organisation_id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM, None, "Homeward")
COMMAND = Actor(ActorKind.COMMAND, None, "Command line")
