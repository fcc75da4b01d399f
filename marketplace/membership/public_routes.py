"""The public list of a scheme's members, as a page and as a CSV that a spreadsheet cannot be tricked with."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from flask import Blueprint, Response, render_template

from app.auth import anyone
from app.files.writing import csv_bytes
from marketplace.membership.models import Membership
from marketplace.membership.queries import public_members, public_scheme

bp = Blueprint("members", __name__)

COLUMNS = ("provider", "cqc_location_id", "cqc_rating", "lot", "member_since")


@bp.get("/schemes/<uuid:scheme_id>/members")
@anyone
def show(scheme_id: UUID) -> str:
    """Who the members of a scheme are, with their lots and rating."""
    scheme = public_scheme(scheme_id)
    memberships = public_members(scheme_id)
    members = [(of_one[0], of_one) for of_one in _by_provider(memberships)]
    return render_template("marketplace/membership/members.html", scheme=scheme, members=members)


@bp.get("/schemes/<uuid:scheme_id>/members.csv")
@anyone
def as_csv(scheme_id: UUID) -> Response:
    """The same as a file."""
    public_scheme(scheme_id)
    content = csv_bytes(COLUMNS, [_cells(one) for one in public_members(scheme_id)])
    headers = {"Content-Disposition": "attachment; filename=members.csv"}
    return Response(content, headers=headers, content_type="text/csv; charset=utf-8")


def _cells(one: Membership) -> list[str]:
    provider = one.provider
    return [provider.name, provider.cqc_location_id, provider.cqc_rating.value, one.lot.name, one.since.isoformat()]


def _by_provider(memberships: list[Membership]) -> list[list[Membership]]:
    return [list(of_one) for _, of_one in groupby(memberships, key=lambda one: one.provider_id)]
