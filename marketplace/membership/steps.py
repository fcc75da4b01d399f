"""Each step of a council with a member: suspending, overriding the CQC gate, removing."""

from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, url_for

from app import clock
from app.steps import PageStep, at
from app.ui.forms import HomewardForm
from marketplace.applications.forms import ToldReasonForm
from marketplace.membership import forms, queries, removals, suspensions
from marketplace.membership.models import GateOverride, Membership, Removal, Suspension
from marketplace.membership.suspensions import SuspensionDraft
from marketplace.providers.known import known_to
from marketplace.providers.models import Provider
from marketplace.providers.queries import provider_for
from marketplace.schemes.models import Scheme
from marketplace.schemes.queries import managed_scheme

bp = Blueprint("membership_steps", __name__)

Typed = TypeVar("Typed")

TIME_TO_ANSWER = timedelta(days=14)


# ------------------------------------------------------------------------------------------------- suspensions


@at(bp, "/schemes/<uuid:scheme_id>/providers/<uuid:provider_id>/suspend")
class Suspend(PageStep[tuple[Scheme, Provider], SuspensionDraft]):
    """Stops new offers to a member."""

    permission = "suspensions:manage"
    heading, button = "Suspend new offers", "Suspend"
    back_to = "register.show"
    told = "Care that is given now goes on. New offers and awards in this scope stop."
    said = "New offers are suspended and the provider has been told."

    def load(self, **ids: UUID) -> tuple[Scheme, Provider]:
        return managed_scheme(self.viewer, ids["scheme_id"]), provider_for(self.viewer, ids["provider_id"])

    def form(self, thing: tuple[Scheme, Provider]) -> HomewardForm:
        return forms.SuspensionForm().of_scheme(thing[0])

    def blank(self, thing: tuple[Scheme, Provider]) -> HomewardForm:
        return forms.SuspensionForm(starts_on=clock.today(), new_offers_only=True).of_scheme(thing[0])

    def act(self, thing: tuple[Scheme, Provider], typed: SuspensionDraft) -> Suspension:
        return suspensions.suspend(*thing, typed, by=self.viewer.actor)

    def caption(self, thing: tuple[Scheme, Provider]) -> str:
        return thing[1].name

    def onwards(self, thing: tuple[Scheme, Provider], outcome: Suspension) -> str:
        return url_for("memberships.suspension", suspension_id=outcome.id)


class _SuspensionPage(PageStep[Suspension, Typed]):
    permission = "suspensions:manage"
    query = staticmethod(queries.suspension_for)
    leads_to = "memberships.suspension"

    def caption(self, suspension: Suspension) -> str:
        return suspension.provider.name


@at(bp, "/suspensions/<uuid:suspension_id>/review")
class KeepSuspension(_SuspensionPage[tuple[str, date, date]]):
    """Keeps a suspension, with new dates."""

    form_class = forms.ReviewForm
    heading, button = "Keep the suspension", "Keep it"
    said = "It goes on."

    def blank(self, suspension: Suspension) -> HomewardForm:
        return forms.ReviewForm(ends_on=suspension.ends_on)

    def act(self, suspension: Suspension, typed: tuple[str, date, date]) -> None:
        suspensions.review(suspension, *typed, by=self.viewer.actor)


@at(bp, "/suspensions/<uuid:suspension_id>/lift")
class LiftSuspension(_SuspensionPage[str]):
    """Ends a suspension now."""

    form_class = ToldReasonForm
    heading, button = "Lift the suspension", "Lift it"
    said = "The suspension is lifted and the provider has been told."

    def act(self, suspension: Suspension, because: str) -> None:
        suspensions.lift(suspension, because, by=self.viewer.actor)


# ------------------------------------------------------------------------------------------------ the CQC gate


class _MembershipPage(PageStep[Membership, tuple[str, date]]):
    query = staticmethod(queries.membership_for)
    leads_to = "memberships.show"


@at(bp, "/memberships/<uuid:membership_id>/override")
class OverrideGate(_MembershipPage):
    """Goes on with a member in its scheme although the CQC gate stops it."""

    permission = "ratings:override"
    form_class = forms.OverrideForm
    heading, button = "Override the CQC gate", "Override"
    told = (
        "Offers and awards go on although CQC rates this member below what the scheme asks for. It holds for every lot "
        "of the scheme. The suspension that the rating caused is lifted; other suspensions stay. Brokers see a flag."
    )
    said = "The CQC gate is overridden and the provider has been told."

    def act(self, membership: Membership, typed: tuple[str, date]) -> None:
        suspensions.override_gate(membership.scheme, membership.provider, *typed, by=self.viewer.actor)

    def caption(self, membership: Membership) -> str:
        known = known_to(membership.authority_id, [membership.provider])[membership.provider_id]
        return f"{membership.provider.name}, CQC rating: {known.rating.value}"


@at(bp, "/memberships/<uuid:membership_id>/override/<uuid:override_id>/take-back")
class TakeOverrideBack(PageStep[tuple[Membership, GateOverride], str]):
    """The rating counts again."""

    permission = "ratings:override"
    form_class = ToldReasonForm
    heading, button = "Take the override back", "Take it back"
    leads_to = "memberships.show"
    said = "The override is taken back and the provider has been told."

    def load(self, **ids: UUID) -> tuple[Membership, GateOverride]:
        membership = queries.membership_for(self.viewer, ids["membership_id"])
        return membership, queries.override_of(membership, ids["override_id"])

    def act(self, thing: tuple[Membership, GateOverride], because: str) -> None:
        suspensions.take_back(thing[1], because, by=self.viewer.actor)

    def words(self, thing: tuple[Membership, GateOverride]) -> dict[str, str]:
        membership, override = thing
        return super().words(thing) | {"caption": membership.provider.name, "told": override.sentence}


# ---------------------------------------------------------------------------------------------------- removals


@at(bp, "/memberships/<uuid:membership_id>/removal")
class ProposeRemoval(_MembershipPage):
    """Tells the provider that it may be removed, and why."""

    permission = "removals:propose"
    form_class = forms.RemovalForm
    heading, button = "Propose a removal", "Tell the provider"
    told = (
        "The provider is told these reasons now and can answer. Nothing changes before a second person has decided. "
        "Care that is given now goes on."
    )
    said = "The provider has been told and can answer."

    def blank(self, membership: Membership) -> HomewardForm:
        return forms.RemovalForm(representations_until=clock.today() + TIME_TO_ANSWER)

    def act(self, membership: Membership, typed: tuple[str, date]) -> None:
        removals.propose_removal(membership, *typed, by=self.viewer.actor)

    def caption(self, membership: Membership) -> str:
        return f"{membership.provider.name}, {membership.lot.name}"


class _RemovalPage(PageStep[Removal, str]):
    permission = "removals:approve"
    query = staticmethod(queries.removal_for)
    leads_to = "removals.show"

    def caption(self, removal: Removal) -> str:
        return f"{removal.membership.provider.name}, {removal.membership.lot.name}"


@at(bp, "/removals/<uuid:removal_id>/approve")
class ApproveRemoval(_RemovalPage):
    """A second person ends the membership."""

    form_class = forms.ConsideredForm
    heading, button = "Approve the removal", "End the membership"
    said = "The membership has ended and the provider has been told."

    def act(self, removal: Removal, considered: str) -> None:
        removals.approve_removal(removal, considered, by=self.viewer.actor)


@at(bp, "/removals/<uuid:removal_id>/drop")
class DropRemoval(_RemovalPage):
    """The membership goes on."""

    form_class = ToldReasonForm
    heading, button = "Drop the removal", "Drop it"
    said = "The removal is dropped and the provider has been told."

    def act(self, removal: Removal, because: str) -> None:
        removals.drop_removal(removal, because, by=self.viewer.actor)


@at(bp, "/our-removals/<uuid:removal_id>/answer")
class AnswerRemoval(_RemovalPage):
    """The provider says what is to be taken into account."""

    permission = "memberships:own"
    leads_to = "removals.show_own"
    form_class = forms.RemovalAnswerForm
    heading, button = "Answer before we decide", "Send your answer"
    said = "Your answer has been sent."

    def act(self, removal: Removal, answer: str) -> None:
        removals.answer_removal(removal, answer, by=self.viewer.actor)

    def caption(self, removal: Removal) -> str:
        return removal.membership.provider.name
