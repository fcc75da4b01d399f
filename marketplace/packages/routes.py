"""Pages of packages: the list, one package, the unsourced list, export. What is done with packages: `steps`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app import clock
from app.auth import allows, current_viewer
from app.auth.fresh_routes import password_again
from app.exports import ExportTable, file_answer
from app.house import House
from app.http.paging import paged
from app.ui.drawing import visit_grid
from marketplace.packages import listing
from marketplace.packages.forms import NewStartForm, filter_form
from marketplace.packages.models import Package
from marketplace.packages.queries import reads_reasons, sheet_for, visits_of
from marketplace.packages.steps import drafts_page

bp = Blueprint("packages", __name__, url_prefix="/packages")


@bp.get("")
@allows("packages:read")
def index() -> str:
    """The packages the viewer may see, filtered and paged."""
    viewer = current_viewer()
    page = listing.packages_listed(viewer, listing.filter_from(request.args))
    form = filter_form(viewer, request.args)
    narrowed = {name: value for name, value in request.args.items() if name in form and value}
    return render_template("marketplace/packages/index.html", page=page, form=form, narrowed=narrowed)


@bp.get("/unsourced")
@allows("packages:read")
def unsourced() -> str:
    """Packages that no provider has taken, with their age and, for those who may read it, why."""
    viewer, now = current_viewer(), clock.now()
    page = paged(listing.unsourced(viewer))
    days = {package.id: (now - package.status_since).days for package in page.rows}
    reasons = {package.id: package.status_reason for package in page.rows if reads_reasons(viewer, package)}
    notes = cast(House, current_app).notes_about(viewer, "package", [package.id for package in page.rows])
    shown = {"page": page, "days": days, "reasons": reasons, "notes": notes}
    return render_template("marketplace/packages/unsourced.html", **shown)


@bp.get("/to-look-at")
@allows("packages:write")
def to_look_at() -> str:
    """The drafts of the viewer's authority, of one scheme or all, each with what it lacks; and what mends many at once."""
    return drafts_page(current_viewer(), NewStartForm(formdata=None))


@bp.get("/<uuid:package_id>")
@allows("packages:read")
def show(package_id: UUID) -> str:
    """One package: its state, its week, what is needed, who pays, and what has happened."""
    sheet = sheet_for(current_viewer(), package_id)
    grid = visit_grid(visits_of(sheet.package))
    about = current_viewer(), "package", package_id
    house = cast(House, current_app)
    shown = {"links": house.links_about(*about), "sections": house.sections_about(*about)}
    shown["nobody"] = house.notes_about(current_viewer(), "package need", [package_id]).get(package_id)
    return render_template("marketplace/packages/show.html", sheet=sheet, package=sheet.package, grid=grid, **shown)


@bp.post("/export")
@allows("packages:export")
@password_again
def export() -> ResponseReturnValue:
    """The list as a file without identity; recorded, because it leaves the house."""
    return _file(listing.packages_table, "packages:exported")


@bp.post("/export-with-people")
@allows("packages:export-people")
@password_again
def export_with_people() -> ResponseReturnValue:
    """The list in the columns of the import, with names and addresses: every person in it is noted as looked at."""
    return _file(listing.whole_table, "packages:exported_with_people")


def _file(table_of: Callable[[Iterable[Package]], ExportTable], tag: str) -> Response:
    """The packages that the list shows, as the file that was asked for; recorded under `tag`."""
    viewer, asked = current_viewer(), listing.filter_from(request.form)
    return file_answer(lambda: table_of(listing.rows_to_export(viewer, asked)), tag)
