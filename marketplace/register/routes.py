"""Pages of the register for the council: a search, and one provider with everything that is known of it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request

from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from marketplace.applications.rules import in_order
from marketplace.membership.queries import locations_in_schemes
from marketplace.providers.queries import contact_lines, provider_for, providers_listed, ratings_of

bp = Blueprint("register", __name__)


@bp.get("/providers")
@allows("providers:read")
def index() -> str:
    """The register, with a search."""
    text = request.args.get("q", "").strip()[:80]
    page = providers_listed(current_viewer(), text)
    return render_template("marketplace/providers/index.html", page=page, text=text)


@bp.get("/providers/<uuid:provider_id>")
@allows("providers:read")
def show(provider_id: UUID) -> str:
    """One provider: ratings over time, carers, contacts, and what it is in each scheme."""
    viewer = current_viewer()
    provider = provider_for(viewer, provider_id)
    return render_template(
        "marketplace/providers/show.html",
        provider=provider,
        ratings=ratings_of(provider.id),
        contacts=contact_lines(provider),
        places=locations_in_schemes(viewer, [provider]),
        in_order=in_order,
        entries=timeline(provider.id, Audience.COUNCIL),
    )
