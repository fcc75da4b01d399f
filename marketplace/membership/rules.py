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
class Suspension:
    """A stop with a scope. `lot` or `zone` None means every lot or every zone.

    It holds from `starts_on` to `ends_on`, both days included, unless lifted: from `lifted_on` it no longer holds.
    `new_offers_only` says that running care goes on untouched; False asks the contract manager to look at it too.
    """

    reason: str
    starts_on: date
    review_on: date
    ends_on: date
    lot: str | None = None
    zone: str | None = None
    new_offers_only: bool = True
    lifted_on: date | None = None


@dataclass(frozen=True, slots=True)
class RemovalFacts:
    """What is known when a removal is about to be made final. Dates are local."""

    reasons: str
    told_on: date | None
    representations_until: date | None
    representations: str
    considered: str
    proposed_by: str
    decided_by: str


def holds_on(suspension: Suspension, on_date: date) -> bool:
    """Does the suspension hold on this day? It ends by itself after its last day."""
    lifted = suspension.lifted_on is not None and on_date >= suspension.lifted_on
    return suspension.starts_on <= on_date <= suspension.ends_on and not lifted


def suspended_now(suspensions: Iterable[Suspension], lot: str, zone: str | None, on_date: date) -> Suspension | None:
    """The suspension that stops this lot in this zone on this day, the longest-lasting one; None when free."""
    found = [one for one in suspensions if holds_on(one, on_date) and _reaches(one, lot, zone)]
    return max(found, key=lambda one: (one.ends_on, one.starts_on, one.reason), default=None)


def suspension_sentence(suspension: Suspension) -> str:
    """What a suspension stops, until when and why."""
    where = f"{suspension.lot or 'every lot'} in {suspension.zone or 'every zone'}"
    end = suspension.ends_on
    return f"Suspended for {where} until the end of {end.day} {end:%B %Y}: {suspension.reason.strip().rstrip('.')}."


def reasons_against_suspension(suspension: Suspension) -> dict[str, str]:
    """Why a suspension cannot be recorded, by field."""
    found: dict[str, str] = {}
    if not suspension.reason.strip():
        found["reason"] = "Give the reason. The provider will read it."
    if suspension.ends_on < suspension.starts_on:
        found["ends_on"] = "The last day must not be before the first."
    if not suspension.starts_on <= suspension.review_on <= max(suspension.ends_on, suspension.starts_on):
        found["review_on"] = "The review must be between the first and the last day."
    return found


def reasons_against_proposing_removal(reasons: str, representations_until: date, today: date) -> dict[str, str]:
    """Why the provider cannot be told of a removal yet, by field."""
    found: dict[str, str] = {}
    if not reasons.strip():
        found["reasons"] = "Give the reasons. The provider must be told them before it is removed."
    if representations_until <= today:
        found["representations_until"] = "Give the provider at least until tomorrow to answer."
    return found


def reasons_against_removal(facts: RemovalFacts, today: date) -> dict[str, str]:
    """Why a member cannot be removed yet, by field: told first with reasons, heard, and by two people."""
    found: dict[str, str] = {}
    if not facts.reasons.strip() or facts.told_on is None:
        found["told_on"] = "Tell the provider first, with the reasons."
    if facts.representations_until is None or (
        today <= facts.representations_until and not facts.representations.strip()
    ):
        found["representations_until"] = "The provider still has time to answer. Wait for it."
    if facts.representations.strip() and not facts.considered.strip():
        found["considered"] = "Say how you took the provider's answer into account."
    if facts.proposed_by == facts.decided_by:
        found["decided_by"] = "A second person must decide on a removal."
    return found


def _reaches(suspension: Suspension, lot: str, zone: str | None) -> bool:
    return suspension.lot in (None, lot) and (suspension.zone is None or suspension.zone == zone)
