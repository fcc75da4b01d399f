"""Pages of break-glass: the reason that opens an identity for an hour, and the auditors' list of what was opened."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import InputRequired, Length

from app.auth import allows, current_viewer
from app.database import db
from app.errors import Invalid, Refusal
from app.http.transaction import keep_though_refused
from app.ui.fields import CountedTextField, TextField, looks
from app.ui.forms import HomewardForm
from marketplace.people import glass, glass_services

bp = Blueprint("glass", __name__, url_prefix="/people")

NOBODY = "Nobody within your reach has this reference or NHS number. Check it."


class ReasonForm(HomewardForm):
    """Why an identity must be opened."""

    reason = CountedTextField(
        "Why you must know who this is now",
        description="The auditors read it. Do not name the person.",
        validators=[InputRequired("Say why you must know who this is now."), Length(max=1000)],
    )


class WhoseForm(HomewardForm):
    """Whose identity, and why."""

    person = TextField(
        "Reference or NHS number",
        description="Such as PER-7K3M9, or ten figures.",
        validators=[InputRequired("Enter the reference or the NHS number."), Length(max=20)],
        render_kw=looks(width=20, autocomplete="off"),
    )
    reason = CountedTextField(
        "Why you must know who this is now",
        description="The auditors read it. Do not name the person.",
        validators=[InputRequired("Say why you must know who this is now."), Length(max=1000)],
    )


@bp.get("/open")
@allows("people:break-glass")
def ask() -> str:
    """Whose identity, and why."""
    return _page(WhoseForm())


@bp.post("/open")
@allows("people:break-glass")
def open_called() -> AnyResponse:
    """Opens the identity of whoever has the reference or the NHS number."""
    viewer, form = current_viewer(), WhoseForm()
    if not form.validate_on_submit():
        form.renew()
        return Response(_page(form), status=422)
    try:
        opened = glass_services.open_called(viewer, form.person.data or "", form.reason.data or "")
    except Refusal as refusal:
        return _refused(form, refusal)
    if opened is None:
        keep_though_refused()  # that somebody looked stays
        form.take(Invalid({"person": NOBODY}))
        return Response(_page(form), status=422)
    return redirect(url_for("people.show", person_id=opened.person_id))


@bp.get("/<uuid:person_id>/open")
@allows("people:break-glass")
def ask_about(person_id: UUID) -> str:
    """Why the identity of this one must be opened; nothing of it is shown yet."""
    person = glass.person_to_open(current_viewer(), person_id)
    return _page(ReasonForm(), person.reference)


@bp.post("/<uuid:person_id>/open")
@allows("people:break-glass")
def open_one(person_id: UUID) -> AnyResponse:
    """Opens it."""
    person, form = glass.person_to_open(current_viewer(), person_id), ReasonForm()
    if not form.validate_on_submit():
        form.renew()
        return Response(_page(form, person.reference), status=422)
    return _opened(form, person.id, form.reason.data or "", person.reference)


@bp.get("/opened")
@allows("people:opened")
def opened() -> str:
    """For auditors: what was opened, by whom, why, and how often it was read."""
    return render_template("marketplace/people/opened.html", page=glass.opened_page(current_viewer()))


def _opened(form: HomewardForm, person_id: UUID, reason: str, caption: str) -> AnyResponse:
    viewer = current_viewer()
    try:
        glass_services.open_identity(viewer, glass.person_to_open(viewer, person_id), reason)
    except Refusal as refusal:
        return _refused(form, refusal, caption)
    return redirect(url_for("people.show", person_id=person_id))


def _refused(form: HomewardForm, refusal: Refusal, caption: str = "") -> AnyResponse:
    db.session.rollback()
    form.take(refusal)
    return Response(_page(form, caption), status=refusal.status)


def _page(form: HomewardForm, caption: str = "") -> str:
    return render_template("marketplace/people/glass.html", form=form, caption=caption)
