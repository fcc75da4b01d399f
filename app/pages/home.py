"""The home page: one merged work list, oldest and most urgent first; and search by reference."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from app.auth import current_viewer, signed_in
from app.house import House

bp = Blueprint("pages", __name__)

SHOWN = 30
NEVER = datetime.max.replace(tzinfo=UTC)


@bp.get("/")
@signed_in
def home() -> str:
    """What waits for the viewer, and where to do it."""
    viewer = current_viewer()
    house = cast(House, current_app)
    panels = [panel for panel in house.panels if house.permissions.may(viewer.roles, panel.permission)]
    counts = [panel.count(viewer) for panel in panels]
    waiting = list(zip(panels, counts, strict=True))
    items = [item for panel, count in waiting if count for item in panel.items(viewer, SHOWN)]
    # What has no due time comes last, in the panels' order.
    first = sorted(items, key=lambda item: item.due or NEVER)[:SHOWN]
    return render_template("pages/home.html", counts=waiting, items=first, total=sum(counts))


@bp.get("/search")
@signed_in
def search() -> str | Response:
    """Goes to the thing with this reference, if the viewer may see it."""
    text = request.args.get("q", "").strip()[:40]
    finders, viewer = cast(House, current_app).finders if text else [], current_viewer()
    found = next((url for finder in finders if (url := finder(viewer, text))), None)
    return redirect(found) if found else render_template("pages/search.html", text=text)
