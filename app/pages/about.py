"""What a public body must say about its pages: the accessibility statement. Open to everybody."""

from __future__ import annotations

from flask import Blueprint, render_template

from app.auth import anyone

bp = Blueprint("about", __name__)


@bp.get("/accessibility")
@anyone
def accessibility() -> str:
    """How accessible Homeward is, what was tried, what is known to fall short, and whom to tell."""
    return render_template("pages/accessibility.html")
