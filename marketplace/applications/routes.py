"""Pages of applications for the contract manager, who checks and decides."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.errors import NotFoundForViewer
from app.http.paging import paged
from app.ui.forms import HomewardForm
from marketplace.applications import queries, services
from marketplace.applications.answering import answered, form_page
from marketplace.applications.forms import CheckForm, DecisionForm, ReasonForm, WhatForm
from marketplace.applications.models import Application
from marketplace.applications.pages import WORDS, application_page
from marketplace.applications.rules import CHECK_NAMES, ApplicationState, CheckKind, CheckOutcome

bp = Blueprint("applications", __name__)


@bp.get("/applications")
@allows("applications:read")
def index() -> str:
    """Applications to decide, the first due first; or those in one state."""
    typed = request.args.get("state", "")
    state = ApplicationState(typed) if typed in set(ApplicationState) else None
    page = paged(queries.applications_list(current_viewer(), state))
    return render_template(
        "marketplace/applications/applications.html", page=page, state=state, states=list(ApplicationState), **WORDS
    )


@bp.get("/applications/<uuid:application_id>")
@allows("applications:read")
def show(application_id: UUID) -> str:
    """One application: what is asked, the gate, the checks, and what can be done."""
    return application_page(queries.application_for(current_viewer(), application_id), Audience.COUNCIL)


@bp.get("/applications/<uuid:application_id>/checks")
@allows("applications:decide")
def check(application_id: UUID) -> str:
    """The form of one check, `?kind=`."""
    application = queries.application_for(current_viewer(), application_id)
    known = next((one for one in application.checks if one.kind == _kind()), None)
    return _check_page(application, _kind(), CheckForm(obj=known))


@bp.post("/applications/<uuid:application_id>/checks")
@allows("applications:decide")
def record_check(application_id: UUID) -> AnyResponse:
    """Notes what a check showed."""
    viewer, form = current_viewer(), CheckForm()
    application = queries.application_for(viewer, application_id)

    def do() -> None:
        outcome = CheckOutcome(form.outcome.data)
        note, expires_on = form.note.data or "", form.expires_on.data
        services.record_check(application, _kind(), outcome, note, by=viewer.actor, expires_on=expires_on)

    return answered(
        form, do, lambda: _check_page(application, _kind(), form), _to(application_id), "The check is recorded."
    )


def _check_page(application: Application, kind: CheckKind, form: CheckForm) -> str:
    return _form_page(application, form, CHECK_NAMES[kind], "Record the check")


def _kind() -> CheckKind:
    """Which check the address is about."""
    named = request.args.get("kind", "")
    if named not in set(CheckKind):
        raise NotFoundForViewer
    return CheckKind(named)


@bp.get("/applications/<uuid:application_id>/decision")
@allows("applications:decide")
def decision(application_id: UUID) -> str:
    """The form of the decision."""
    application = queries.application_for(current_viewer(), application_id)
    score = application.entry_score
    return _form_page(
        application,
        DecisionForm(entry_score="" if score is None else str(score)),
        "Decide on the application",
        "Decide",
    )


@bp.post("/applications/<uuid:application_id>/decision")
@allows("applications:decide")
def decide(application_id: UUID) -> AnyResponse:
    """Admits or refuses."""
    viewer, form = current_viewer(), DecisionForm()
    application = queries.application_for(viewer, application_id)
    return answered(
        form,
        lambda: services.decide(application, form.typed(), by=viewer.actor),
        lambda: _form_page(application, form, "Decide on the application", "Decide"),
        _to(application_id),
        "The decision is recorded and the provider has been told.",
    )


@bp.get("/applications/<uuid:application_id>/more")
@allows("applications:decide")
def more(application_id: UUID) -> str:
    """The form that asks the provider for more."""
    application = queries.application_for(current_viewer(), application_id)
    return _form_page(application, WhatForm(), "Ask for more information", "Ask the provider")


@bp.post("/applications/<uuid:application_id>/more")
@allows("applications:decide")
def ask_for_more(application_id: UUID) -> AnyResponse:
    """Asks the provider for more."""
    viewer, form = current_viewer(), WhatForm()
    application = queries.application_for(viewer, application_id)
    return answered(
        form,
        lambda: services.ask_for_more(application, form.what.data or "", by=viewer.actor),
        lambda: _form_page(application, form, "Ask for more information", "Ask the provider"),
        _to(application_id),
        "The provider has been asked.",
    )


@bp.post("/applications/<uuid:application_id>/take-up")
@allows("applications:decide")
def take_up(application_id: UUID) -> AnyResponse:
    """Goes on with the checks."""
    viewer, form = current_viewer(), HomewardForm()
    application = queries.application_for(viewer, application_id)
    return answered(
        form,
        lambda: services.take_up_again(application, by=viewer.actor),
        lambda: application_page(application, Audience.COUNCIL),
        _to(application_id),
        "The checks go on.",
    )


@bp.get("/applications/<uuid:application_id>/longer")
@allows("applications:decide")
def longer(application_id: UUID) -> str:
    """The form that justifies a longer time."""
    application = queries.application_for(current_viewer(), application_id)
    return _form_page(application, ReasonForm(), "Take up to 15 working days", "Take longer")


@bp.post("/applications/<uuid:application_id>/longer")
@allows("applications:decide")
def justify_longer(application_id: UUID) -> AnyResponse:
    """Justifies a longer time."""
    viewer, form = current_viewer(), ReasonForm()
    application = queries.application_for(viewer, application_id)
    return answered(
        form,
        lambda: services.justify_longer(application, form.because.data or "", by=viewer.actor),
        lambda: _form_page(application, form, "Take up to 15 working days", "Take longer"),
        _to(application_id),
        "The provider has been told.",
    )


def _form_page(application: Application, form: HomewardForm, heading: str, button: str) -> str:
    back = url_for("applications.show", application_id=application.id)
    caption = f"{application.reference}, {application.provider.name}"
    return form_page(form, heading, button, back, caption)


def _to(application_id: UUID) -> Callable[[], str]:
    return lambda: url_for("applications.show", application_id=application_id)
