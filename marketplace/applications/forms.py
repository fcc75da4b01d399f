"""What is typed on the pages of applications, turned into typed values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from wtforms import Field
from wtforms.validators import InputRequired, Length, Optional

from app.errors import Invalid
from app.ui.fields import CountedTextField, DayField, LongTextField, RadioField, TextField, TicksField, choice, looks
from app.ui.forms import HomewardForm
from app.values.hours import minutes_from_hours
from marketplace.applications.rules import DECLARATIONS, CheckOutcome, Decision
from marketplace.applications.services import ApplicationDraft
from marketplace.schemes.models import Scheme

V = TypeVar("V")

LONGEST = 4_000

AREAS_HINT = "Postcode districts such as PR1 or sectors such as PR1 8, one to a line or split by commas."


def told(label: str, hint: str = "The provider will read it.") -> CountedTextField:
    """A field for words that the provider is told, or that are kept."""
    return CountedTextField(label, description=hint, validators=[Length(max=LONGEST)])


def needed_day(label: str, sentence: str, hint: str = "") -> DayField:
    """A field for a day that must be given."""
    return DayField(label, description=hint, validators=[InputRequired(sentence)])


class ApplyForm(HomewardForm):
    """A provider's application for one location."""

    lots = TicksField("Which lots do you apply for?")
    areas = LongTextField("Where can you give care?", description=AREAS_HINT)
    capacity_hours = TextField(
        "New hours a week that you can take",
        description="Across all these lots. You can change it at any time.",
        render_kw=looks(width=5),
    )
    declarations = TicksField("Declarations", choices=[choice(key, text) for key, text in DECLARATIONS.items()])

    def of_scheme(self, scheme: Scheme) -> ApplyForm:
        """The form with the lots of one scheme."""
        self.lots.choices = [choice(str(lot.id), lot.name) for lot in scheme.lots]
        return self

    def typed(self) -> ApplicationDraft:
        """What was typed; raises Invalid when the hours are no number."""
        return ApplicationDraft(
            lot_ids=[UUID(lot_id) for lot_id in self.lots.data or []],
            areas=self.areas.data or "",
            capacity_minutes=value_in(self.capacity_hours, minutes_from_hours),
            declarations=self.declarations.data or [],
        )


class CheckForm(HomewardForm):
    """What one check showed."""

    outcome = RadioField(
        "What did it show?",
        choices=[
            choice(CheckOutcome.PASSED.value, "Passed"),
            choice(CheckOutcome.FAILED.value, "Not passed"),
            choice(CheckOutcome.NOT_DONE.value, "Not made yet"),
        ],
        coerce=CheckOutcome,
    )
    note = told("What you saw", "")
    expires_on = DayField("When does what you saw expire? (if it does)", validators=[Optional()])


class DecisionForm(HomewardForm):
    """Admit or refuse, with reasons."""

    decision = RadioField("Decision", choices=[choice("admit", "Admit"), choice("refuse", "Refuse")])
    entry_score = TextField(
        "Score of the entry assessment (to admit)", description="0 to 100.", render_kw=looks(width=3)
    )
    reasons = told("Reasons", "The provider will read them.")

    def typed(self) -> Decision:
        """The decision; raises Invalid when the score is no number."""
        score = self.entry_score.data
        if score and not (score.isascii() and score.isdigit() and len(score) <= 3):
            raise Invalid({"entry_score": "Enter a whole number from 0 to 100."})
        admit = self.decision.data == "admit"
        return Decision(admit, self.reasons.data or "", int(score) if score else None)


class ToldReasonForm(HomewardForm):
    """A reason that the provider is told."""

    because = told("Reason")


class WhatForm(HomewardForm):
    """What is missing from an application."""

    what = told("What is missing?")


class RenewalForm(HomewardForm):
    """A newer document of a member."""

    note = told("What you saw", "")
    expires_on = needed_day("When does it expire?", "Enter the day on which it expires.")


def value_in(field: Field, parse: Callable[[str], V]) -> V:
    """What was typed into a field, as a value; raises Invalid at the field."""
    try:
        return parse(field.data)
    except ValueError as problem:
        raise Invalid({field.name: str(problem)}) from problem
