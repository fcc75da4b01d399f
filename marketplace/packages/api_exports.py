"""The exports of packages over the API: the same rows, permissions and record as on the pages."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import Field

from app.api.exporting import EXPORT, ExportAsked, exported
from app.api.shell import api_blueprint
from app.auth import allows, current_viewer
from app.auth.fresh import password_again
from marketplace.packages.exporting import packages_table, whole_table
from marketplace.packages.listing import Wanted, rows_to_export
from marketplace.packages.rules import PackageStatus, Source, Urgency

bp = api_blueprint("package_exports", __name__, "Packages")


class PackagesAsked(ExportAsked):
    """Which packages leave, filtered as the list is."""

    status: PackageStatus | None = None
    source: Source | None = None
    urgency: Urgency | None = None
    scheme_id: UUID | None = None
    lot_id: UUID | None = None
    zone_id: UUID | None = None
    reference: Annotated[str, Field(max_length=40)] = ""

    @property
    def wanted(self) -> Wanted:
        """The same as the list takes it."""
        of_lot = (self.scheme_id, self.lot_id, self.zone_id)
        return Wanted(self.status, self.source, self.urgency, *of_lot, self.reference.strip())


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
