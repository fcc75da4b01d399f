"""Pages of schemes: the list, and one scheme."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from marketplace.schemes import queries
from marketplace.schemes.regime_rules import REGIME_NAMES, end_warning
from marketplace.schemes.rules import end_sentence, policy_sentences

bp = Blueprint("schemes", __name__, url_prefix="/schemes")


@bp.get("")
@allows("schemes:read")
def index() -> str:
    """The schemes the viewer may read."""
    today = clock.today()
    views = [
        (scheme, REGIME_NAMES[scheme.regime], end_warning(scheme.regime, today))
        for scheme in queries.schemes_for(current_viewer())
    ]
    return render_template("marketplace/schemes/index.html", views=views)


@bp.get("/<uuid:scheme_id>")
@allows("schemes:read")
def show(scheme_id: UUID) -> str:
    """One scheme: its policy in sentences, lots and prices, zones.

    Teams, coming and earlier policies and what has happened are for the scheme's own authority.
    """
    viewer, today = current_viewer(), clock.today()
    scheme = queries.scheme_for(viewer, scheme_id)
    own = scheme.authority_id == viewer.authority_id
    policies: list[dict[str, Any]] = [
        {
            "valid_from": policy.valid_from,
            "entered_by": policy.created_by_label,
            "sentences": policy_sentences(queries.terms_of(policy), internal=own),
        }
        for policy in queries.policies_of(scheme.id)
    ]
    begun = [policy for policy in policies if policy["valid_from"] <= today]
    return render_template(
        "marketplace/schemes/show.html",
        scheme=scheme,
        regime=REGIME_NAMES[scheme.regime],
        end=end_sentence(scheme.ends_on),
        warning=end_warning(scheme.regime, today) if viewer.is_commissioner else None,
        icb=queries.organisation_name(scheme.default_icb_id),
        own=own,
        policy=begun[0] if begun else None,
        coming=[policy for policy in policies if own and policy not in begun],
        earlier=begun[1:] if own else [],
        prices=queries.prices_shown(scheme, today),
        teams=queries.teams_of(scheme.authority_id) if own else [],
        entries=timeline(scheme.id, Audience.COUNCIL) if own else [],
    )
