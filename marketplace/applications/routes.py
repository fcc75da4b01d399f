"""Pages of applications: for who decides, and for the provider that applies."""

from uuid import UUID

from flask import Blueprint, render_template, request

from app import clock
from app.audit.queries import timeline
from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.http.paging import paged
from marketplace.applications import queries
from marketplace.applications.models import Application
from marketplace.applications.rules import (
    CHECK_NAMES,
    ApplicationState,
    CheckKind,
    decision_clock_text,
    expiry_colour,
    expiry_sentence,
)
from marketplace.providers.known import known_to
from marketplace.providers.queries import own_providers
from marketplace.schemes.queries import schemes_for

bp = Blueprint("applications", __name__)
own_bp = Blueprint("applying", __name__)

DOCUMENT_WORDS = {
    "check_names": CHECK_NAMES,
    "expiry_text": lambda day: expiry_sentence(day, clock.today()),
    "expiry_colour": lambda day: expiry_colour(day, clock.today()),
}
WORDS = DOCUMENT_WORDS | {"clock_text": lambda due: decision_clock_text(due, clock.today())}


@bp.get("/applications")
@allows("applications:read")
def index() -> str:
    """Applications to decide, the first due first; or those in one state."""
    typed = request.args.get("state", "")
    state = ApplicationState(typed) if typed in set(ApplicationState) else None
    viewer = current_viewer()
    page = paged(queries.applications_list(viewer, state))
    return render_template(
        "marketplace/applications/applications.html",
        page=page,
        known=known_to(viewer.authority_id, [application.provider for application in page.rows]),
        state=state,
        states=list(ApplicationState),
        **WORDS,
    )


@bp.get("/applications/<uuid:application_id>")
@allows("applications:read")
def show(application_id: UUID) -> str:
    """One application: what is asked, the gate, the checks, and what can be done."""
    return _page(queries.application_for(current_viewer(), application_id), Audience.COUNCIL)


@own_bp.get("/our-applications/<uuid:application_id>")
@allows("applications:apply")
def show_own(application_id: UUID) -> str:
    """One's own application."""
    return _page(queries.application_for(current_viewer(), application_id), Audience.PROVIDER)


@own_bp.get("/apply")
@allows("applications:apply")
def choose() -> str:
    """Which scheme, and with which location: every scheme takes applications at any time."""
    viewer = current_viewer()
    return render_template(
        "marketplace/applications/choose.html",
        schemes=schemes_for(viewer),
        providers=own_providers(viewer),
        applications=queries.own_applications(viewer),
        **WORDS,
    )


def _page(application: Application, audience: Audience) -> str:
    return render_template(
        "marketplace/applications/application.html",
        application=application,
        lots=queries.lots_of(application),
        checks={check.kind: check for check in application.checks},
        kinds=list(CheckKind),
        gate=queries.gate_answer(application),
        entries=timeline(application.id, audience),
        undecided=application.state in queries.UNDECIDED,
        **WORDS,
    )
