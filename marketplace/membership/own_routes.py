"""A provider's own pages: its lots and areas, capacity, pauses, standing prices, carers and contacts."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock
from app.auth import allows, current_viewer
from app.ui.forms import HomewardForm
from app.values.hours import hours_number
from marketplace.applications.answering import answered, form_page
from marketplace.applications.areas import in_order
from marketplace.applications.forms import ReasonForm
from marketplace.membership import queries, services
from marketplace.membership.forms import AreasForm, CapacityForm, PauseForm, StandingPriceForm, zone_id_in
from marketplace.membership.models import Membership
from marketplace.providers.queries import contact_lines, own_providers
from marketplace.schemes.queries import limits_for

bp = Blueprint("our_memberships", __name__)


@bp.get("/our-memberships")
@allows("memberships:own")
def index() -> str:
    """Everything the viewer's organisation is and has in every scheme."""
    return _index()


def _index() -> str:
    viewer = current_viewer()
    own = own_providers(viewer)
    return render_template(
        "marketplace/membership/our_memberships.html",
        providers=[(provider, contact_lines(provider)) for provider in own],
        places=queries.places_of(viewer, own),
    )


def _home() -> str:
    return url_for("our_memberships.index")


@bp.get("/our-memberships/<uuid:membership_id>/areas")
@allows("memberships:own")
def areas(membership_id: UUID) -> str:
    """The form of the areas of one lot."""
    membership = queries.membership_for(current_viewer(), membership_id)
    lists = {
        name: "\n".join(in_order(area.area for area in membership.areas if area.kind.value == name.removesuffix("d")))
        for name in ("included", "excluded")
    }
    return _lot_page(membership, AreasForm(**lists), *AREAS)


@bp.post("/our-memberships/<uuid:membership_id>/areas")
@allows("memberships:own")
def set_areas(membership_id: UUID) -> AnyResponse:
    """Replaces the areas of one lot."""
    viewer, form = current_viewer(), AreasForm()
    membership = queries.membership_for(viewer, membership_id)
    return answered(
        form,
        lambda: services.set_areas(membership, *form.lists, by=viewer.actor),
        lambda: _lot_page(membership, form, *AREAS),
        _home,
        "The areas are changed. Offers from now on follow them.",
    )


AREAS = ("Your areas", "Save the areas", "The most specific line decides: a sector before its district.")


@bp.get("/our-memberships/<uuid:membership_id>/standing-price")
@allows("memberships:own")
def standing_price(membership_id: UUID) -> str:
    """The form of the standing price."""
    membership = queries.membership_for(current_viewer(), membership_id)
    pence = membership.standing_price_pence
    typed = "" if pence is None else f"{pence // 100}.{pence % 100:02d}"
    return _price_page(membership, StandingPriceForm(price=typed))


@bp.post("/our-memberships/<uuid:membership_id>/standing-price")
@allows("memberships:own")
def set_standing_price(membership_id: UUID) -> AnyResponse:
    """Sets the standing price."""
    viewer, form = current_viewer(), StandingPriceForm()
    membership = queries.membership_for(viewer, membership_id)
    return answered(
        form,
        lambda: services.set_standing_price(membership, form.pence, by=viewer.actor),
        lambda: _price_page(membership, form),
        _home,
        "The standing price is saved.",
    )


def _price_page(membership: Membership, form: StandingPriceForm) -> str:
    limits = limits_for(membership.lot_id, None, clock.today())
    between = f"£{limits.floor_pence / 100:.2f} and £{limits.ceiling_pence / 100:.2f}"
    told = f"Between {between}, the floor and the ceiling of this lot for each {membership.lot.unit.value}."
    return _lot_page(membership, form, "Your standing price", "Save the price", told)


@bp.get("/our-memberships/<uuid:membership_id>/leave")
@allows("memberships:own")
def leave_form(membership_id: UUID) -> str:
    """The form that ends one's own membership of a lot."""
    return _lot_page(queries.membership_for(current_viewer(), membership_id), ReasonForm(), *LEAVE)


@bp.post("/our-memberships/<uuid:membership_id>/leave")
@allows("memberships:own")
def leave(membership_id: UUID) -> AnyResponse:
    """Leaves a lot."""
    viewer, form = current_viewer(), ReasonForm()
    membership = queries.membership_for(viewer, membership_id)
    return answered(
        form,
        lambda: services.leave(membership, form.because.data or "", by=viewer.actor),
        lambda: _lot_page(membership, form, *LEAVE),
        _home,
        "You have left the lot.",
    )


LEAVE = ("Leave this lot", "Leave", "Care that you give now goes on under its agreements. You may apply again.")


def _lot_page(membership: Membership, form: HomewardForm, heading: str, button: str, told: str) -> str:
    caption = f"{membership.scheme.name}: {membership.lot.name}, {membership.provider.name}"
    return form_page(form, heading, button, _home(), caption, told)


@bp.get("/our-memberships/<uuid:scheme_id>/<uuid:provider_id>/capacity")
@allows("memberships:own")
def capacity(scheme_id: UUID, provider_id: UUID) -> str:
    """The form of declared capacity."""
    place = queries.own_place(current_viewer(), scheme_id, provider_id)
    whole = next((row for row in place.capacity if row.zone_id is None), None)
    hours = hours_number(whole.declared_minutes).removesuffix(".00") if whole else ""
    return _capacity_page(place, CapacityForm(hours=hours))


@bp.post("/our-memberships/<uuid:scheme_id>/<uuid:provider_id>/capacity")
@allows("memberships:own")
def declare_capacity(scheme_id: UUID, provider_id: UUID) -> AnyResponse:
    """Declares capacity, whole or for one zone."""
    viewer = current_viewer()
    place = queries.own_place(viewer, scheme_id, provider_id)
    form = CapacityForm().of_scheme(place.scheme)

    def do() -> None:
        zone = queries.zone_of(place.scheme, zone_id_in(form.zone))
        services.declare_capacity(place.scheme, place.provider, zone, form.minutes, by=viewer.actor)

    return answered(form, do, lambda: _capacity_page(place, form), _home, "Your capacity is declared.")


CAPACITY = (
    "These are new hours, on top of the care that you give now. An award takes some of them; a yes to an offer does "
    "not. What you enter here replaces what stood before."
)


def _capacity_page(place: queries.Place, form: CapacityForm) -> str:
    caption = f"{place.scheme.name}, {place.provider.name}"
    return form_page(form.of_scheme(place.scheme), "Your capacity", "Declare", _home(), caption, CAPACITY)


@bp.get("/our-memberships/<uuid:scheme_id>/<uuid:provider_id>/pause")
@allows("memberships:own")
def pause_form(scheme_id: UUID, provider_id: UUID) -> str:
    """The form of a pause."""
    return _pause_page(queries.own_place(current_viewer(), scheme_id, provider_id), PauseForm())


@bp.post("/our-memberships/<uuid:scheme_id>/<uuid:provider_id>/pause")
@allows("memberships:own")
def pause(scheme_id: UUID, provider_id: UUID) -> AnyResponse:
    """Takes no new offers for a while."""
    viewer = current_viewer()
    place = queries.own_place(viewer, scheme_id, provider_id)
    form = PauseForm().of_scheme(place.scheme)

    def do() -> None:
        zone = queries.zone_of(place.scheme, zone_id_in(form.zone))
        services.pause(place.scheme, place.provider, zone, by=viewer.actor)

    return answered(form, do, lambda: _pause_page(place, form), _home, "New offers are paused.")


def _pause_page(place: queries.Place, form: PauseForm) -> str:
    caption = f"{place.scheme.name}, {place.provider.name}"
    told = "You get no new offers until you end the pause. Offers that you have now stay open."
    return form_page(form.of_scheme(place.scheme), "Pause new offers", "Pause", _home(), caption, told)


@bp.post("/our-pauses/<uuid:pause_id>/end")
@allows("memberships:own")
def end_pause(pause_id: UUID) -> AnyResponse:
    """Takes new offers again."""
    viewer, form = current_viewer(), HomewardForm()
    found = queries.own_pause(viewer, pause_id)
    return answered(
        form, lambda: services.end_pause(found, by=viewer.actor), _index, _home, "You get new offers again."
    )
