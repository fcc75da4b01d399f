"""Each step that somebody takes with a scheme: bringing its file, a new policy, new prices, another end."""

from datetime import date
from typing import TypeVar

from flask import Blueprint

from app import clock
from app.import_steps import File, ImportStep
from app.steps import PageStep, at
from app.tasks import Task
from app.ui.forms import HomewardForm
from marketplace.schemes import queries, services
from marketplace.schemes.forms import EndForm, NewPrice, PolicyForm, PriceForm, SchemeFileForm, policy_form
from marketplace.schemes.importing import SCHEME_FILE
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
    back_to = "schemes.index"
    told = (
        "A file adds and changes; what it does not name stays as it is. The same file again changes nothing. "
        "New weights, windows, floors and ceilings begin today, or on the day that the file gives as valid_from."
    )

    def act(self, thing: None, typed: File) -> Task:
        owner, by = self.viewer.authority_id, self.viewer.actor
        return SCHEME_FILE.queue("Set up or update a scheme", *typed, authority_id=owner, target_id=owner, by=by)


class _SchemePage(PageStep[Scheme, Typed]):
    """A page about a scheme of the viewer's own authority; afterwards the scheme is shown."""

    permission = "schemes:manage"
    query = staticmethod(queries.managed_scheme)
    leads_to = "schemes.show"

    def caption(self, scheme: Scheme) -> str:
        return scheme.name


@at(bp, "/<uuid:scheme_id>/policies/new")
class EnterPolicy(_SchemePage[tuple[PolicyTerms, date, str]]):
    """A policy to come, begun from the one that holds."""

    form_class = PolicyForm
    heading, button, said = "New policy", "Enter the policy", "The policy is entered."
    told = (
        "The form shows the policy that holds today. Offers that are open keep the policy they were made under. "
        "Terms of claims and targets stay as they are."
    )

    def form(self, scheme: Scheme) -> HomewardForm:
        return policy_form(queries.terms_of(queries.policy_on(scheme.id, clock.today())))

    def act(self, scheme: Scheme, typed: tuple[PolicyTerms, date, str]) -> None:
        services.add_policy(scheme, *typed, by=self.viewer.actor)


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
        return PriceForm().of_scheme(scheme)

    def act(self, scheme: Scheme, typed: NewPrice) -> None:
        services.set_price(*typed, by=self.viewer.actor)


@at(bp, "/<uuid:scheme_id>/end")
class ChangeEnd(_SchemePage[tuple[date | None, str]]):
    """Another last day, where the regime lets it."""

    form_class = EndForm
    heading, button, said = "End of the scheme", "Change the end", "The end of the scheme is changed."

    def blank(self, scheme: Scheme) -> HomewardForm:
        return EndForm(data={"ends_on": scheme.ends_on})

    def act(self, scheme: Scheme, typed: tuple[date | None, str]) -> None:
        services.change_end(scheme, *typed, by=self.viewer.actor)
