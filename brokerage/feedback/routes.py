"""Pages of feedback: a provider's own letters, and the same letters for the council."""

from uuid import UUID

from flask import Blueprint, render_template

from app.auth import allows, current_viewer
from brokerage.feedback import queries
from brokerage.feedback.letters import OUTCOME

bp = Blueprint("feedback", __name__)


@bp.get("/feedback")
@allows("feedback:own")
def show_own() -> str:
    """How the viewer's own answers came out."""
    page = queries.letters_page(current_viewer())
    return render_template("brokerage/feedback/list.html", page=page)


@bp.get("/feedback/all")
@allows("feedback:read")
def show_all() -> str:
    """Every letter of the authority."""
    page = queries.letters_page(current_viewer())
    return render_template("brokerage/feedback/list.html", page=page)


@bp.get("/feedback/<uuid:letter_id>")
@allows("feedback:letter")
def show(letter_id: UUID) -> str:
    """One letter: the provider's own points, and a band for the gap."""
    letter, reference, provider = queries.letter_for(current_viewer(), letter_id)
    heading = OUTCOME.write(letter.id, outcome=letter.outcome, reference=reference, figures=None).subject
    return render_template("brokerage/feedback/show.html", letter=letter, heading=heading, provider=provider)
