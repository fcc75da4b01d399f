"""The page of a scheme's market, for the council alone."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template

from app.auth import allows, current_viewer
from marketplace.rounds.market import LATELY_DAYS, VIABLE_MINUTES, market_of
from marketplace.schemes.queries import managed_scheme

bp = Blueprint("market", __name__)


@bp.get("/schemes/<uuid:scheme_id>/market")
@allows("offers:watch")
def show(scheme_id: UUID) -> str:
    """How full the market is: members by lot and zone, shares, capacity, and who never answers."""
    scheme = managed_scheme(current_viewer(), scheme_id)
    return render_template(
        "marketplace/rounds/market.html",
        scheme=scheme,
        market=market_of(scheme),
        viable=VIABLE_MINUTES,
        days=LATELY_DAYS,
    )
