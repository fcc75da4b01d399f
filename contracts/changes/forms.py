"""What is typed to change an agreement."""

from __future__ import annotations

from typing import Self

from wtforms.validators import InputRequired, Length

from app.errors import MOST_REASON
from app.ui.fields import CountedTextField, DayField, RadioField, choice
from app.ui.forms import HomewardForm
from contracts.changes.rules import CAUSES, AskedBy, Cause, ChangeKind, Wanted


class ChangeForm(HomewardForm):
    """A change: from when, why, and who wants it. What is asked for depends on its kind."""

    kind: ChangeKind
    on = DayField("Day", validators=[InputRequired("Enter the day.")])
    hold_until = DayField("Until which day is the place held?")
    cause = RadioField("Cause", validators=[InputRequired("Choose the cause.")])
    asked_by = RadioField(
        "Who wants it?",
        choices=[choice(asked_by, asked_by.label) for asked_by in AskedBy if asked_by is not AskedBy.PROVIDER],
        default=AskedBy.PERSON.value,
    )
    reason = CountedTextField(
        "What happened?",
        description="The provider and those who may know the person read it.",
        validators=[InputRequired("Say what happened."), Length(max=MOST_REASON)],
    )

    @classmethod
    def about(cls, kind: ChangeKind, day_label: str, *, is_provider: bool) -> Self:
        """The form for one kind of change, as commissioners or as the provider fill it in."""
        form = cls()
        form.kind = kind
        form.on.label.text = day_label
        form.cause.choices = [choice(cause, cause.label) for cause in CAUSES[kind]]
        if kind is not ChangeKind.SUSPEND:
            del form.hold_until
        if is_provider:
            del form.asked_by
        return form

    def typed(self) -> Wanted:
        """The change as it was typed."""
        assert self.on.data is not None  # its validator has seen to it
        return Wanted(
            kind=self.kind,
            on=self.on.data,
            cause=Cause(self.cause.data),
            asked_by=AskedBy(self.asked_by.data) if "asked_by" in self else AskedBy.PROVIDER,
            reason=self.reason.data or "",
            hold_until=self.hold_until.data if "hold_until" in self else None,
        )


class AnswerChangeForm(HomewardForm):
    """The commissioner's answer to what a provider asked for."""

    answer = RadioField(
        "Your answer",
        choices=[choice("agree", "Agree"), choice("refuse", "Refuse")],
        validators=[InputRequired("Say whether you agree.")],
    )
    note = CountedTextField(
        "Why, if you refuse", description="The provider reads it.", validators=[Length(max=MOST_REASON)]
    )

    def typed(self) -> tuple[bool, str]:
        """Whether it is agreed, and the note."""
        return self.answer.data == "agree", self.note.data or ""


class StartForm(HomewardForm):
    """Another first day."""

    starts_on = DayField("First day of care", validators=[InputRequired("Enter the first day of care.")])
    because = CountedTextField("Why", validators=[InputRequired("Say why."), Length(max=MOST_REASON)])
