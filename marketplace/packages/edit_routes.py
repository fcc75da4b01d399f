"""Entering a package and changing what it asks for; the week is drawn beside the form."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from app.ui.drawing import visit_grid
from marketplace.packages.choices import scheme_of_lot, typed_back, with_choices
from marketplace.packages.creating import create_package
from marketplace.packages.editing import edit_package, need_of
from marketplace.packages.forms import NeedForm, NewPackageForm
from marketplace.packages.models import Package
from marketplace.packages.sheets import led_package

bp = Blueprint("package_needs", __name__, url_prefix="/packages")

PERSON_FIELDS = ("person_name", "date_of_birth", "nhs_number", "address", "telephone", "council_reference")


@bp.get("/new")
@allows("packages:write")
def new() -> str:
    """Asks for a new package."""
    form = NewPackageForm()
    with_choices(form, current_viewer())
    return _need_page(form)


@bp.post("/new")
@allows("packages:write")
def create() -> AnyResponse:
    """Enters the package, or only draws its week when that was asked."""
    form, viewer = NewPackageForm(), current_viewer()
    schemes = with_choices(form, viewer)
    if "preview" in request.form:
        return _previewed(form)
    if not form.validate_on_submit():
        return Response(_need_page(form), status=422)
    try:
        scheme = scheme_of_lot(schemes, form.lot.data)
        own = form.council_reference.data
        package = create_package(scheme, form.person(), form.need(), by=viewer.actor, council_reference=own)
    except Refusal as refusal:
        return _refused(form, refusal)
    flash("The package has been entered.", "success")
    return redirect(url_for("packages.show", package_id=package.id))


@bp.get("/<uuid:package_id>/edit")
@allows("packages:write")
def edit(package_id: UUID) -> str:
    """What is asked for, to be changed."""
    package = led_package(current_viewer(), package_id)
    form = NeedForm(formdata=None, data=typed_back(need_of(package), package.version))
    with_choices(form, current_viewer())
    return _need_page(form, package)


@bp.post("/<uuid:package_id>/edit")
@allows("packages:write")
def change(package_id: UUID) -> AnyResponse:
    """Changes the need, unless somebody else did meanwhile."""
    viewer = current_viewer()
    package = led_package(viewer, package_id)
    form = NeedForm()
    with_choices(form, viewer)
    if "preview" in request.form:
        return _previewed(form, package)
    if not form.validate_on_submit():
        return Response(_need_page(form, package), status=422)
    try:
        need = form.need(need_of(package))
        edit_package(package, need, expected_version=_version(form), by=viewer.actor)
    except Refusal as refusal:
        return _refused(form, refusal, package)
    flash("The package has been changed.", "success")
    return redirect(url_for("packages.show", package_id=package_id))


def _refused(form: NeedForm, refusal: Refusal, package: Package | None = None) -> AnyResponse:
    db.session.rollback()
    form.take(refusal)
    if package is not None:
        # What is shown and sent again is compared with the package as it stands now.
        form.version.data = str(package.version)
    return Response(_need_page(form, package), status=refusal.status)


def _previewed(form: NeedForm, package: Package | None = None) -> AnyResponse:
    form.renew()
    return Response(_need_page(form, package), status=200)


def _version(form: NeedForm) -> int:
    text = form.version.data or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _need_page(form: NeedForm, package: Package | None = None) -> str:
    visits = form.preview() if form.visits.data else ()
    return render_template(
        "marketplace/packages/form.html",
        form=form,
        package=package,
        person_fields=[form[name] for name in PERSON_FIELDS if name in form],
        need_fields=[field for field in form if field.name not in {*PERSON_FIELDS, "csrf_token", "idempotency_key"}],
        grid=visit_grid(visits) if visits else None,
    )
