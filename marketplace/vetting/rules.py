"""Applications to join a scheme: their states, checks, the decision and its clock.

A provider applies with one location; checks are made; the CQC gate (see `gate`) is asked; a decision is given with
reasons (rules A2, H3 and H9).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

STANDARD_PERIOD_DAYS = 10
LONGEST_PERIOD_DAYS = 15
SHORTEST_REASON = 10
"""Working days to decide, working days when a longer time is justified, and characters in a reason."""

AfterWorkingDays = Callable[[date, int], date]
"""The date that is n working days after a date; the caller brings the calendar."""


class ApplicationState(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECKING = "checking"
    WAITING = "waiting"
    ADMITTED = "admitted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


_DECIDED = frozenset({ApplicationState.ADMITTED, ApplicationState.REFUSED})

APPLICATION_MOVES: dict[ApplicationState, frozenset[ApplicationState]] = {
    ApplicationState.DRAFT: frozenset({ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}),
    ApplicationState.SUBMITTED: _DECIDED | {ApplicationState.CHECKING, ApplicationState.WITHDRAWN},
    ApplicationState.CHECKING: _DECIDED | {ApplicationState.WAITING, ApplicationState.WITHDRAWN},
    ApplicationState.WAITING: _DECIDED | {ApplicationState.CHECKING, ApplicationState.WITHDRAWN},
    ApplicationState.ADMITTED: frozenset(),
    ApplicationState.REFUSED: frozenset(),
    ApplicationState.WITHDRAWN: frozenset(),
}

APPLICATION_SENTENCES: dict[ApplicationState, str] = {
    ApplicationState.DRAFT: "The provider has not sent this application yet.",
    ApplicationState.SUBMITTED: "The application has arrived and waits for its checks.",
    ApplicationState.CHECKING: "A contract manager is checking this application.",
    ApplicationState.WAITING: "The application waits for more information from the provider.",
    ApplicationState.ADMITTED: "The provider is a member.",
    ApplicationState.REFUSED: "The application was refused. The provider has been told why and may apply again.",
    ApplicationState.WITHDRAWN: "The provider took this application back.",
}

APPLICATION_COLOURS: dict[ApplicationState, str] = {
    ApplicationState.DRAFT: "grey",
    ApplicationState.SUBMITTED: "blue",
    ApplicationState.CHECKING: "purple",
    ApplicationState.WAITING: "yellow",
    ApplicationState.ADMITTED: "green",
    ApplicationState.REFUSED: "red",
    ApplicationState.WITHDRAWN: "grey",
}


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


def reason_against_move(state: ApplicationState, to: ApplicationState) -> str | None:
    """Why an application cannot go from one state to another; None when it can."""
    if to in APPLICATION_MOVES[state]:
        return None
    return f"This cannot be done now. {APPLICATION_SENTENCES[state]}"


def reasons_against_decision(draft: DecisionDraft) -> dict[str, str]:
    """Why a decision cannot be recorded, by field: reasons are always needed, and admission needs every check."""
    found: dict[str, str] = {}
    move = ApplicationState.ADMITTED if draft.admit else ApplicationState.REFUSED
    if problem := reason_against_move(draft.state, move):
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
