"""Who the person was when care ended: the copy that the provider reads once it may no longer follow the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from marketplace.people.models import Person

TEXTS = ("name", "known_as", "address", "postcode", "telephone", "language")


@dataclass(frozen=True, slots=True)
class FrozenPerson:
    """A person's identity as it was on the day on which it was copied; what changes later does not reach it."""

    name: str
    known_as: str | None
    date_of_birth: date | None
    address: str | None
    postcode: str
    telephone: str | None
    language: str | None


def frozen(person: Person) -> dict[str, str | None]:
    """The copy as it is kept with the agreement."""
    born = person.date_of_birth.isoformat() if person.date_of_birth else None
    return {**{name: getattr(person, name) for name in TEXTS}, "date_of_birth": born}


def thawed(kept: dict[str, str | None]) -> FrozenPerson:
    """The copy as pages and the API give it."""
    born = kept["date_of_birth"]
    return FrozenPerson(
        name=kept["name"] or "",
        known_as=kept["known_as"],
        date_of_birth=date.fromisoformat(born) if born else None,
        address=kept["address"],
        postcode=kept["postcode"] or "",
        telephone=kept["telephone"],
        language=kept["language"],
    )
