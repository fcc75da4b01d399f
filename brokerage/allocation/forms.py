"""Forms of awards: only what is asked for is shown."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from uuid import UUID

from wtforms.validators import InputRequired, Length, Optional

from app.parties.models import User
from app.ui.fields import CountedTextField, DayField, LongTextField, RadioField, SelectField, TextField, choice
from app.ui.forms import HomewardForm
from brokerage.allocation.rules import NEXT_STEP_SENTENCES, AwardChoice, NextStep
from marketplace.answers.rules import MOST_TYPED_VISITS

WORDS = frozenset(field.name for field in fields(AwardChoice))


class AwardForm(HomewardForm):
    """The words that go with an award."""

    need_confirmed_with = TextField(
        "Care is still needed: confirmed with",
        description="Asked now, because the last yes is older than 24 hours or there is none. For example: ward 4.",
        validators=[Length(max=200)],
    )
    skip_reason = CountedTextField(
        "Why this answer and not an earlier one", description="The reason is kept.", validators=[Length(max=1000)]
    )
    below_minimum_reason = CountedTextField(
        "Why award below the quality minimum", description="The reason is kept.", validators=[Length(max=1000)]
    )
    second_person = SelectField("The second person who is asked to approve", validate_choice=True)
    agreed_with_person = TextField(
        "Changed start or times: agreed with",
        description="Say with whom: the person, or somebody who may speak for them.",
        validators=[Length(max=300)],
    )
    agreed_on = DayField("Agreed on", validators=[Optional()])
    agreed_visits = LongTextField(
        "The visits agreed with the person",
        description="One line each, within what the provider offered. The agreement holds these.",
        validators=[Length(max=MOST_TYPED_VISITS)],
    )
    exception_reason = LongTextField(
        "Why an undecided application cannot be waited for",
        description="Only where the law asks for it. Leave it empty otherwise.",
        validators=[Length(max=1000)],
    )

    def ask_for(self, names: Collection[str], colleagues: Sequence[User], *, exception: bool) -> None:
        """Leaves only the fields that this award asks for; the day, where something is agreed with the person."""
        self.second_person.choices = [choice("", "Choose")] + [choice(user.email, user.name) for user in colleagues]
        agreed = ("agreed_on",) if "agreed_with_person" in names else ()
        for name in WORDS - {*names, *agreed, *(("exception_reason",) if exception else ())}:
            delattr(self, name)

    def typed(self) -> AwardChoice:
        """The words for what was asked."""
        return AwardChoice(**{name: self._fields[name].data for name in WORDS & self.data.keys() if self.data[name]})


class ApprovalForm(HomewardForm):
    """Approving a proposed award."""

    need_confirmed_with = TextField(
        "Care is still needed: confirmed with",
        description="Only if the last yes is older than 24 hours.",
        validators=[Length(max=200)],
    )


class NoneSuitableForm(HomewardForm):
    """Ending a round without an award."""

    because = CountedTextField("Why none is suitable", validators=[InputRequired("Say why."), Length(max=500)])
    next_step = RadioField(
        "What comes next",
        choices=[choice(step.value, sentence) for step, sentence in NEXT_STEP_SENTENCES.items()],
        coerce=NextStep,
        validators=[InputRequired("Choose what comes next.")],
    )


def edit_names(round_id: UUID | str) -> tuple[str, str, str]:
    """The names of the three inputs of one line of a whole-batch proposal."""
    return f"line-{round_id}", f"reason-{round_id}", f"need-{round_id}"
