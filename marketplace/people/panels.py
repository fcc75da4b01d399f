"""What people add to work lists: what was told of somebody known by others who could not know them."""

from __future__ import annotations

from flask import url_for

from app.house import WorkItem, panel_of
from marketplace.people.matching import to_compare
from marketplace.people.models import Person


def _comparison(told: Person) -> WorkItem:
    return WorkItem(
        sentence=f"Compare {told.reference} with a record that you hold",
        why="Somebody who may not read your record asked for care under the same NHS number; it waits for your answer.",
        due=told.created_at,
        url=url_for("people_steps.compare_records", person_id=told.id),
        action="Compare",
    )


TO_COMPARE = panel_of("People who may be known already", "people:write", to_compare, _comparison)
