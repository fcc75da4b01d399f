"""A provider's own pages about one location: its carers and its contacts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.auth import allows, current_viewer
from app.errors import NotFoundForViewer
from app.parties.viewer import Viewer
from app.ui.forms import HomewardForm
from marketplace.applications.answering import answered, form_page
from marketplace.membership.forms import CarersForm, ContactForm
from marketplace.providers import services
from marketplace.providers.models import Provider, ProviderContact
from marketplace.providers.queries import own_providers

bp = Blueprint("our_locations", __name__)


@bp.get("/our-locations/<uuid:provider_id>/carers")
@allows("memberships:own")
def carers(provider_id: UUID) -> str:
    """The form of a location's carers."""
    provider = _own(current_viewer(), provider_id)
    form = CarersForm(
        carers_female=str(provider.carers_female),
        carers_male=str(provider.carers_male),
        skills="\n".join(one.skill for one in provider.skills),
        languages="\n".join(one.language for one in provider.languages),
    )
    return _page(provider, form, *CARERS)


@bp.post("/our-locations/<uuid:provider_id>/carers")
@allows("memberships:own")
def tell_carers(provider_id: UUID) -> AnyResponse:
    """Says who a location's carers are."""
    viewer, form = current_viewer(), CarersForm()
    provider = _own(viewer, provider_id)

    def do() -> None:
        told = services.Carers(
            female=form.number("carers_female"),
            male=form.number("carers_male"),
            skills=form.lines("skills"),
            languages=form.lines("languages"),
        )
        services.tell_carers(provider, told, by=viewer.actor)

    return answered(form, do, lambda: _page(provider, form, *CARERS), _home, "Your carers are saved.")


CARERS = ("Your carers", "Save", "Packages that need a skill or a carer's gender are offered to those who have it.")


@bp.get("/our-locations/<uuid:provider_id>/contacts")
@allows("memberships:own")
def contact_form(provider_id: UUID) -> str:
    """The form of a new contact."""
    return _page(_own(current_viewer(), provider_id), ContactForm(), *CONTACT)


@bp.post("/our-locations/<uuid:provider_id>/contacts")
@allows("memberships:own")
def add_contact(provider_id: UUID) -> AnyResponse:
    """Adds somebody who is told of offers."""
    viewer, form = current_viewer(), ContactForm()
    provider = _own(viewer, provider_id)
    typed = form.name.data or "", form.email.data or "", form.telephone.data or ""
    return answered(
        form,
        lambda: services.add_contact(provider, *typed, by=viewer.actor),
        lambda: _page(provider, form, *CONTACT),
        _home,
        "The contact is added.",
    )


CONTACT = ("Add a contact", "Add", "Every contact gets an email for each offer.")


@bp.post("/our-locations/<uuid:provider_id>/contacts/<uuid:contact_id>/take-off")
@allows("memberships:own")
def take_off_contact(provider_id: UUID, contact_id: UUID) -> AnyResponse:
    """Tells a contact nothing more."""
    viewer, form = current_viewer(), HomewardForm()
    provider = _own(viewer, provider_id)
    contact = _contact(provider, contact_id)
    return answered(
        form,
        lambda: services.take_off_contact(provider, contact, by=viewer.actor),
        lambda: _page(provider, ContactForm(), *CONTACT),
        _home,
        "The contact is taken off.",
    )


def _own(viewer: Viewer, provider_id: UUID) -> Provider:
    provider = next((one for one in own_providers(viewer) if one.id == provider_id), None)
    if provider is None:
        raise NotFoundForViewer
    return provider


def _contact(provider: Provider, contact_id: UUID) -> ProviderContact:
    contact = next((one for one in provider.contacts if one.id == contact_id), None)
    if contact is None:
        raise NotFoundForViewer
    return contact


def _home() -> str:
    return url_for("our_memberships.index")


def _page(provider: Provider, form: HomewardForm, heading: str, button: str, told: str) -> str:
    return form_page(form, heading, button, _home(), provider.name, told)
