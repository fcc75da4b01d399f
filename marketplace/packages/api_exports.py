"""The exports of packages over the API: the same rows, permissions and record as on the pages."""

from __future__ import annotations

from flask import Response

from app.api.shell import EXPORT, ExportAsked, api_blueprint, exported
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from marketplace.packages.api import PackageFilter
from marketplace.packages.exporting import packages_table, whole_table
from marketplace.packages.listing import rows_to_export

bp = api_blueprint("package_exports", __name__, "Packages")


class PackagesAsked(PackageFilter, ExportAsked):
    """Which packages leave, and in which format."""


@bp.post("/packages/export")
@allows("packages:export")
@password_again
@bp.input(PackagesAsked)
@bp.doc(**EXPORT)
def export(json_data: PackagesAsked) -> Response:
    """The packages of the authority without identity."""
    viewer = current_viewer()
    table = packages_table(rows_to_export(viewer, json_data.wanted))
    return exported(table, "packages:exported", viewer.authority_id, json_data.format)


@bp.post("/packages/export-with-people")
@allows("packages:export-people")
@password_again
@bp.input(PackagesAsked)
@bp.doc(**EXPORT)
def export_with_people(json_data: PackagesAsked) -> Response:
    """The same in the columns of the import, with names and addresses: every person is noted as looked at."""
    viewer = current_viewer()
    table = whole_table(rows_to_export(viewer, json_data.wanted))
    return exported(table, "packages:exported_with_people", viewer.authority_id, json_data.format)
