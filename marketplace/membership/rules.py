"""Membership after admission: its states, suspensions and removal.

A suspension stops new offers and awards in its scope and never ends running care by itself. Removal tells the provider
first, with reasons, and waits for what it has to say (rules H4 and H5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.values.lifecycle import Lifecycle


class MembershipState(Lifecycle):
    """Where a membership of one lot stands. Suspension is not a state: it has scope and dates of its own."""

    ACTIVE = "active", "green", "The provider is a member and is offered packages.", "removal_proposed left"
    REMOVAL_PROPOSED = (
        "removal_proposed",
        "orange",
        "The provider has been told why it may be removed and can answer.",
        "active removed left",
    )
    REMOVED = "removed", "red", "The provider was removed, with reasons. It may apply again."
    LEFT = "left", "grey", "The provider left the scheme."


MEMBER_STATES = frozenset({MembershipState.ACTIVE, MembershipState.REMOVAL_PROPOSED})
"""States in which the provider is still a member: a proposal to remove takes nothing away by itself."""


@dataclass(frozen=True, slots=True)
class SuspensionFacts:
    """A stop with a scope. `lot` or `zone` None means every lot or every zone.

    It holds from `starts_on` to `ends_on`, both days included, unless lifted: from `lifted_on` it no longer holds.
    """

    reason: str
    starts_on: date
    ends_on: date
    lot: str | None = None
    zone: str | None = None
    lifted_on: date | None = None


def holds_on(suspension: SuspensionFacts, on_date: date) -> bool:
    """Does the suspension hold on this day? It ends by itself after its last day."""
    lifted = suspension.lifted_on is not None and on_date >= suspension.lifted_on
    return suspension.starts_on <= on_date <= suspension.ends_on and not lifted


def suspended_now(
    suspensions: Iterable[SuspensionFacts], lot: str, zone: str | None, on_date: date
) -> SuspensionFacts | None:
    """The suspension that stops this lot in this zone on this day, the longest-lasting one; None when free."""
    holding = [stop for stop in suspensions if holds_on(stop, on_date) and _reaches(stop, lot, zone)]
    return max(holding, key=lambda stop: (stop.ends_on, stop.starts_on, stop.reason), default=None)


def suspension_sentence(suspension: SuspensionFacts) -> str:
    """What a suspension stops, until when and why."""
    where = f"{suspension.lot or 'every lot'} in {suspension.zone or 'every zone'}"
    end = suspension.ends_on
    return f"Suspended for {where} until the end of {end.day} {end:%B %Y}: {suspension.reason.strip().rstrip('.')}."


def reasons_against_suspension(reason: str, starts_on: date, review_on: date, ends_on: date) -> dict[str, str]:
    """Why a suspension cannot be recorded, by field."""
    errors: dict[str, str] = {}
    if not reason.strip():
        errors["reason"] = "Give the reason. The provider will read it."
    if ends_on < starts_on:
        errors["ends_on"] = "The last day must not be before the first."
    if not starts_on <= review_on <= max(ends_on, starts_on):
        errors["review_on"] = "The review must be between the first and the last day."
    return errors


def reasons_against_proposing_removal(reasons: str, representations_until: date, today: date) -> dict[str, str]:
    """Why the provider cannot be told of a removal yet, by field."""
    errors: dict[str, str] = {}
    if not reasons.strip():
        errors["reasons"] = "Give the reasons. The provider must be told them before it is removed."
    if representations_until <= today:
        errors["representations_until"] = "Give the provider at least until tomorrow to answer."
    return errors


def reasons_against_removal(answer_until: date, answer: str, considered: str, today: date) -> dict[str, str]:
    """Why a member that was told the reasons cannot be removed yet, by field: it must have been heard."""
    errors: dict[str, str] = {}
    if today <= answer_until and not answer.strip():
        errors["representations_until"] = "The provider still has time to answer. Wait for it."
    if answer.strip() and not considered.strip():
        errors["considered"] = "Say how you took the provider's answer into account."
    return errors


def _reaches(suspension: SuspensionFacts, lot: str, zone: str | None) -> bool:
    return suspension.lot in (None, lot) and (suspension.zone is None or suspension.zone == zone)
