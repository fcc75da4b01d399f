"""What is typed about people: how to reach them, who speaks for them, the advocacy test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from wtforms.validators import InputRequired, Length, Optional

from app import clock
from app.errors import MOST_REASON, Reading
from app.ui.fields import (
    CountedTextField,
    DayField,
    EmailField,
    LongTextField,
    RadioField,
    TextField,
    TickField,
    TicksField,
    choice,
    is_yes,
    looks,
)
from app.ui.forms import HomewardForm
from app.values.labelled import Labelled
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from marketplace.people.models import ContactPreference, Person, RepresentativeKind
from marketplace.people.rules import AdvocacyAnswers, Correction, Difficulty
from marketplace.people.services import CORRECTED, REACHED, Contact, RepresentativeDetails


def _at_most(most: int) -> Length:
    return Length(max=most, message=f"Shorten it to at most {most} characters.")


def first_day() -> DayField:
    """From which day on it holds, where what was told does."""
    return DayField(
        "From which day, where what was told holds",
        description="The first day at that address. Empty means today.",
        validators=[Optional()],
    )


class PersonContactForm(HomewardForm):
    """How to reach a person. Fields are named as the columns are."""

    contact_preference = RadioField(
        "How does the person want to be told things?",
        choices=[choice(kind, kind.label) for kind in ContactPreference],
        coerce=ContactPreference,
    )
    known_as = TextField(
        "Known as", description="The name the person likes to be called by.", validators=[_at_most(100)]
    )
    telephone = TextField(
        "Telephone", validators=[_at_most(30)], render_kw=looks(width=20, type="tel", autocomplete="off")
    )
    email = EmailField("Email address", validators=[_at_most(254)])
    language = TextField("Language", description="If it is not English.", validators=[_at_most(60)])
    address = LongTextField("Address, without the postcode", validators=[_at_most(400)])
    postcode = TextField("Postcode", render_kw=looks(width=10, autocomplete="off"))
    other_stays = TickField("Only one of address and postcode has changed, and the other is still right")
    holds_from = DayField(
        "First day at another address",
        description="Empty means today. Until a day ahead the address of now holds. Providers of running care are told.",
        validators=[Optional()],
    )

    def typed(self) -> Contact:
        """What was typed."""
        return Contact(**{field.name: self[field.name].data for field in fields(Contact)})


class CorrectionForm(HomewardForm):
    """What the record should have said all along."""

    name = TextField("Full name", validators=[InputRequired("Enter the full name."), _at_most(120)])
    date_of_birth = DayField("Date of birth", validators=[Optional()])
    nhs_number = TextField(
        "NHS number, if known", description="10 digits.", render_kw=looks(width=20, autocomplete="off")
    )
    address = LongTextField("Address, without the postcode", validators=[_at_most(400)])
    postcode = TextField(
        "Postcode", validators=[InputRequired("Enter the postcode.")], render_kw=looks(width=10, autocomplete="off")
    )
    because = CountedTextField(
        "Why it was wrong, and how you know what is right",
        validators=[InputRequired("Say why it was wrong."), _at_most(MOST_REASON)],
    )

    def typed(self) -> tuple[Correction, str]:
        """What should have been said, and why; raises Invalid at each field that cannot be used."""
        texts = {name: self[name].data or "" for name in ("name", "address", "nhs_number", "postcode")}
        return read_correction(texts, self.date_of_birth.data), self.because.data or ""


def read_correction(texts: Mapping[str, str], born: date | None) -> Correction:
    """The correction that was typed or sent; raises Invalid at each field that cannot be used."""
    read = Reading()
    number = read.value("nhs_number", NhsNumber.parse, texts["nhs_number"]) if texts["nhs_number"] else None
    place = read.value("postcode", Postcode.parse, texts["postcode"])
    read.finish()
    assert place
    return Correction(texts["name"], born, number, texts["address"], place)


class Compared(Labelled):
    """What somebody says who has compared two records."""

    TOLD = "told", "The same person, and what was told holds"
    RECORD = "record", "The same person, and what the record says holds"
    ANOTHER = "another", "Another person: the NHS number was a slip"


class CompareForm(HomewardForm):
    """Whether two records are one person's, and which of them holds."""

    outcome = RadioField(
        "Are they the same person?",
        choices=[choice(kind, kind.label) for kind in Compared],
        coerce=Compared,
        validators=[InputRequired("Say whether they are the same person.")],
    )
    holds_from = first_day()
    because = CountedTextField("How you know", validators=[InputRequired("Say how you know."), _at_most(MOST_REASON)])

    def typed(self) -> tuple[Compared, date | None, str]:
        """What was said, from which day, and how that is known."""
        return self.outcome.data, self.holds_from.data, self.because.data or ""


class RepresentativeForm(HomewardForm):
    """Somebody who may speak for the person."""

    name = TextField("Full name", validators=[InputRequired("Enter the full name."), _at_most(200)])
    kind = RadioField(
        "Who are they to the person?",
        choices=[choice(kind, kind.label) for kind in RepresentativeKind],
        coerce=RepresentativeKind,
        validators=[InputRequired("Choose who they are to the person.")],
    )
    telephone = TextField(
        "Telephone", validators=[_at_most(30)], render_kw=looks(width=20, type="tel", autocomplete="off")
    )
    email = EmailField("Email address", validators=[_at_most(254)])
    consent_given_on = DayField(
        "Day on which the person agreed",
        description="Leave it empty while the person has not agreed: nothing is told to this representative until then.",
        validators=[Optional()],
    )

    def typed(self) -> RepresentativeDetails:
        """What was typed."""
        return RepresentativeDetails(**{field.name: self[field.name].data for field in fields(RepresentativeDetails)})


class WithdrawalForm(HomewardForm):
    """Consent that is taken back."""

    withdrawn_on = DayField("Day on which the person took consent back", validators=[InputRequired("Enter the day.")])
    because = CountedTextField("What the person said (optional)", validators=[_at_most(500)])


class AdvocacyForm(HomewardForm):
    """The advocacy test."""

    made_on = DayField("Day of the test", validators=[InputRequired("Enter the day of the test.")])
    difficulties = TicksField(
        "Without help, the person has substantial difficulty with",
        description="Leave all empty if there is none.",
        choices=[choice(kind, kind.label[0].upper() + kind.label[1:]) for kind in Difficulty],
    )
    appropriate_person = RadioField(
        "Is there somebody appropriate to support the person?",
        description="Unpaid, not a professional, willing, and wanted by the person.",
        choices=[choice("yes", "Yes"), choice("no", "No")],
        coerce=is_yes,
        validators=[InputRequired("Choose yes or no.")],
    )
    referred_on = DayField(
        "Day on which an advocate was asked for",
        description="Leave it empty if none was asked for.",
        validators=[Optional()],
    )
    note = LongTextField("Note", validators=[_at_most(2000)])

    def typed(self) -> tuple[AdvocacyAnswers, date]:
        """What was found, and on which day."""
        answers = AdvocacyAnswers(
            difficulties=frozenset(Difficulty(value) for value in self.difficulties.data or ()),
            appropriate_person=self.appropriate_person.data,
            referred_on=self.referred_on.data,
            note=self.note.data or "",
        )
        return answers, self.made_on.data or clock.today()


def _why_open() -> Any:
    return CountedTextField(
        "Why you must know who this is now",
        description="The auditors read it. Do not name the person.",
        validators=[InputRequired("Say why you must know who this is now."), Length(max=1000)],
    )


class OpenIdentityForm(HomewardForm):
    """Why an identity must be opened."""

    reason = _why_open()


class OpenByReferenceForm(HomewardForm):
    """Whose identity must be opened, and why."""

    person = TextField(
        "Reference or NHS number",
        description="Such as PER-7K3M9, or ten figures.",
        validators=[InputRequired("Enter the reference or the NHS number."), Length(max=20)],
        render_kw=looks(width=20, autocomplete="off"),
    )
    reason = _why_open()


def contact_form(person: Person) -> PersonContactForm:
    """The form filled with what is known."""
    return PersonContactForm(data={name: getattr(person, name) or "" for name in (*REACHED, "address", "postcode")})


def correction_form(person: Person) -> CorrectionForm:
    """The form filled with what the record says."""
    return CorrectionForm(
        data={name: getattr(person, name) or "" for name in CORRECTED} | {"date_of_birth": person.date_of_birth}
    )
