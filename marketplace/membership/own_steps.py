"""Each step of a provider with what is its own: lots, areas, prices, capacity, pauses, carers and contacts."""

from typing import TypeVar
from uuid import UUID

from flask import Blueprint

from app import clock
from app.errors import NotFoundForViewer
from app.steps import ButtonStep, PageStep, Step, at
from app.ui.forms import HomewardForm
from app.values.hours import hours_number
from app.values.money import Money
from marketplace.applications.forms import ToldReasonForm
from marketplace.applications.rules import in_order
from marketplace.membership import forms, queries, services
from marketplace.membership.models import Membership, Pause
from marketplace.membership.queries import LocationInScheme
from marketplace.providers import services as providers
from marketplace.providers.coverage import CoverageKind
from marketplace.providers.models import Provider, ProviderContact
from marketplace.providers.queries import provider_for
from marketplace.providers.services import Carers
from marketplace.schemes.models import Zone
from marketplace.schemes.queries import limits_for

bp = Blueprint("own_steps", __name__)

Thing = TypeVar("Thing")
Typed = TypeVar("Typed")


class _OwnStep(Step[Thing]):
    """A step of a provider with what is its own; afterwards all of that is shown."""

    permission = "memberships:own"
    leads_to = "our_memberships.index"


class _OwnLotPage(_OwnStep[Membership], PageStep[Membership, Typed]):
    query = staticmethod(queries.membership_for)

    def caption(self, membership: Membership) -> str:
        return f"{membership.scheme.name}: {membership.lot.name}, {membership.provider.name}"


@at(bp, "/our-memberships/<uuid:membership_id>/areas")
class ChangeAreas(_OwnLotPage[tuple[tuple[str, ...], tuple[str, ...]]]):
    """Replaces the areas of one lot."""

    form_class = forms.AreasForm
    heading, button = "Your areas", "Save the areas"
    told = "The most specific line decides: a sector before its district."
    said = "The areas are changed. Offers from now on follow them."

    def blank(self, membership: Membership) -> HomewardForm:
        included, excluded = (
            "\n".join(in_order(area.area for area in membership.areas if area.kind is kind)) for kind in CoverageKind
        )
        return forms.AreasForm(included=included, excluded=excluded)

    def act(self, membership: Membership, typed: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        services.set_areas(membership, *typed, by=self.viewer.actor)


@at(bp, "/our-memberships/<uuid:membership_id>/standing-price")
class SetStandingPrice(_OwnLotPage[int | None]):
    """Sets the price of a yes by email link."""

    form_class = forms.StandingPriceForm
    heading, button = "Your standing price", "Save the price"
    said = "The standing price is saved."

    def blank(self, membership: Membership) -> HomewardForm:
        pence = membership.standing_price_pence
        return forms.StandingPriceForm(price="" if pence is None else str(Money(pence)).removeprefix("£"))

    def act(self, membership: Membership, pence: int | None) -> None:
        services.set_standing_price(membership, pence, by=self.viewer.actor)

    def words(self, membership: Membership) -> dict[str, str]:
        limits = limits_for(membership.lot_id, None, clock.today())
        between = f"{Money(limits.floor_pence)} and {Money(limits.ceiling_pence)}"
        told = f"Between {between}, the floor and the ceiling of this lot for each {membership.lot.unit.value}."
        return super().words(membership) | {"told": told}


@at(bp, "/our-memberships/<uuid:membership_id>/leave")
class LeaveLot(_OwnLotPage[str]):
    """Ends one's own membership of a lot."""

    form_class = ToldReasonForm
    heading, button = "Leave this lot", "Leave"
    told = "Care that you give now goes on under its agreements. You may apply again."
    said = "You have left the lot."

    def act(self, membership: Membership, because: str) -> None:
        services.leave(membership, because, by=self.viewer.actor)


# ------------------------------------------------------------------------------------ one's own capacity and pauses


class _OwnSchemePage(_OwnStep[LocationInScheme], PageStep[LocationInScheme, Typed]):
    query = staticmethod(queries.own_location)

    def caption(self, location: LocationInScheme) -> str:
        return f"{location.scheme.name}, {location.provider.name}"


@at(bp, "/our-memberships/<uuid:scheme_id>/<uuid:provider_id>/capacity")
class DeclareCapacity(_OwnSchemePage[tuple[Zone | None, int]]):
    """Declares new hours a week, whole or for one zone."""

    heading, button = "Your capacity", "Declare"
    told = (
        "These are new hours, on top of the care that you give now. An award takes some of them; a yes to an offer "
        "does not. What you enter here replaces what stood before."
    )
    said = "Your capacity is declared."

    def form(self, location: LocationInScheme) -> HomewardForm:
        return forms.CapacityForm().of_scheme(location.scheme)

    def blank(self, location: LocationInScheme) -> HomewardForm:
        whole = next((row for row in location.capacity if row.zone_id is None), None)
        hours = hours_number(whole.declared_minutes).removesuffix(".00") if whole else ""
        return forms.CapacityForm(hours=hours).of_scheme(location.scheme)

    def act(self, location: LocationInScheme, typed: tuple[Zone | None, int]) -> None:
        services.declare_capacity(location.scheme, location.provider, *typed, by=self.viewer.actor)


@at(bp, "/our-memberships/<uuid:scheme_id>/<uuid:provider_id>/pause")
class PauseOffers(_OwnSchemePage[Zone | None]):
    """Takes no new offers for a while."""

    heading, button = "Pause new offers", "Pause"
    told = "You get no new offers until you end the pause. Offers that you have now stay open."
    said = "New offers are paused."

    def form(self, location: LocationInScheme) -> HomewardForm:
        return forms.PauseForm().of_scheme(location.scheme)

    def act(self, location: LocationInScheme, zone: Zone | None) -> None:
        services.pause(location.scheme, location.provider, zone, by=self.viewer.actor)


@at(bp, "/our-pauses/<uuid:pause_id>/end")
class EndPause(_OwnStep[Pause], ButtonStep[Pause]):
    """Takes new offers again."""

    query = staticmethod(queries.own_pause)
    said = "You get new offers again."

    def act(self, pause: Pause) -> None:
        services.end_pause(pause, by=self.viewer.actor)


# ------------------------------------------------------------------------------- one's own carers and contacts


class _OwnLocationPage(_OwnStep[Provider], PageStep[Provider, Typed]):
    query = staticmethod(provider_for)

    def caption(self, provider: Provider) -> str:
        return provider.name


@at(bp, "/our-locations/<uuid:provider_id>/carers")
class TellCarers(_OwnLocationPage[Carers]):
    """Says who a location's carers are."""

    form_class = forms.CarersForm
    heading, button = "Your carers", "Save"
    told = "Packages that need a skill or a carer's gender are offered to those who have it."
    said = "Your carers are saved."

    def blank(self, provider: Provider) -> HomewardForm:
        return forms.CarersForm(
            carers_female=str(provider.carers_female),
            carers_male=str(provider.carers_male),
            skills="\n".join(known.skill for known in provider.skills),
            languages="\n".join(spoken.language for spoken in provider.languages),
        )

    def act(self, provider: Provider, carers: Carers) -> None:
        providers.tell_carers(provider, carers, by=self.viewer.actor)


@at(bp, "/our-locations/<uuid:provider_id>/contacts")
class AddContact(_OwnLocationPage[tuple[str, str, str]]):
    """Adds somebody who is told of offers."""

    form_class = forms.OfferContactForm
    heading, button = "Add a contact", "Add"
    told = "Every contact gets an email for each offer."
    said = "The contact is added."

    def act(self, provider: Provider, typed: tuple[str, str, str]) -> None:
        providers.add_contact(provider, *typed, by=self.viewer.actor)


@at(bp, "/our-locations/<uuid:provider_id>/contacts/<uuid:contact_id>/take-off")
class TakeOffContact(_OwnStep[tuple[Provider, ProviderContact]], ButtonStep[tuple[Provider, ProviderContact]]):
    """Tells a contact nothing more."""

    said = "The contact is taken off."

    def load(self, **ids: UUID) -> tuple[Provider, ProviderContact]:
        provider = provider_for(self.viewer, ids["provider_id"])
        contact = next((contact for contact in provider.contacts if contact.id == ids["contact_id"]), None)
        if contact is None:
            raise NotFoundForViewer
        return provider, contact

    def act(self, thing: tuple[Provider, ProviderContact]) -> None:
        providers.take_off_contact(*thing, by=self.viewer.actor)
