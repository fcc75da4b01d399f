"""Each step that somebody takes with a scheme: bringing its file, a new policy, new prices, another end."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, url_for

from app import clock
from app.import_steps import File, ImportStep
from app.steps import PageStep, at
from app.tasks import Task
from app.ui.forms import HomewardForm
from marketplace.schemes import queries, services
from marketplace.schemes.forms import (
    EndForm,
    NewEnd,
    NewPolicy,
    NewPrice,
    PolicyForm,
    PriceForm,
    SchemeFileForm,
    policy_form,
    price_form,
)
from marketplace.schemes.importing import queue_scheme_file
from marketplace.schemes.models import Scheme
from marketplace.schemes.rules import PolicyTerms

bp = Blueprint("scheme_steps", __name__, url_prefix="/schemes")

Typed = TypeVar("Typed")


@at(bp, "/import")
class ImportScheme(ImportStep[None, File]):
    """A scheme is set up or brought up to date from its file."""

    permission = "schemes:manage"
    form_class = SchemeFileForm
    heading, button, said = "Set up or update a scheme", "Upload the file", ""
    told = (
        "A file adds and changes; what it does not name stays as it is. The same file again changes nothing. "
        "New weights, windows, floors and ceilings begin today, or on the day that the file gives as valid_from."
    )

    def load(self, **ids: UUID) -> None:
        return None

    def act(self, thing: None, typed: File) -> Task:
        return queue_scheme_file(self.viewer, *typed, by=self.viewer.actor)

    def back(self, thing: None) -> str:
        return url_for("schemes.index")


class _SchemePage(PageStep[Scheme, Typed]):
    """A page about a scheme of the viewer's own authority; afterwards the scheme is shown."""

    permission = "schemes:manage"

    def load(self, **ids: UUID) -> Scheme:
        return queries.managed_scheme(self.viewer, ids["scheme_id"])

    def onwards(self, scheme: Scheme, outcome: Any) -> str:
        return url_for("schemes.show", scheme_id=scheme.id)

    def caption(self, scheme: Scheme) -> str:
        return scheme.name


@at(bp, "/<uuid:scheme_id>/policies/new")
class EnterPolicy(_SchemePage[NewPolicy]):
    """A policy to come, begun from the one that holds."""

    form_class = PolicyForm
    heading, button, said = "New policy", "Enter the policy", "The policy is entered."
    told = (
        "The form shows the policy that holds today. Offers that are open keep the policy they were made under. "
        "Terms of claims and targets stay as they are."
    )

    def form(self, scheme: Scheme) -> HomewardForm:
        return policy_form(_terms_today(scheme))

    def typed(self, form: Any, scheme: Scheme) -> NewPolicy:
        policy: NewPolicy = form.policy(_terms_today(scheme))
        return policy

    def act(self, scheme: Scheme, typed: NewPolicy) -> None:
        services.add_policy(scheme, typed.terms, typed.valid_from, because=typed.because, by=self.viewer.actor)


@at(bp, "/<uuid:scheme_id>/prices/new")
class EnterPrice(_SchemePage[NewPrice]):
    """A floor and ceiling to come."""

    form_class = PriceForm
    heading, button = "New floor and ceiling", "Enter the floor and ceiling"
    said = "The floor and ceiling are entered."
    told = (
        "A row for one zone holds before one for all zones; within it, a row for some hours before one for all hours. "
        "Offers that are open keep the limits they were made under."
    )

    def form(self, scheme: Scheme) -> HomewardForm:
        return price_form(scheme)

    def act(self, scheme: Scheme, typed: NewPrice) -> None:
        lot = next(lot for lot in scheme.lots if lot.id == typed.lot_id)
        zone = next((zone for zone in scheme.zones if zone.id == typed.zone_id), None)
        by, because = self.viewer.actor, typed.because
        services.set_price(lot, typed.limits, typed.valid_from, by=by, zone=zone, band=typed.band, because=because)


@at(bp, "/<uuid:scheme_id>/end")
class ChangeEnd(_SchemePage[NewEnd]):
    """Another last day, where the regime lets it."""

    form_class = EndForm
    heading, button, said = "End of the scheme", "Change the end", "The end of the scheme is changed."

    def blank(self, scheme: Scheme) -> HomewardForm:
        return EndForm(data={"ends_on": scheme.ends_on})

    def act(self, scheme: Scheme, typed: NewEnd) -> None:
        services.change_end(scheme, typed.ends_on, because=typed.because, by=self.viewer.actor)


def _terms_today(scheme: Scheme) -> PolicyTerms:
    return queries.terms_of(queries.policy_on(scheme.id, clock.today()))
