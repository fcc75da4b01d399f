"""Entering and changing a package, and each step that somebody takes with it, one page for each."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.database import db
from app.errors import Refusal
from app.web.drawing import visit_grid
from app.web.fields import choice
from app.web.forms import HomewardForm
from marketplace.packages import services
from marketplace.packages.choices import scheme_of_lot, typed_back, with_choices
from marketplace.packages.creating import create_package, ready_if_complete
from marketplace.packages.editing import edit_package, need_of
from marketplace.packages.forms import ConfirmForm, NeedForm, NewPackageForm, ReasonForm, WordForm
from marketplace.packages.models import Package
from marketplace.packages.routes import bp
from marketplace.packages.sheets import led_package
from marketplace.packages.texts import clear_word, verdict_on

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
    db.session.commit()
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
    db.session.commit()
    flash("The package has been changed.", "success")
    return redirect(url_for("packages.show", package_id=package_id))


@bp.post("/<uuid:package_id>/ready")
@allows("packages:write")
def ready(package_id: UUID) -> AnyResponse:
    """Calls a complete draft ready."""
    package = led_package(current_viewer(), package_id)
    services.mark_ready(package, by=current_viewer().actor)
    db.session.commit()
    return redirect(url_for("packages.show", package_id=package_id))


@bp.post("/<uuid:package_id>/release")
@allows("packages:withdraw")
def release(package_id: UUID) -> AnyResponse:
    """Takes a package off hold."""
    services.release(led_package(current_viewer(), package_id), by=current_viewer().actor)
    db.session.commit()
    return redirect(url_for("packages.show", package_id=package_id))


@bp.route("/<uuid:package_id>/confirm", methods=["GET", "POST"])
@allows("needs:confirm")
def confirm(package_id: UUID) -> AnyResponse:
    """Still needed?"""
    package, form, by = led_package(current_viewer(), package_id), ConfirmForm(), current_viewer().actor

    def act() -> None:
        needed = form.needed.data == "yes"
        services.confirm_need(package, needed=needed, with_whom=form.with_whom.data or "", by=by)

    return _step(form, package, "Still needed?", "Record the answer", act)


@bp.route("/<uuid:package_id>/withdraw", methods=["GET", "POST"])
@allows("packages:withdraw")
def withdraw(package_id: UUID) -> AnyResponse:
    """The care is no longer asked for."""
    package, form, by = led_package(current_viewer(), package_id), ReasonForm(), current_viewer().actor

    def act() -> None:
        services.withdraw(package, by=by, because=form.because.data or "")

    return _step(form, package, "Withdraw the package", "Withdraw", act)


@bp.route("/<uuid:package_id>/hold", methods=["GET", "POST"])
@allows("packages:withdraw")
def hold(package_id: UUID) -> AnyResponse:
    """Nothing happens until somebody takes it off hold."""
    package, form, by = led_package(current_viewer(), package_id), ReasonForm(), current_viewer().actor

    def act() -> None:
        services.hold(package, by=by, because=form.because.data or "")

    return _step(form, package, "Put on hold", "Put on hold", act)


@bp.route("/<uuid:package_id>/words", methods=["GET", "POST"])
@allows("packages:write")
def words(package_id: UUID) -> AnyResponse:
    """Says that a word in a text is not the person's name; the last answer makes a complete draft ready."""
    package, form, by = led_package(current_viewer(), package_id), WordForm(), current_viewer().actor
    asked = dict.fromkeys(question.word for question in verdict_on(package).questions)
    form.word.choices = [choice(word, word) for word in asked]

    def act() -> None:
        clear_word(package, form.word.data, form.reason.data or "", by=by)
        ready_if_complete(package, by=by)

    return _step(form, package, "Words that may be the person’s name", "It is not the name", act)


def _step(form: HomewardForm, package: Package, heading: str, button: str, act: Callable[[], None]) -> AnyResponse:
    """One step: its form, and when it was sent the step itself; a refusal keeps what was typed."""
    status = 200 if request.method == "GET" else 422
    reference, package_id = package.reference, package.id
    if form.validate_on_submit():
        try:
            act()
            db.session.commit()
            return redirect(url_for("packages.show", package_id=package_id))
        except Refusal as refusal:
            db.session.rollback()
            form.take(refusal)
            status = refusal.status
    back = url_for("packages.show", package_id=package_id)
    page = render_template(
        "marketplace/packages/step.html", form=form, heading=heading, button=button, back=back, reference=reference
    )
    return Response(page, status=status)


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
