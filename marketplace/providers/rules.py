"""How branches that share a name are told apart, by whoever reads and by whoever writes a name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple, TypeVar
from uuid import UUID

from app.imports.columns import Ambiguous
from app.values.spelling import as_read

MOST_NAME = 200
Key = TypeVar("Key")


class Branch(NamedTuple):
    """What tells a location from others: the name it is registered with, where it works from, its id with the CQC."""

    registered_name: str
    base_postcode: str
    cqc_location_id: str

    @property
    def forms(self) -> tuple[str, ...]:
        """What it may be called, the shortest first; the last one is nobody else's."""
        return self.registered_name, *(
            f"{self.registered_name[: MOST_NAME - len(own) - 2]}, {own}"
            for own in (self.base_postcode.split(" ")[0], self.cqc_location_id)
        )


def names_apart(branches: Iterable[tuple[Key, Branch]]) -> dict[Key, str]:
    """What each is called beside the others: of its forms the first that no other has, as they are read."""
    forms = {key: branch.forms for key, branch in branches}
    times = Counter(as_read(form) for own in forms.values() for form in own)
    return {key: next((form for form in own if times[as_read(form)] == 1), own[-1]) for key, own in forms.items()}


def called(providers: Iterable[tuple[UUID, str, str]]) -> dict[str, UUID | Ambiguous]:
    """Who is meant by a name: the one that is shown with it, else the only one that is registered with it.

    Each is given by its id, the name shown and the name registered.
    """
    known = list(providers)
    registered: defaultdict[str, list[tuple[UUID, str]]] = defaultdict(list)
    for provider_id, name, registered_name in known:
        registered[as_read(registered_name)].append((provider_id, name))
    meant: dict[str, UUID | Ambiguous] = {
        name: own[0][0] if len(own) == 1 else Ambiguous(tuple(sorted(shown for _, shown in own)))
        for name, own in registered.items()
    }
    return meant | {as_read(name): provider_id for provider_id, name, _ in known}
