"""The audit trail over the API, as the pages export it: the authority's own for auditors, a provider's own for its administrators."""

from __future__ import annotations

from flask import Response

from app.api.exporting import EXPORT, ExportAsked, exported
from app.api.shell import api_blueprint
from app.auth import allows, current_viewer
from app.auth.fresh import password_again
from app.pages.audit_exports import EXPORTED, table_of_authority, table_of_provider

bp = api_blueprint("audit", __name__, "Audit")


@bp.post("/audit/export")
@allows("audit:read")
@password_again
@bp.input(ExportAsked)
@bp.doc(**EXPORT)
def of_authority(json_data: ExportAsked) -> Response:
    """Every entry of the authority, the oldest first, without reasons."""
    viewer = current_viewer()
    return exported(table_of_authority(viewer), EXPORTED, viewer.organisation_id, json_data.format)


@bp.post("/audit/own/export")
@allows("audit:own")
@password_again
@bp.input(ExportAsked)
@bp.doc(**EXPORT)
def of_provider(json_data: ExportAsked) -> Response:
    """What the provider's own people did, the oldest first, with the facts that a provider may see."""
    viewer = current_viewer()
    return exported(table_of_provider(viewer), EXPORTED, viewer.organisation_id, json_data.format)
