"""Who somebody is, when consent to speak for them holds, and the duty to arrange an advocate (Care Act 2014 section 67).

Substantial difficulty with any one of four things, and nobody appropriate to support the person: an advocate must be
arranged. Somebody appropriate is unpaid, not a professional, and wanted by the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.values.labelled import Labelled
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from app.values.spelling import as_read
from marketplace.disclosure.known import Record

ADULT, OLDEST_USUAL, OLDEST = 18, 110, 125
BIRTH_UNFIT = "The date of birth does not fit the planned start: look for a wrong year."
BIRTH_IN_QUESTION = (
    "The date of birth would make the person under 18 or over 110 at the planned start: look for a wrong year, or say "
    "that it is right."
)


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """Who needs care. With an NHS number, a person already known is found again."""

    name: str
    date_of_birth: date | None = None
    nhs_number: NhsNumber | None = None
    address: str = ""
    telephone: str = ""

    def told_at(self, postcode: str) -> Whereabouts:
        """The part of it that can change in a life."""
        return Whereabouts(self.address, postcode, self.telephone, self.name)

    def known_at(self, postcode: str) -> Record:
        """All of it, to be looked for in texts."""
        number = self.nhs_number.digits if self.nhs_number else ""
        return Record((self.name,), (), self.date_of_birth, self.address, postcode, number, (self.telephone,))


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody lives and is rung, and what they are called; a text is empty where nothing is told of it."""

    address: str
    postcode: str
    telephone: str
    name: str = ""

    def differs_from(self, known: Whereabouts) -> bool:
        """Whether something is told here that is not what was known, but for the spelling."""
        return bool(self.differences(known))

    def differences(self, known: Whereabouts) -> list[str]:
        """The names of what is told here and is not what was known."""
        pairs = [
            (name, getattr(self, name), getattr(known, name)) for name in ("name", "address", "postcode", "telephone")
        ]
        return [name for name, told, other in pairs if told and _bare(told) != _bare(other)]

    @property
    def text(self) -> str:
        """All of it on one line."""
        rung = f"telephone {self.telephone}" if self.telephone else ""
        return ", ".join(filter(None, (self.name, self.address, self.postcode, rung)))


def _bare(text: str) -> str:
    return "".join(sign for sign in as_read(text) if sign.isalnum())


def is_called_otherwise(name: str, born: date | None, told: PersonDetails) -> bool:
    """Whether told of somebody with the same NHS number is another name that can be the same person's: born on the same
    day, and a word of the name is the same, as after a marriage.
    """
    words, others = (set(as_read(text).replace("-", " ").split()) for text in (name, told.name))
    return words != others and born == told.date_of_birth and not words.isdisjoint(others)


@dataclass(frozen=True, slots=True)
class Correction:
    """What a record should have said all along (UK GDPR Article 16)."""

    name: str
    date_of_birth: date | None
    nhs_number: NhsNumber | None
    address: str
    postcode: Postcode


LONGEST_AHEAD = timedelta(days=365)


def problems_with_correction(wanted: Correction, today: date) -> dict[str, str]:
    """What is wrong with a correction as typed: field to sentence."""
    problems = {}
    if not wanted.name.strip():
        problems["name"] = "Enter the person's full name."
    if wanted.date_of_birth and not (wanted.date_of_birth <= today and age_on(today, wanted.date_of_birth) <= OLDEST):
        problems["date_of_birth"] = "Enter a date of birth that can be: look for a wrong year."
    return problems


def problem_with_first_day(holds_from: date, today: date) -> str | None:
    """Why an address cannot hold from this day."""
    if not today - timedelta(days=OLDEST * 366) <= holds_from <= today + LONGEST_AHEAD:
        return "Enter the first day on which it holds, at most a year ahead."
    return None


def age_on(day: date, born: date) -> int:
    """Whole years of life; the birthday counts."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def problem_with_birth(born: date | None, starts: date | None) -> str | None:
    """Why nobody born on this day can begin to have care on that one."""
    if born and starts and not (born <= starts and age_on(starts, born) <= OLDEST):
        return BIRTH_UNFIT
    return None


def birth_in_question(born: date | None, starts: date, confirmed: date | None = None) -> bool:
    """Whether somebody must say that a date of birth is right: lots are for adults, and few live beyond 110."""
    return born is not None and born != confirmed and not ADULT <= age_on(starts, born) <= OLDEST_USUAL


class Difficulty(Labelled):
    """What the person has substantial difficulty with."""

    UNDERSTANDING = "understanding", "understanding relevant information"
    RETAINING = "retaining", "retaining that information"
    USING = "using", "using or weighing that information"
    COMMUNICATING = "communicating", "communicating views, wishes or feelings"


@dataclass(frozen=True, slots=True)
class AdvocacyAnswers:
    """What was found in one test; `referred_on` is the day on which an advocate was asked for, if one was."""

    difficulties: frozenset[Difficulty] = frozenset()
    appropriate_person: bool = False
    referred_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class AdvocacyOutcome:
    """Whether an advocate must be arranged, whether that is still open, and why, in sentences."""

    must_arrange: bool
    is_open: bool
    reasons: tuple[str, ...]


def advocacy_outcome(answers: AdvocacyAnswers) -> AdvocacyOutcome:
    """What the test obliges the council to do (rule G7)."""
    if not answers.difficulties:
        return AdvocacyOutcome(
            False, False, ("There is no substantial difficulty, so no advocate has to be arranged.",)
        )
    named = ", ".join(difficulty.label for difficulty in Difficulty if difficulty in answers.difficulties)
    finding = f"There is substantial difficulty with: {named}."
    if answers.appropriate_person:
        return AdvocacyOutcome(False, False, (finding, "Somebody appropriate supports the person, so none has to be."))
    duty = "Nobody appropriate can support the person, so an independent advocate must be arranged."
    if answers.referred_on is None:
        return AdvocacyOutcome(True, True, (finding, duty, "None has been asked for yet: ask for one now."))
    arranged = f"One was asked for on {answers.referred_on.day} {answers.referred_on:%B %Y}."
    return AdvocacyOutcome(True, False, (finding, duty, arranged))


def problems_with_test(answers: AdvocacyAnswers, made_on: date, today: date) -> dict[str, str]:
    """What is wrong with a test as typed: field to sentence."""
    problems = {}
    if made_on > today:
        problems["made_on"] = "The day of the test cannot be in the future."
    if answers.referred_on and answers.referred_on > today:
        problems["referred_on"] = "The day on which an advocate was asked for cannot be in the future."
    return problems


def consent_holds(given_on: date | None, withdrawn_on: date | None, on: date) -> bool:
    """Whether somebody may speak for the person on a day: from the day of consent until the day it is taken back."""
    return given_on is not None and given_on <= on and (withdrawn_on is None or on < withdrawn_on)


def reasons_against_withdrawal(
    given_on: date | None, withdrawn_on: date | None, on: date, today: date
) -> tuple[str, ...]:
    """Why consent cannot be recorded as taken back on a day."""
    if given_on is None:
        return ("No consent was given, so none can be taken back.",)
    if withdrawn_on is not None:
        return (f"Consent was taken back on {withdrawn_on.day} {withdrawn_on:%B %Y} already.",)
    if on > today:
        return ("The day cannot be in the future.",)
    if on < given_on:
        return (f"The day cannot be before consent was given, on {given_on.day} {given_on:%B %Y}.",)
    return ()
