"""The home page: one merged work list, oldest and most urgent first; and search by reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from app.auth import current_viewer, signed_in
from app.house import House, WorkItem
from app.parties.viewer import Viewer

bp = Blueprint("pages", __name__)

SHOWN = 30
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PanelCount:
    """How much waits in one panel."""

    name: str
    count: int


@bp.get("/")
@signed_in
def home() -> str:
    """What waits for the viewer, and where to do it."""
    viewer = current_viewer()
    house = cast(House, current_app)
    panels = [panel for panel in house.panels if house.permissions.may(viewer.roles, panel.permission)]
    counts = [PanelCount(panel.name, panel.count(viewer)) for panel in panels]
    items = [
        item for panel, count in zip(panels, counts, strict=True) if count.count for item in panel.items(viewer, SHOWN)
    ]
    return render_template(
        "pages/home.html", counts=counts, items=merged(items), total=sum(count.count for count in counts)
    )


def merged(items: list[WorkItem]) -> list[WorkItem]:
    """One list by due time; what has no due time comes last, in the panels' order."""
    return sorted(items, key=lambda item: item.due or NEVER)[:SHOWN]


@bp.get("/search")
@signed_in
def search() -> str | Response:
    """Goes to the thing with this reference, if the viewer may see it."""
    text = request.args.get("q", "").strip()[:40]
    found = find(current_viewer(), text) if text else None
    return redirect(found) if found else render_template("pages/search.html", text=text)


def find(viewer: Viewer, text: str) -> str | None:
    """The address of what carries this reference; each area's finder knows its own."""
    house = cast(House, current_app)
    return next((url for finder in house.finders if (url := finder(viewer, text))), None)
