"""The work list of contract managers: schemes whose regime nears its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from flask import url_for

from app import clock
from app.house import Panel, WorkItem
from app.parties.viewer import Viewer
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import schemes_of
from marketplace.schemes.regime_rules import LAST_AWARD_DAY, end_warning


def panel() -> Panel:
    """Schemes to plan beyond their end."""
    return Panel("Schemes that near their end", "schemes:manage", count, items)


def count(viewer: Viewer) -> int:
    """How many of the authority's schemes carry a warning."""
    return len(_warned(viewer))


def items(viewer: Viewer, limit: int) -> Sequence[WorkItem]:
    """Each with its warning."""
    due = datetime.combine(LAST_AWARD_DAY, time(23, 59), clock.LONDON).astimezone(UTC)
    return [
        WorkItem(f"Plan what follows {scheme.name}", warning, due, url_for("schemes.show", scheme_id=scheme.id), "Read")
        for scheme, warning in _warned(viewer)[:limit]
    ]


def _warned(viewer: Viewer) -> list[tuple[Scheme, str]]:
    today = clock.today()
    found = [(scheme, end_warning(scheme.regime, today)) for scheme in schemes_of(viewer.authority_id)]
    return [(scheme, warning) for scheme, warning in found if warning]
