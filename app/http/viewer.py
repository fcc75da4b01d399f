"""Who is signed in now: from the session cookie on pages, from a bearer token in the API."""

from __future__ import annotations

from flask import g
from flask_login import current_user

from app.errors import NotSignedIn
from app.parties.viewer import Viewer

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""What asks and changes nothing."""


def viewer_or_none() -> Viewer | None:
    """The viewer of this request, or None when nobody is signed in."""
    if "viewer" not in g:
        g.viewer = None  # if the database fails here, the page that says so must not ask it again
        g.viewer = getattr(current_user, "viewer", None)
    viewer: Viewer | None = g.viewer
    return viewer


def current_viewer() -> Viewer:
    """The viewer of this request; raises NotSignedIn."""
    viewer = viewer_or_none()
    if viewer is None:
        raise NotSignedIn("Sign in to see this page.")
    return viewer
