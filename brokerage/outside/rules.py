"""Awards outside the system: their states, when one may be asked for, who may decide, and the share on the system (rule S1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from app.values.labelled import Labelled
from app.values.lifecycle import Lifecycle
from app.values.rounding import whole_half_up
from marketplace.packages.rules import PackageStatus

LONGEST_AHEAD = timedelta(days=365)
MOST_PENCE = 10_000_00
HAS_INTEREST = "You declared an interest in this provider, so a colleague does this."
PUBLISHED_SHARE = "98.5 %"
"""What Lancashire published for the packages awarded in one December."""


class OutsideState(Lifecycle):
    """Where an award outside the system stands."""

    ASKED = (
        "asked",
        "yellow",
        "A second person must agree. No provider has been told.",
        "seconded awarded refused taken_back cancelled",
    )
    SECONDED = (
        "seconded",
        "yellow",
        "A second person agrees. A contract manager decides, because of the provider's rating or a suspension.",
        "awarded refused taken_back cancelled",
    )
    AWARDED = "awarded", "green", "Awarded outside the system; the agreement has been made.", "pulled_out cancelled"
    REFUSED = "refused", "red", "It was refused, with a reason."
    TAKEN_BACK = "taken_back", "grey", "Whoever asked for it took it back."
    PULLED_OUT = "pulled_out", "orange", "The provider withdrew before care began."
    CANCELLED = "cancelled", "grey", "The package was withdrawn or put on hold."


WAITING = frozenset({OutsideState.ASKED, OutsideState.SECONDED})
LIVE = WAITING | {OutsideState.AWARDED}


class OutsideGround(Labelled):
    """Why a package is bought outside the system."""

    NONE_SUITABLE = "none_suitable", "No answer was suitable, or nobody could take it"
    URGENT = "urgent", "It cannot wait for an offer"


STATES_FOR: dict[OutsideGround, frozenset[PackageStatus]] = {
    OutsideGround.NONE_SUITABLE: frozenset({PackageStatus.UNSOURCED}),
    OutsideGround.URGENT: frozenset({PackageStatus.READY, PackageStatus.UNSOURCED}),
}


@dataclass(frozen=True, slots=True)
class OutsideWanted:
    """What is asked for. The provider is one that is registered (`provider_id` as text), or is named.

    Money in pence per unit of the lot.
    """

    ground: OutsideGround
    reason: str
    price_pence: int | None
    starts_on: date | None
    has_interest: bool
    need_confirmed_with: str
    provider_id: str = ""
    provider_name: str = ""
    cqc_location_id: str = ""
    provider_postcode: str = ""


def errors_against(wanted: OutsideWanted, status: PackageStatus, today: date) -> dict[str, str]:
    """Why this cannot be asked for, by field; empty when it can."""
    found = {}
    if status not in STATES_FOR[wanted.ground]:
        found["ground"] = _state_sentence(wanted.ground, status)
    if not wanted.reason.strip():
        found["reason"] = "Say why it is bought outside the system."
    if wanted.price_pence is None or not 0 < wanted.price_pence <= MOST_PENCE:
        found["price_pence"] = "Enter the price that was agreed, above £0 and up to £10,000."
    if wanted.starts_on is None or not today <= wanted.starts_on <= today + LONGEST_AHEAD:
        found["starts_on"] = "Enter a first day of care that is not in the past, and within a year."
    if not wanted.need_confirmed_with.strip():
        found["need_confirmed_with"] = "Say with whom you confirmed that the care is still needed."
    return found | _provider_errors(wanted)


def reason_against_deciding(person: str, asked_by: str, seconded_by: str = "") -> str | None:
    """Why this person may not decide on it; None when they may."""
    if person == asked_by:
        return "You asked for this award. Somebody else must decide on it."
    if person == seconded_by:
        return "You agreed to this award already. A contract manager who is somebody else must decide on it."
    return None


def reasons_for_clearance(gate_sentence: str | None, suspended_until: date | None, vanished: bool) -> tuple[str, ...]:
    """Why a contract manager must decide too, each a sentence; none for a provider in good standing."""
    found = [gate_sentence] if gate_sentence else []
    if suspended_until:
        found.append(f"The provider is suspended until the end of {suspended_until.day} {suspended_until:%B %Y}.")
    if vanished:
        found.append("CQC lists the provider's location no more.")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class SystemShare:
    """How many awards a month, or several, were made on the system and outside it."""

    first_day: date
    on_system: int
    outside: int

    @property
    def permille(self) -> int | None:
        """Awards on the system of 1,000 awards, rounded half up; None where nothing was awarded."""
        all_awards = self.on_system + self.outside
        return whole_half_up(Fraction(1000 * self.on_system, all_awards)) if all_awards else None

    @property
    def text(self) -> str:
        """The share in per cent, such as `98.5 %`."""
        return "no awards" if self.permille is None else f"{self.permille // 10}.{self.permille % 10} %"


def added_up(shares: Iterable[SystemShare]) -> SystemShare:
    """Several months, the earliest first, as one."""
    months = list(shares)
    counts = sum(month.on_system for month in months), sum(month.outside for month in months)
    return SystemShare(months[0].first_day, *counts)


def _state_sentence(ground: OutsideGround, status: PackageStatus) -> str:
    now = f"This package is {status.label.lower()}."
    if ground is OutsideGround.NONE_SUITABLE and status is PackageStatus.READY:
        return f"{now} Offer it first; or say that it cannot wait, and why."
    return f"{now} Only one that nobody suits, or an urgent one that is ready, can be bought outside the system."


def _provider_errors(wanted: OutsideWanted) -> dict[str, str]:
    if wanted.provider_id:
        named = wanted.provider_name or wanted.cqc_location_id
        return {"provider_id": "Choose a provider or name one, not both."} if named else {}
    if not (wanted.provider_name.strip() or wanted.cqc_location_id.strip()):
        return {"provider_id": "Choose the provider, or name one that is not in the list."}
    return {}
