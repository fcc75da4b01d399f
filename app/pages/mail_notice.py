"""The notice that mail is down, on every page of those who can do something about it."""

from __future__ import annotations

import time

from flask import current_app

from app.auth.permissions import PermissionTable
from app.database import db
from app.http.viewer import viewer_or_none
from app.messages.queries import Waiting, waiting

KEPT_SECONDS = 30
"""One process asks once in so long; in tests at each page, so that every page asks the same number of questions."""


def mail_notice() -> Waiting | None:
    """What waits, where that must be said to this viewer; None for all others, and nearly always."""
    viewer = viewer_or_none()
    table: PermissionTable = current_app.extensions["permissions"]
    if viewer is None or not table.may(viewer.roles, "mail:watch"):
        return None
    known = _known()
    return known if known.is_long or (known.held and table.may(viewer.roles, "mail:release")) else None


def _known() -> Waiting:
    kept: tuple[float, Waiting] | None = current_app.extensions.get("mail_waiting")
    if kept is None or current_app.testing or time.monotonic() - kept[0] > KEPT_SECONDS:
        with db.session.no_autoflush:
            kept = time.monotonic(), waiting()
        current_app.extensions["mail_waiting"] = kept
    return kept[1]
