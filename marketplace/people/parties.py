"""Who shares in a person's care from another organisation: asked of the slices above.

A health assessor sees a person's identity only where their organisation is a party to the person's care. Parties belong
to packages, which stand above people, so the composition root connects the one function that knows:
`health_party.connect(f)`, where `f(viewer, person_id)` says whether the viewer's organisation is, on this day, a party
to a package of the person and has a task in it. Until something is connected, nobody is.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from app.parties.viewer import Viewer

PartyQuestion = Callable[[Viewer, UUID], bool]


def nobody(_viewer: Viewer, _person_id: UUID) -> bool:
    """The answer while nothing is connected."""
    return False


class PartyCheck:
    """A question that is answered by whatever the composition root has connected."""

    def __init__(self) -> None:
        self._ask: PartyQuestion = nobody

    def connect(self, ask: PartyQuestion) -> None:
        """Replaces the function. Only the composition root (and a test) calls this."""
        self._ask = ask

    def __call__(self, viewer: Viewer, person_id: UUID) -> bool:
        return self._ask(viewer, person_id)


health_party = PartyCheck()
