"""What higher slices show on a person's page: each adds a section when it registers. The reader may see the identity."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from markupsafe import Markup

from app.house import House
from app.parties.viewer import Viewer

KEY = "person_sections"

Section = Callable[[Viewer, UUID], Markup]


def offer_section(house: House, section: Section) -> None:
    """Adds a section to every person's page; it is empty where it has nothing for the reader."""
    house.extensions.setdefault(KEY, []).append(section)


def sections_for(house: House, viewer: Viewer, person_id: UUID) -> list[Markup]:
    """The sections that this viewer reads about this person."""
    return [section(viewer, person_id) for section in house.extensions.get(KEY, [])]
