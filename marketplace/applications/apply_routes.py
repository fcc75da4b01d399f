"""Pages of applications for the provider that applies."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.audit.tags import Audience
from app.auth import allows, current_viewer
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from app.ui.forms import HomewardForm
from marketplace.applications import queries, services
from marketplace.applications.answering import answered, form_page
from marketplace.applications.forms import ApplyForm
from marketplace.applications.pages import WORDS, application_page
from marketplace.providers.models import Provider
from marketplace.providers.queries import own_providers
from marketplace.schemes.queries import scheme_for, schemes_for

bp = Blueprint("applying", __name__)


@bp.get("/apply")
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


@bp.get("/apply/<uuid:scheme_id>/<uuid:provider_id>")
@allows("applications:apply")
def application_form(scheme_id: UUID, provider_id: UUID) -> str:
    """The form of an application."""
    viewer = current_viewer()
    form = ApplyForm().of_scheme(scheme_for(viewer, scheme_id))
    return _apply_page(viewer, scheme_id, provider_id, form)


@bp.post("/apply/<uuid:scheme_id>/<uuid:provider_id>")
@allows("applications:apply")
def apply(scheme_id: UUID, provider_id: UUID) -> AnyResponse:
    """Sends an application."""
    viewer = current_viewer()
    scheme, provider = scheme_for(viewer, scheme_id), _own(viewer, provider_id)
    form = ApplyForm().of_scheme(scheme)
    return answered(
        form,
        lambda: services.apply_to_join(provider, scheme, form.draft, by=viewer.actor),
        lambda: _apply_page(viewer, scheme_id, provider_id, form),
        lambda: url_for("applying.choose"),
        "Your application has been sent.",
    )


def _apply_page(viewer: Viewer, scheme_id: UUID, provider_id: UUID, form: ApplyForm) -> str:
    scheme, provider = scheme_for(viewer, scheme_id), _own(viewer, provider_id)
    form.of_scheme(scheme)
    return form_page(
        form, f"Apply to join {scheme.name}", "Send the application", url_for("applying.choose"), provider.name
    )


def _own(viewer: Viewer, provider_id: UUID) -> Provider:
    provider = next((one for one in own_providers(viewer) if one.id == provider_id), None)
    if provider is None:
        raise NotFoundForViewer
    return provider


@bp.get("/our-applications/<uuid:application_id>")
@allows("applications:apply")
def show_own(application_id: UUID) -> str:
    """One's own application."""
    return application_page(queries.application_for(current_viewer(), application_id), Audience.PROVIDER)


@bp.post("/our-applications/<uuid:application_id>/withdraw")
@allows("applications:apply")
def withdraw(application_id: UUID) -> AnyResponse:
    """Takes one's own application back."""
    viewer, form = current_viewer(), HomewardForm()
    application = queries.application_for(viewer, application_id)
    return answered(
        form,
        lambda: services.withdraw(application, by=viewer.actor),
        lambda: application_page(application, Audience.PROVIDER),
        lambda: url_for("applying.choose"),
        "The application has been taken back.",
    )
