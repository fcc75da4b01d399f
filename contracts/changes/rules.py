"""What may be changed in a running agreement, from when, and who decides: pure decisions with their reasons.

Seeds: retainer and held places (rule I7: up to two weeks in Leeds, as long as agreed elsewhere); handing back with
reason and notice (glossary: handback).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.values.labelled import Labelled
from app.values.lifecycle import Lifecycle
from contracts.agreements.rules import AgreementState

NOTICE = timedelta(days=28)
"""How long a provider that hands back goes on for at least; a broker may agree on less."""
LONGEST_AHEAD = timedelta(days=365)
"""How far ahead a change may be dated: further is a slip of the pen."""


class ChangeKind(Labelled):
    """What is changed."""

    END = "end"
    SUSPEND = "suspend"
    RESUME = "resume"
    HAND_BACK = "hand_back"


class ChangeState(Lifecycle, refusal="This change cannot be settled now. {sentence}"):
    """Where a change stands."""

    ASKED = "asked", "orange", "The provider has asked for it. A commissioner decides.", "agreed refused taken_back"
    AGREED = "agreed", "blue", "It is agreed, and takes effect on its day.", "done taken_back"
    DONE = "done", "green", "It has taken effect."
    REFUSED = "refused", "red", "It was refused."
    TAKEN_BACK = "taken_back", "grey", "It was taken back before it took effect."


OPEN_STATES = (ChangeState.ASKED, ChangeState.AGREED)


class AskedBy(Labelled):
    """Who wants the change."""

    PERSON = "person"
    FAMILY = "family"
    ADVOCATE = "advocate"
    HOSPITAL = "hospital"
    PROVIDER = "provider"
    COUNCIL = "council"
    HEALTH = "health"


class Cause(Labelled):
    """Why care changes: codes that can be counted. What is typed beside them stays with those who know the person."""

    HOSPITAL = "hospital"
    HOLIDAY = "holiday"
    DIED = "died"
    RECOVERED = "recovered"
    MOVED = "moved"
    CARE_HOME = "care_home"
    STAFFING = "staffing"
    SAFETY = "safety"
    WISHES = "wishes"
    BACK_HOME = "back_home"
    OTHER = "other"


CAUSES: dict[ChangeKind, tuple[Cause, ...]] = {
    ChangeKind.END: (Cause.DIED, Cause.RECOVERED, Cause.MOVED, Cause.CARE_HOME, Cause.WISHES, Cause.OTHER),
    ChangeKind.SUSPEND: (Cause.HOSPITAL, Cause.HOLIDAY, Cause.OTHER),
    ChangeKind.RESUME: (Cause.BACK_HOME, Cause.OTHER),
    ChangeKind.HAND_BACK: (Cause.STAFFING, Cause.SAFETY, Cause.MOVED, Cause.OTHER),
}
BEGINS_IN: dict[ChangeKind, frozenset[AgreementState]] = {
    ChangeKind.END: frozenset({AgreementState.RUNNING, AgreementState.SUSPENDED}),
    ChangeKind.SUSPEND: frozenset({AgreementState.RUNNING}),
    ChangeKind.RESUME: frozenset({AgreementState.SUSPENDED}),
    ChangeKind.HAND_BACK: frozenset({AgreementState.RUNNING, AgreementState.SUSPENDED}),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change as somebody wants it. `on` is the last day of care (end, hand back), or the first day away or back."""

    kind: ChangeKind
    on: date
    cause: Cause
    asked_by: AskedBy
    reason: str
    hold_until: date | None = None


def errors_against(wanted: Wanted, starts_on: date, today: date, *, is_provider: bool) -> dict[str, str]:
    """What is wrong with a wanted change, by field; empty when nothing is."""
    errors: dict[str, str] = {}
    if wanted.cause not in CAUSES[wanted.kind]:
        errors["cause"] = "Choose one of the causes."
    if error := _error_of_day(wanted, starts_on, today, is_provider=is_provider):
        errors["on"] = error
    if wanted.kind is ChangeKind.SUSPEND and (wanted.hold_until is None or wanted.hold_until < max(wanted.on, today)):
        errors["hold_until"] = "Enter until which day the place is held, today or later, not before the first day away."
    elif wanted.hold_until is not None and wanted.hold_until - wanted.on > LONGEST_AHEAD:
        errors["hold_until"] = "Enter a day within a year of the first day away."
    return errors


def _error_of_day(wanted: Wanted, starts_on: date, today: date, *, is_provider: bool) -> str | None:
    if wanted.on < starts_on:
        return "Enter a day that is not before the first day of care."
    if wanted.on > today + LONGEST_AHEAD:
        return "Enter a day within a year from today."
    if wanted.kind is ChangeKind.HAND_BACK:
        earliest = today + NOTICE if is_provider else today
        return None if wanted.on >= earliest else f"Notice is {NOTICE.days} days. Enter {earliest:%-d %B %Y} or later."
    return None


def whose_wish(asked_by: AskedBy, *, is_provider: bool) -> AskedBy:
    """Who wants a change, whatever was entered: what a provider enters is its own, and nothing else is."""
    if is_provider:
        return AskedBy.PROVIDER
    return AskedBy.COUNCIL if asked_by is AskedBy.PROVIDER else asked_by


def reason_against(kind: ChangeKind, state: AgreementState) -> str | None:
    """Why an agreement in this state cannot be changed so; None when it can."""
    return None if state in BEGINS_IN[kind] else f"This cannot be done now. {state.sentence}"


def reason_against_agreeing(
    kind: ChangeKind, state: AgreementState, hold_until: date | None, today: date
) -> str | None:
    """Why what was asked for cannot be agreed to any more: the agreement has changed, or the hold is over by now."""
    if hold_until is not None and hold_until < today:
        return "The place was to be held until a day that is over. Refuse it, and enter what holds now."
    return reason_against(kind, state)


def reason_against_deciding(asked_by: UUID | None, decider: UUID) -> str | None:
    """Nobody agrees to what they asked for themselves; None where somebody else did."""
    return "You asked for this yourself. Somebody else must decide." if asked_by == decider else None


def reason_against_taking_back(
    kind: ChangeKind, asked_by: AskedBy, state: ChangeState, *, is_provider: bool
) -> str | None:
    """Why somebody may not take a change back; None where they may.

    A provider takes back what it asked for while nobody has decided, and its own handing back; commissioners take back
    what is agreed.
    """
    if not is_provider:
        return None if state is not ChangeState.ASKED else "Nothing is agreed yet. Refuse it instead."
    own = asked_by is AskedBy.PROVIDER and (state is ChangeState.ASKED or kind is ChangeKind.HAND_BACK)
    return None if own else "This is the council’s to take back. Ask it to."


def takes_effect(kind: ChangeKind, on: date, today: date) -> bool:
    """Whether an agreed change takes effect: a suspension and a return on their day, an end once the last day is over."""
    return today > on if kind is ChangeKind.END else kind is not ChangeKind.HAND_BACK and today >= on


def last_day_before(successor_starts_on: date) -> date:
    """The last day of care under an agreement that is handed back: the day before the successor's first."""
    return successor_starts_on - timedelta(days=1)


def earliest_hand_over(today: date) -> date:
    """The first day on which a successor's provider can begin: today the present one has cared, or still will."""
    return today + timedelta(days=1)


def reason_against_successor(provider_id: UUID, handing_back_id: UUID) -> str | None:
    """Why a provider cannot be awarded what was handed back; None where it can."""
    reason = "This provider hands the package back. It can take that back, but not win it anew."
    return reason if provider_id == handing_back_id else None
