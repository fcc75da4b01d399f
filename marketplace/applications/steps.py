"""Each step with an application: sending it, checking, asking for more, deciding, taking it back."""

from datetime import date
from typing import NamedTuple, TypeVar
from uuid import UUID

from flask import Blueprint, request

from app.errors import NotFoundForViewer
from app.steps import ButtonStep, PageStep, Step, at
from app.ui.forms import HomewardForm
from marketplace.applications import services
from marketplace.applications.forms import ApplyForm, CheckForm, DecisionForm, RenewalForm, ToldReasonForm, WhatForm
from marketplace.applications.models import Application
from marketplace.applications.queries import application_for
from marketplace.applications.rules import CHECK_NAMES, CheckKind, CheckOutcome, Decision
from marketplace.applications.services import ApplicationDraft
from marketplace.providers.models import Provider
from marketplace.providers.queries import provider_for
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import scheme_for

bp = Blueprint("application_steps", __name__)

Typed = TypeVar("Typed")


@at(bp, "/apply/<uuid:scheme_id>/<uuid:provider_id>")
class Apply(PageStep[tuple[Scheme, Provider], ApplicationDraft]):
    """Sends an application of one location."""

    permission = "applications:apply"
    button = "Send the application"
    said = "Your application has been sent."
    leads_to = "applying.choose"

    def load(self, **ids: UUID) -> tuple[Scheme, Provider]:
        return scheme_for(self.viewer, ids["scheme_id"]), provider_for(self.viewer, ids["provider_id"])

    def form(self, thing: tuple[Scheme, Provider]) -> HomewardForm:
        return ApplyForm().of_scheme(thing[0])

    def act(self, thing: tuple[Scheme, Provider], typed: ApplicationDraft) -> Application:
        scheme, provider = thing
        return services.apply_to_join(provider, scheme, typed, by=self.viewer.actor)

    def words(self, thing: tuple[Scheme, Provider]) -> dict[str, str]:
        scheme, provider = thing
        return super().words(thing) | {"heading": f"Apply to join {scheme.name}", "caption": provider.name}


@at(bp, "/our-applications/<uuid:application_id>/withdraw")
class TakeApplicationBack(ButtonStep[Application]):
    """Takes one's own application back."""

    permission = "applications:apply"
    query = staticmethod(application_for)
    said = "The application has been taken back."
    leads_to = "applying.choose"

    def act(self, application: Application) -> None:
        services.withdraw(application, by=self.viewer.actor)


# --------------------------------------------------------------------------------------- checking and deciding


class _DecidingStep(Step[Application]):
    """A step of the contract manager; afterwards the application is shown."""

    permission = "applications:decide"
    query = staticmethod(application_for)
    leads_to = "applications.show"


class _DecidingPage(_DecidingStep, PageStep[Application, Typed]):
    def caption(self, application: Application) -> str:
        return f"{application.reference}, {application.provider.name}"


@at(bp, "/applications/<uuid:application_id>/decision")
class DecideApplication(_DecidingPage[Decision]):
    """Admits or refuses."""

    form_class = DecisionForm
    heading, button = "Decide on the application", "Decide"
    said = "The decision is recorded and the provider has been told."

    def blank(self, application: Application) -> HomewardForm:
        score = application.entry_score
        return DecisionForm(entry_score="" if score is None else str(score))

    def act(self, application: Application, decision: Decision) -> None:
        services.decide(application, decision, by=self.viewer.actor)


@at(bp, "/applications/<uuid:application_id>/more")
class AskForMore(_DecidingPage[str]):
    """Asks the provider for more."""

    form_class = WhatForm
    heading, button = "Ask for more information", "Ask the provider"
    said = "The provider has been asked."

    def act(self, application: Application, what: str) -> None:
        services.ask_for_more(application, what, by=self.viewer.actor)


@at(bp, "/applications/<uuid:application_id>/take-up")
class TakeUpAgain(_DecidingStep, ButtonStep[Application]):
    """Goes on with the checks."""

    said = "The checks go on."

    def act(self, application: Application) -> None:
        services.take_up_again(application, by=self.viewer.actor)


@at(bp, "/applications/<uuid:application_id>/longer")
class JustifyLonger(_DecidingPage[str]):
    """Gives the decision more time, with a reason."""

    form_class = ToldReasonForm
    heading, button = "Take up to 15 working days", "Take longer"
    said = "The provider has been told."

    def act(self, application: Application, because: str) -> None:
        services.justify_longer(application, because, by=self.viewer.actor)


# ----------------------------------------------------------------------------------------- checks and documents


class CheckOf(NamedTuple):
    """One check of an application, made or not."""

    application: Application
    kind: CheckKind


class _CheckPage(PageStep[CheckOf, Typed]):
    """A step with one check, which the address names by `?kind=`."""

    permission = "applications:decide"
    leads_to = "applications.show"

    def load(self, **ids: UUID) -> CheckOf:
        application = application_for(self.viewer, ids["application_id"])
        kind = request.args.get("kind", "")
        if kind not in set(CheckKind):
            raise NotFoundForViewer
        return CheckOf(application, CheckKind(kind))

    def caption(self, check: CheckOf) -> str:
        return f"{check.application.reference}, {check.application.provider.name}"


@at(bp, "/applications/<uuid:application_id>/checks")
class RecordCheck(_CheckPage[tuple[CheckOutcome, str, date | None]]):
    """Notes what a check showed."""

    button = "Record the check"
    said = "The check is recorded."
    form_class = CheckForm

    def blank(self, check: CheckOf) -> HomewardForm:
        return CheckForm(obj=check.application.check_of(check.kind))

    def act(self, check: CheckOf, typed: tuple[CheckOutcome, str, date | None]) -> None:
        services.record_check(check.application, check.kind, *typed, by=self.viewer.actor)

    def words(self, check: CheckOf) -> dict[str, str]:
        return super().words(check) | {"heading": CHECK_NAMES[check.kind]}


@at(bp, "/applications/<uuid:application_id>/documents")
class RenewDocument(_CheckPage[tuple[str, date]]):
    """Notes a newer document of a member."""

    button = "Record it"
    said = "The newer document is recorded."
    form_class = RenewalForm
    told = (
        "Homeward keeps what you saw and until when it holds. The document itself is not uploaded: keep it where your "
        "council keeps documents. The provider is reminded 60, 30 and 7 days before."
    )

    def act(self, check: CheckOf, typed: tuple[str, date]) -> None:
        services.renew(*check, *typed, by=self.viewer.actor)

    def words(self, check: CheckOf) -> dict[str, str]:
        return super().words(check) | {"heading": f"Newer document: {CHECK_NAMES[check.kind]}"}
