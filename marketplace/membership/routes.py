"""Pages of members: for a council, for the provider itself, and the list that anybody may read."""

from itertools import groupby
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, anyone, current_viewer
from app.files.writing import csv_bytes
from app.http.paging import paged
from marketplace.applications.routes import DOCUMENT_WORDS
from marketplace.membership import queries
from marketplace.membership.models import Membership, Removal, RemovalStage
from marketplace.providers.known import known_in, known_to
from marketplace.providers.queries import contact_lines, own_providers
from marketplace.schemes.queries import schemes_of
from marketplace.vocabulary import Rating

bp = Blueprint("memberships", __name__)
removals_bp = Blueprint("removals", __name__)
own_bp = Blueprint("our_memberships", __name__)
public_bp = Blueprint("members", __name__)

COLUMNS = ("provider", "cqc_location_id", "cqc_rating", "lot", "member_since")


@bp.get("/memberships")
@allows("memberships:read")
def index() -> str:
    """Members by lot, with a search; ended memberships on request."""
    viewer = current_viewer()
    schemes = schemes_of(viewer.authority_id)
    lots = {str(lot.id): lot for scheme in schemes for lot in scheme.lots}
    lot = lots.get(request.args.get("lot", ""))
    text, ended = request.args.get("q", "").strip()[:80], request.args.get("ended") == "yes"
    page = paged(queries.memberships_list(viewer, text, lot.id if lot else None, ended=ended))
    known = known_to(viewer.authority_id, [membership.provider for membership in page.rows])
    return render_template(
        "marketplace/membership/memberships.html",
        page=page,
        known=known,
        schemes=schemes,
        lot=lot,
        text=text,
        ended=ended,
    )


@bp.get("/memberships/<uuid:membership_id>")
@allows("memberships:read")
def show(membership_id: UUID) -> str:
    """One membership: areas, capacity, suspensions, removals, and what has happened."""
    viewer = current_viewer()
    membership = queries.membership_for(viewer, membership_id)
    locations = queries.locations_in_schemes(viewer, [membership.provider])
    return render_template(
        "marketplace/membership/membership.html",
        membership=membership,
        known=known_to(membership.authority_id, [membership.provider])[membership.provider_id],
        place=next(location for location in locations if location.scheme.id == membership.scheme_id),
        overrides=queries.overrides_of(membership),
        today=clock.today(),
        documents=queries.documents_of(membership),
        **DOCUMENT_WORDS,
        removals=queries.removals_of(membership),
        entries=timeline(membership.id, Audience.COUNCIL),
    )


@bp.get("/suspensions/<uuid:suspension_id>")
@allows("memberships:read")
def suspension(suspension_id: UUID) -> str:
    """One suspension: scope, reason, dates, and what has happened."""
    shown = queries.suspension_for(current_viewer(), suspension_id)
    over = shown.lifted_at is not None or shown.ends_on < clock.today()
    return render_template(
        "marketplace/membership/suspension.html",
        suspension=shown,
        known=known_to(shown.authority_id, [shown.provider])[shown.provider_id],
        over=over,
        entries=timeline(shown.id, Audience.COUNCIL),
    )


@removals_bp.get("/removals/<uuid:removal_id>", endpoint="show")
@allows("memberships:read")
def show_removal(removal_id: UUID) -> str:
    """One removal: reasons, answer, decision."""
    return _removal_page(queries.removal_for(current_viewer(), removal_id), Audience.COUNCIL)


@removals_bp.get("/our-removals/<uuid:removal_id>", endpoint="show_own")
@allows("memberships:own")
def show_own_removal(removal_id: UUID) -> str:
    """What the provider is told, and where it answers."""
    return _removal_page(queries.removal_for(current_viewer(), removal_id), Audience.PROVIDER)


def _removal_page(removal: Removal, audience: Audience) -> str:
    is_open = removal.stage is RemovalStage.TOLD
    return render_template(
        "marketplace/membership/removal.html",
        removal=removal,
        membership=removal.membership,
        is_open=is_open,
        proposed_by_viewer=removal.proposed_by == current_viewer().user_id,
        can_answer=is_open and clock.today() <= removal.answer_until,
        entries=timeline(removal.id, audience),
    )


@own_bp.get("/our-memberships", endpoint="index")
@allows("memberships:own")
def show_own() -> str:
    """Everything the viewer's organisation is and has in every scheme."""
    viewer = current_viewer()
    providers = own_providers(viewer)
    places = queries.locations_in_schemes(viewer, providers)
    return render_template(
        "marketplace/membership/our_memberships.html",
        providers=[(provider, contact_lines(viewer, provider)) for provider in providers],
        places=places,
        known=known_in([(place.scheme.authority_id, place.provider) for place in places]),
    )


@public_bp.get("/schemes/<uuid:scheme_id>/members", endpoint="show")
@anyone
def show_public(scheme_id: UUID) -> str:
    """Who the members of a scheme are, with their lots and rating."""
    scheme = queries.public_scheme(scheme_id)
    memberships = queries.public_members(scheme_id)
    by_provider = groupby(memberships, key=lambda membership: membership.provider_id)
    return render_template(
        "marketplace/membership/members.html",
        scheme=scheme,
        members=[(lots[0], lots) for lots in (list(of_provider) for _, of_provider in by_provider)],
        known=known_to(scheme.authority_id, [membership.provider for membership in memberships]),
    )


@public_bp.get("/schemes/<uuid:scheme_id>/members.csv")
@anyone
def as_csv(scheme_id: UUID) -> Response:
    """The same as a file."""
    scheme, memberships = queries.public_scheme(scheme_id), queries.public_members(scheme_id)
    known = known_to(scheme.authority_id, [membership.provider for membership in memberships])
    content = csv_bytes(COLUMNS, [_cells(one, known[one.provider_id].rating) for one in memberships])
    headers = {"Content-Disposition": "attachment; filename=members.csv"}
    return Response(content, headers=headers, content_type="text/csv; charset=utf-8")


def _cells(membership: Membership, rating: Rating) -> list[str]:
    provider, lot, since = membership.provider, membership.lot.name, membership.since.isoformat()
    return [provider.name, provider.cqc_location_id, rating.value, lot, since]
