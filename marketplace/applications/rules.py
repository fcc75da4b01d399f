"""Applications to join a scheme: their states, checks, the decision and its clock.

A provider applies with one location; checks are made; the CQC gate (see `gate`) is asked; a decision is given with
reasons (rules A2, H3 and H9).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.values.lifecycle import Lifecycle
from app.values.postcode import PostcodeArea, parse_place
from app.values.words import counted
from marketplace.providers.ratings import meets
from marketplace.vocabulary import AreaKind, Rating, UnratedPolicy

STANDARD_PERIOD_DAYS, LONGEST_PERIOD_DAYS, SHORTEST_REASON = 10, 15, 10
"""Working days to decide, working days when a longer time is justified, and characters in a reason."""

AfterWorkingDays = Callable[[date, int], date]
"""The date that is n working days after a date; the caller brings the calendar."""


class ApplicationState(Lifecycle):
    """Where an application stands."""

    DRAFT = "draft", "grey", "The provider has not sent this application yet.", "submitted withdrawn"
    SUBMITTED = (
        "submitted",
        "blue",
        "The application has arrived and waits for its checks.",
        "checking admitted refused withdrawn",
    )
    CHECKING = (
        "checking",
        "purple",
        "A contract manager is checking this application.",
        "waiting admitted refused withdrawn",
    )
    WAITING = (
        "waiting",
        "yellow",
        "The application waits for more information from the provider.",
        "checking admitted refused withdrawn",
    )
    ADMITTED = "admitted", "green", "The provider is a member."
    REFUSED = "refused", "red", "The application was refused. The provider has been told why and may apply again."
    WITHDRAWN = "withdrawn", "grey", "The provider took this application back."


class CheckKind(StrEnum):
    """What is looked at before a provider is admitted."""

    CQC = "cqc"
    INSURANCE = "insurance"
    SAFEGUARDING = "safeguarding"
    TRAINING = "training"
    FINANCIAL = "financial"
    QUESTIONNAIRE = "questionnaire"
    REFERENCES = "references"
    DECLARATIONS = "declarations"


CHECK_NAMES: dict[CheckKind, str] = {
    CheckKind.CQC: "CQC rating",
    CheckKind.INSURANCE: "Insurance, in place or promised before the first award",
    CheckKind.SAFEGUARDING: "Safeguarding policy",
    CheckKind.TRAINING: "Training of carers",
    CheckKind.FINANCIAL: "Financial standing",
    CheckKind.QUESTIONNAIRE: "Quality questionnaire",
    CheckKind.REFERENCES: "References",
    CheckKind.DECLARATIONS: "Declarations",
}


class CheckOutcome(StrEnum):
    """The result of one check."""

    NOT_DONE = "not_done"
    PASSED = "passed"
    FAILED = "failed"


class GateResult(StrEnum):
    """What the CQC gate says about a location."""

    PASS = "pass"
    REVIEW = "review"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """The gate's result and why."""

    result: GateResult
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as a contract manager gives it; the reasons are what the provider reads."""

    admit: bool
    reasons: str
    entry_score: int | None = None

    @property
    def state(self) -> ApplicationState:
        """What the application becomes."""
        return ApplicationState.ADMITTED if self.admit else ApplicationState.REFUSED


def reasons_against_decision(
    decision: Decision, state: ApplicationState, checks: Mapping[CheckKind, CheckOutcome], gate: GateAnswer
) -> dict[str, str]:
    """Why a decision cannot be recorded, by field: reasons are always needed, and admission needs every check."""
    errors: dict[str, str] = {}
    if problem := state.reason_against(decision.state):
        errors["state"] = problem
    if len(decision.reasons.strip()) < SHORTEST_REASON:
        errors["reasons"] = "Give the reasons for the decision. The provider will read them."
    return errors | _reasons_against_admission(decision, checks, gate) if decision.admit else errors


def decision_due(received_on: date, after_working_days: AfterWorkingDays, longer_because: str = "") -> date:
    """The last day to answer: 10 working days after receipt, 15 when a longer time is justified in words (rule H9)."""
    days = LONGEST_PERIOD_DAYS if longer_because.strip() else STANDARD_PERIOD_DAYS
    return after_working_days(received_on, days)


def decision_clock_text(due: date, today: date) -> str:
    """How the decision clock reads on a page."""
    left = (due - today).days
    if left < 0:
        return f"The decision was due on {due.day} {due:%B %Y} and is {counted(-left, 'day')} late."
    return f"Decide by {due.day} {due:%B %Y}."


def _reasons_against_admission(
    decision: Decision, checks: Mapping[CheckKind, CheckOutcome], gate: GateAnswer
) -> dict[str, str]:
    errors = {}
    for kind in CheckKind:
        if (outcome := checks.get(kind)) is not CheckOutcome.PASSED:
            failed = outcome is CheckOutcome.FAILED
            why = "the provider did not pass." if failed else "this check has not been made yet."
            errors[f"check_{kind.value}"] = f"{CHECK_NAMES[kind]}: {why}"
    if gate.result is GateResult.REFUSE:
        errors["gate"] = gate.reason
    if decision.entry_score is None or not 0 <= decision.entry_score <= 100:
        errors["entry_score"] = "Enter the score of the entry assessment, 0 to 100."
    return errors


REMIND_DAYS = (60, 30, 7)
"""The provider is reminded when so many days are left, once each."""


def reminder_due(expires_on: date, today: date, reminded_days: int | None) -> int | None:
    """Which reminder is to be sent today, given the latest one sent; None when none is. Those missed are not sent."""
    left = (expires_on - today).days
    reached = [days for days in REMIND_DAYS if 0 <= left <= days]
    if not reached or (reminded_days is not None and reminded_days <= min(reached)):
        return None
    return min(reached)


def expiry_sentence(expires_on: date, today: date) -> str:
    """How an expiry reads on a page."""
    left = (expires_on - today).days
    if left < 0:
        return f"It lapsed {counted(-left, 'day')} ago."
    return "It expires today." if left == 0 else f"It expires in {counted(left, 'day')}."


def expiry_colour(expires_on: date, today: date) -> str:
    """The colour of its tag: red when lapsed, yellow when the first reminder is due, green before."""
    if expires_on < today:
        return "red"
    return "yellow" if (expires_on - today).days <= max(REMIND_DAYS) else "green"


def reasons_against_renewal(note: str, expires_on: date, today: date) -> dict[str, str]:
    """Why a newer document cannot be noted, by field."""
    errors: dict[str, str] = {}
    if not note.strip():
        errors["note"] = "Say what you saw: the certificate, the date, whom you asked."
    if expires_on < today:
        errors["expires_on"] = "This day is over. Enter the day on which the newer document expires."
    return errors


_IF_UNRATED = {
    UnratedPolicy.ADMIT: (GateResult.PASS, "the scheme admits unrated locations."),
    UnratedPolicy.REJECT: (GateResult.REFUSE, "the scheme asks for a rating."),
    UnratedPolicy.ADMIT_WITH_REVIEW: (GateResult.REVIEW, "a contract manager decides."),
}


def gate(rating: Rating, minimum: Rating, unrated_policy: UnratedPolicy) -> GateAnswer:
    """Does a location pass the scheme's CQC gate? Asked at application and again at every CQC import (rule A2)."""
    if rating is Rating.UNRATED:
        result, why = _IF_UNRATED[unrated_policy]
        return GateAnswer(result, f"CQC has not rated this location; {why}")
    result = GateResult.PASS if meets(rating, minimum) else GateResult.REFUSE
    return GateAnswer(result, f"CQC rates the location {rating.value}; the scheme asks for {minimum.value} or better.")


DECLARATIONS: dict[str, str] = {
    "truth": "What we say in this application is true, and we will tell the council when it changes.",
    "exclusion": "No ground for exclusion applies to us, our directors or those who control us.",
    "insurance": "We have the insurance that the scheme asks for, or will have it before our first award.",
    "safeguarding": "Every carer is checked before the first visit and follows our safeguarding policy.",
    "prices": "We will stay within the floor and the ceiling of each lot.",
}

MOST_AREAS = 2_000
EXAMPLE = "Enter postcode districts such as PR1, or sectors such as PR1 8."


def parse_areas(text: str) -> tuple[str, ...]:
    """The outcodes and sectors of a text, in normal form and without repeats; raises ValueError with a sentence."""
    typed = [part.strip() for part in re.split(r"[,;|\n\r]+", text) if part.strip()]
    if len(typed) > MOST_AREAS:
        raise ValueError(f"Give at most {MOST_AREAS:,} areas.")
    return tuple(dict.fromkeys(_parsed(part) for part in typed))


def kind_of(area: str) -> AreaKind:
    """Whether an area in normal form is a sector, such as PR1 8, or an outcode, such as PR1."""
    return AreaKind.SECTOR if " " in area else AreaKind.OUTCODE


def in_order(areas: Iterable[str]) -> list[str]:
    """Areas as a person reads them: PR1, PR1 8, PR2, PR10."""
    return sorted(areas, key=_place_in_order)


def _place_in_order(area: str) -> tuple[str, int, str, str]:
    found = re.fullmatch(r"([A-Z]+)([0-9]*)([A-Z]*)(?: ([0-9]))?", area)
    return (found[1], int(found[2] or 0), found[3], found[4] or "") if found else (area, 0, "", "")


def _parsed(text: str) -> str:
    try:
        place = parse_place(text)
    except ValueError:
        raise ValueError(f"“{text[:20]}” is no area. {EXAMPLE}") from None
    if isinstance(place, PostcodeArea):
        raise ValueError(f"“{text[:20]}” is a whole postcode area. {EXAMPLE}")
    return str(place)
