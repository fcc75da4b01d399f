"""Applications to join a scheme: their states, checks, the decision and its clock.

A provider applies with one location; checks are made; the CQC gate (see `gate`) is asked; a decision is given with
reasons (rules A2, H3 and H9).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.values.lifecycle import Lifecycle

STANDARD_PERIOD_DAYS = 10
LONGEST_PERIOD_DAYS = 15
SHORTEST_REASON = 10
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


_DECIDED = frozenset({ApplicationState.ADMITTED, ApplicationState.REFUSED})


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
class DecisionDraft:
    """A decision about to be made. `reasons` is what the provider will read."""

    admit: bool
    reasons: str
    state: ApplicationState
    checks: Mapping[CheckKind, CheckOutcome]
    gate: GateAnswer
    entry_score: int | None


def reasons_against_decision(draft: DecisionDraft) -> dict[str, str]:
    """Why a decision cannot be recorded, by field: reasons are always needed, and admission needs every check."""
    found: dict[str, str] = {}
    move = ApplicationState.ADMITTED if draft.admit else ApplicationState.REFUSED
    if problem := draft.state.reason_against(move):
        found["state"] = problem
    if len(draft.reasons.strip()) < SHORTEST_REASON:
        found["reasons"] = "Give the reasons for the decision. The provider will read them."
    if draft.admit:
        found |= _reasons_against_admission(draft)
    return found


def decision_due(received_on: date, after_working_days: AfterWorkingDays, longer_because: str = "") -> date:
    """The last day to answer: 10 working days after receipt, 15 when a longer time is justified in words (rule H9)."""
    days = LONGEST_PERIOD_DAYS if longer_because.strip() else STANDARD_PERIOD_DAYS
    return after_working_days(received_on, days)


def decision_clock_text(due: date, today: date) -> str:
    """How the decision clock reads on a page."""
    left = (due - today).days
    if left < 0:
        return f"The decision was due on {due.day} {due:%B %Y} and is {-left} {'day' if left == -1 else 'days'} late."
    return f"Decide by {due.day} {due:%B %Y}."


def _reasons_against_admission(draft: DecisionDraft) -> dict[str, str]:
    found = {
        f"check_{kind.value}": f"{CHECK_NAMES[kind]}: {_check_problem(draft.checks.get(kind, CheckOutcome.NOT_DONE))}"
        for kind in CheckKind
        if draft.checks.get(kind, CheckOutcome.NOT_DONE) is not CheckOutcome.PASSED
    }
    if draft.gate.result is GateResult.REFUSE:
        found["gate"] = draft.gate.reason
    if draft.entry_score is None or not 0 <= draft.entry_score <= 100:
        found["entry_score"] = "Enter the score of the entry assessment, 0 to 100."
    return found


def _check_problem(outcome: CheckOutcome) -> str:
    return "the provider did not pass." if outcome is CheckOutcome.FAILED else "this check has not been made yet."
