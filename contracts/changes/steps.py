"""Each step of a change: wanting it, deciding on it, taking it back; and moving a first day of care."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from flask import Blueprint

from app.steps import PageStep, Step, at
from app.ui.forms import HomewardForm, ReasonForm
from contracts.agreements.models import Agreement
from contracts.agreements.queries import agreement_to_change
from contracts.changes import queries, services
from contracts.changes.forms import AnswerChangeForm, ChangeForm, StartForm
from contracts.changes.models import AgreementChange
from contracts.changes.rules import ChangeKind, Wanted

bp = Blueprint("change_steps", __name__)


class _ChangesAgreement(Step[Agreement]):
    """A step with an agreement in the viewer's scope; afterwards the agreement is shown."""

    permission = "changes:want"
    query = staticmethod(agreement_to_change)
    leads_to = "agreements.show"

    def caption(self, agreement: Agreement) -> str:
        return f"Agreement {agreement.reference}"


class WantChange(_ChangesAgreement, PageStep[Agreement, Wanted]):
    """Somebody wants a change: a commissioner makes it, a provider asks for it."""

    kind: ClassVar[ChangeKind]
    day_label: ClassVar[str]
    told = "A provider asks, and a commissioner decides. What a commissioner enters takes effect on its day."

    def form(self, agreement: Agreement) -> HomewardForm:
        return ChangeForm.about(self.kind, self.day_label, is_provider=self.viewer.is_provider)

    def act(self, agreement: Agreement, typed: Wanted) -> AgreementChange:
        return services.want(self.viewer, agreement, typed)

    def says(self, agreement: Agreement, outcome: AgreementChange) -> str:
        return f"{outcome.kind.label}: {outcome.state.sentence}"


@at(bp, "/agreements/<uuid:agreement_id>/end")
class EndAgreement(WantChange):
    """Care ends on a day; a provider asks for it."""

    kind, day_label = ChangeKind.END, "Last day of care"
    heading, button = "End the agreement", "End it"
    hurts = True


@at(bp, "/agreements/<uuid:agreement_id>/suspend")
class SuspendAgreement(WantChange):
    """Care rests and the place is held; a provider asks for it."""

    kind, day_label = ChangeKind.SUSPEND, "First day without care"
    heading, button = "Suspend the agreement", "Suspend it"


@at(bp, "/agreements/<uuid:agreement_id>/resume")
class ResumeAgreement(WantChange):
    """Care goes on; a provider asks for it."""

    kind, day_label = ChangeKind.RESUME, "First day of care again"
    heading, button = "Resume care", "Resume it"


@at(bp, "/agreements/<uuid:agreement_id>/hand-back")
class HandBack(WantChange):
    """The package is given back, and its successor goes to market at once."""

    permission = "changes:hand-back"
    kind, day_label = ChangeKind.HAND_BACK, "Last day by your notice"
    heading, button = "Hand the package back", "Hand it back"
    told = (
        "The package is offered to other providers at once. Care goes on until the day before another provider begins; "
        "you will be told that day."
    )
    hurts = True


@at(bp, "/agreements/<uuid:agreement_id>/first-day")
class MoveFirstDay(_ChangesAgreement, PageStep[Agreement, tuple[date, str]]):
    """Moves the first day of care; what is handed back ends on the day before."""

    permission = "changes:decide"
    form_class = StartForm
    heading, button = "Move the first day of care", "Move it"
    said = "The first day of care is moved."

    def act(self, agreement: Agreement, typed: tuple[date, str]) -> None:
        services.move_first_day(agreement, *typed, by=self.viewer.actor)


class _ChangeStep(Step[AgreementChange]):
    leads_to = "changes.show"

    def load(self, **ids: UUID) -> AgreementChange:
        change = queries.change_for(self.viewer, ids["change_id"])
        agreement_to_change(self.viewer, change.agreement_id)
        return change

    def caption(self, change: AgreementChange) -> str:
        return f"Agreement {change.agreement.reference}"


@at(bp, "/changes/<uuid:change_id>/decide")
class DecideChange(_ChangeStep, PageStep[AgreementChange, tuple[bool, str]]):
    """A commissioner answers what a provider asked for."""

    permission = "changes:decide"
    form_class = AnswerChangeForm
    heading, button = "Decide on the change", "Answer"
    said = "The provider has been told."

    def act(self, change: AgreementChange, typed: tuple[bool, str]) -> AgreementChange:
        agree, note = typed
        return services.decide(self.viewer, change, agree=agree, note=note)


@at(bp, "/changes/<uuid:change_id>/take-back")
class TakeBackChange(_ChangeStep, PageStep[AgreementChange, str]):
    """Whoever may make such a change gives it up before it takes effect."""

    permission = "changes:want"
    form_class = ReasonForm
    heading, button = "Take the change back", "Take it back"
    said = "The change is taken back."

    def act(self, change: AgreementChange, typed: str) -> AgreementChange:
        return services.take_back(self.viewer, change, typed)
