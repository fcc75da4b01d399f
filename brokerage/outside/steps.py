"""Each step of an award outside the system: asking, agreeing, clearing, refusing, taking back, stepping back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from flask import Blueprint, url_for

from app.steps import PageStep, Step, at
from app.ui.forms import HomewardForm, ReasonForm
from brokerage.outside import queries, services
from brokerage.outside.forms import DecisionForm, OutsideForm
from brokerage.outside.models import OutsideAward
from brokerage.outside.rules import OutsideWanted
from marketplace.packages.models import Package
from marketplace.packages.queries import led_package

bp = Blueprint("outside_steps", __name__)


@at(bp, "/packages/<uuid:package_id>/outside-award")
class AskOutside(PageStep[Package, OutsideWanted]):
    """Asks for an award outside the system."""

    permission = "outside:ask"
    query = staticmethod(led_package)
    heading, button = "Award outside the system", "Ask for this award"
    told = (
        "For a package that nobody suits, or that cannot wait for an offer. A second person must agree, and a contract "
        "manager too where the provider is below the quality gate or suspended. Until then no provider is told."
    )
    back_to = "packages.show"

    def form(self, thing: Package) -> HomewardForm:
        return OutsideForm().about(self.viewer, thing.lot.unit.value)

    def act(self, thing: Package, typed: OutsideWanted) -> OutsideAward:
        return services.ask(self.viewer, thing, typed)

    def says(self, thing: Package, outcome: OutsideAward) -> str:
        return outcome.state.sentence

    def onwards(self, thing: Package, outcome: Any) -> str:
        return url_for("outside.show", award_id=outcome.id)

    def caption(self, package: Package) -> str:
        return f"Package {package.reference}"


class _OutsideStep(Step[OutsideAward]):
    query = staticmethod(queries.outside_award_for)
    leads_to = "outside.show"

    def caption(self, award: OutsideAward) -> str:
        return f"{award.reference}, package {award.package.reference}"


class _Agreeing(_OutsideStep, PageStep[OutsideAward, tuple[bool, str]]):
    form_class = DecisionForm
    decide: ClassVar[Callable[..., OutsideAward]]
    told = "You agree to the provider, the price and the reason. You declare your interests first."

    def act(self, thing: OutsideAward, typed: tuple[bool, str]) -> OutsideAward:
        has_interest, whom = typed
        return type(self).decide(thing, has_interest=has_interest, need_confirmed_with=whom or "", by=self.viewer.actor)

    def says(self, thing: OutsideAward, outcome: OutsideAward) -> str:
        return outcome.state.sentence


@at(bp, "/outside-awards/<uuid:award_id>/second")
class SecondOutside(_Agreeing):
    """A second person agrees."""

    permission = "outside:second"
    heading, button = "Agree as the second person", "Agree"
    decide = staticmethod(services.second)


@at(bp, "/outside-awards/<uuid:award_id>/clear")
class ClearOutside(_Agreeing):
    """A contract manager agrees to a provider below the gate or suspended."""

    permission = "outside:clear"
    heading, button = "Agree as contract manager", "Agree and award"
    decide = staticmethod(services.clear)


class _Ending(_OutsideStep, PageStep[OutsideAward, str]):
    form_class = ReasonForm
    hurts = True
    end: ClassVar[Callable[..., None]]

    def act(self, thing: OutsideAward, typed: str) -> OutsideAward:
        type(self).end(thing, typed, by=self.viewer.actor)
        return thing

    def says(self, thing: OutsideAward, outcome: OutsideAward) -> str:
        return outcome.state.sentence


@at(bp, "/outside-awards/<uuid:award_id>/refuse")
class RefuseOutside(_Ending):
    """Refuses what somebody else asked for."""

    permission = "outside:refuse"
    heading, button = "Refuse the award outside the system", "Refuse it"
    end = staticmethod(services.refuse)


@at(bp, "/outside-awards/<uuid:award_id>/take-back")
class TakeBackOutside(_Ending):
    """Takes back what one asked for oneself."""

    permission = "outside:ask"
    heading, button = "Take back what you asked for", "Take it back"
    end = staticmethod(services.take_back)


@at(bp, "/outside-awards/<uuid:award_id>/pull-out")
class EndOutside(_Ending):
    """Records that the provider withdraws before care begins."""

    permission = "outside:pull-out"
    heading, button = "The provider withdraws before care begins", "Record it"
    end = staticmethod(services.pull_out)


BUTTONS: dict[str, tuple[type[_Agreeing | _Ending], str]] = {
    "outside_steps.second_outside": (SecondOutside, "asked"),
    "outside_steps.clear_outside": (ClearOutside, "seconded"),
    "outside_steps.refuse_outside": (RefuseOutside, "asked seconded"),
    "outside_steps.take_back_outside": (TakeBackOutside, "asked seconded"),
    "outside_steps.end_outside": (EndOutside, "awarded"),
}
"""The steps on the page of an award, each with the states in which it can be taken."""


def steps_now(award: OutsideAward, user_id: UUID, may: Callable[[str], bool]) -> list[tuple[str, str]]:
    """The text and address of every step that this user can take with the award as it stands."""
    own = award.asked_by == user_id
    barred = {SecondOutside: own, RefuseOutside: own, TakeBackOutside: not own}
    barred[ClearOutside] = own or award.seconded_by == user_id
    return [
        (step.heading, url_for(endpoint, award_id=award.id))
        for endpoint, (step, states) in BUTTONS.items()
        if award.state.value in states.split() and may(step.permission) and not barred.get(step, False)
    ]
