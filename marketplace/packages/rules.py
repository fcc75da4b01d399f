"""The states of a package, what may follow what, and what must be known before providers are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from marketplace.packages.visits import Visit, reasons_against_visits

FRESH_FOR = timedelta(hours=24)


class PackageStatus(StrEnum):
    """Where a package stands between the need and the last visit."""

    DRAFT = "draft"
    READY = "ready"
    IN_BATCH = "in_batch"
    ON_OFFER = "on_offer"
    AWAITING_AWARD = "awaiting_award"
    AWARDED = "awarded"
    RUNNING = "running"
    ENDED = "ended"
    ON_HOLD = "on_hold"
    WITHDRAWN = "withdrawn"
    UNSOURCED = "unsourced"


class Source(StrEnum):
    """What brought the need about."""

    COMMUNITY = "community"
    HOSPITAL_DISCHARGE = "hospital_discharge"
    REALLOCATION = "reallocation"
    REVIEW = "review"
    CHC = "chc"


class Urgency(StrEnum):
    """Which response window applies; urgent packages are never batched."""

    URGENT = "urgent"
    STANDARD = "standard"


class CarerGender(StrEnum):
    """The gender of carer that the person must have."""

    ANY = "any"
    FEMALE = "female"
    MALE = "male"


class Funding(StrEnum):
    """Who pays the authority's side of the price."""

    COUNCIL = "council"
    HEALTH = "health"
    JOINT = "joint"


_S = PackageStatus

MOVES: dict[PackageStatus, frozenset[PackageStatus]] = {
    _S.DRAFT: frozenset({_S.READY, _S.ON_HOLD, _S.WITHDRAWN}),
    _S.READY: frozenset({_S.DRAFT, _S.IN_BATCH, _S.ON_OFFER, _S.UNSOURCED, _S.ON_HOLD, _S.WITHDRAWN}),
    _S.IN_BATCH: frozenset({_S.READY, _S.ON_OFFER, _S.UNSOURCED, _S.ON_HOLD, _S.WITHDRAWN}),
    _S.ON_OFFER: frozenset({_S.READY, _S.AWAITING_AWARD, _S.UNSOURCED, _S.ON_HOLD, _S.WITHDRAWN}),
    _S.AWAITING_AWARD: frozenset({_S.AWARDED, _S.UNSOURCED, _S.ON_HOLD, _S.WITHDRAWN}),
    _S.AWARDED: frozenset({_S.RUNNING, _S.AWAITING_AWARD, _S.UNSOURCED, _S.WITHDRAWN}),
    _S.RUNNING: frozenset({_S.ENDED}),
    _S.UNSOURCED: frozenset({_S.READY, _S.IN_BATCH, _S.ON_OFFER, _S.ON_HOLD, _S.WITHDRAWN}),
    _S.ON_HOLD: frozenset({_S.DRAFT, _S.READY, _S.UNSOURCED, _S.WITHDRAWN}),
    _S.ENDED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}

NOT_WAITING = (_S.RUNNING, _S.ENDED, _S.WITHDRAWN)
"""States in which nobody waits for care to begin."""

# Before providers are asked, some visits can become a package of their own.
SPLITTABLE = frozenset({_S.DRAFT, _S.READY, _S.UNSOURCED})

LABELS: dict[PackageStatus, str] = {
    _S.DRAFT: "Draft",
    _S.READY: "Ready",
    _S.IN_BATCH: "In a batch",
    _S.ON_OFFER: "On offer",
    _S.AWAITING_AWARD: "Awaiting award",
    _S.AWARDED: "Awarded",
    _S.RUNNING: "Running",
    _S.ENDED: "Ended",
    _S.ON_HOLD: "On hold",
    _S.WITHDRAWN: "Withdrawn",
    _S.UNSOURCED: "Unsourced",
}

SENTENCES: dict[PackageStatus, str] = {
    _S.DRAFT: "Something is still missing before providers can be asked.",
    _S.READY: "Everything is known; it can be put in a batch or offered.",
    _S.IN_BATCH: "Gathered with others nearby, waiting to be offered together.",
    _S.ON_OFFER: "Providers have been asked and can answer until the deadline.",
    _S.AWAITING_AWARD: "The deadline has passed and at least one provider accepted.",
    _S.AWARDED: "A provider has been chosen; visits have not begun.",
    _S.RUNNING: "Visits are taking place under an agreement.",
    _S.ENDED: "The agreement has ended.",
    _S.ON_HOLD: "Nothing happens until somebody takes it off hold.",
    _S.WITHDRAWN: "The care is no longer asked for.",
    _S.UNSOURCED: "No provider has taken it; it needs a new offer.",
}

TAKEN_BACK: dict[PackageStatus, str] = {
    _S.ON_HOLD: "The council put the package on hold.",
    _S.WITHDRAWN: "The council withdrew the package.",
}
"""What is said of a package taken back wherever it stood: the reason typed can be about the person."""

# Colours of the GOV.UK tag component.
COLOURS: dict[PackageStatus, str] = {
    _S.DRAFT: "grey",
    _S.READY: "light-blue",
    _S.IN_BATCH: "turquoise",
    _S.ON_OFFER: "blue",
    _S.AWAITING_AWARD: "purple",
    _S.AWARDED: "yellow",
    _S.RUNNING: "green",
    _S.ENDED: "grey",
    _S.ON_HOLD: "orange",
    _S.WITHDRAWN: "pink",
    _S.UNSOURCED: "red",
}


@dataclass(frozen=True, slots=True)
class FundingSplit:
    """Who pays how much of the authority's side, in whole per cent adding up to 100 (F12)."""

    council_percent: int
    health_percent: int

    def __post_init__(self) -> None:
        if min(self.council_percent, self.health_percent) < 0 or self.council_percent + self.health_percent != 100:
            raise ValueError("The shares of council and NHS must add up to 100 per cent.")


@dataclass(frozen=True, slots=True)
class ReadinessFacts:
    """What is known of a package when somebody wants to call it ready."""

    has_lot: bool
    has_postcode: bool
    has_referring_team: bool
    planned_start: date | None
    today: date
    pen_picture: str
    visits: Sequence[Visit]
    short_visit_reason: str = ""
    carer_gender: CarerGender = CarerGender.ANY
    carer_gender_reason: str = ""
    funding_is_split: bool = True
    texts_refused: int = 0
    names_in_question: int = 0


def may_move(start: PackageStatus, end: PackageStatus) -> bool:
    """Whether a package may go from one state straight to the other."""
    return end in MOVES[start]


def reason_against_move(start: PackageStatus, end: PackageStatus) -> str | None:
    """Why the package cannot go there, as a sentence; None when it can."""
    if may_move(start, end):
        return None
    return f"This package is {LABELS[start].lower()}, so it cannot become {LABELS[end].lower()}."


def reasons_not_ready(facts: ReadinessFacts) -> list[str]:
    """Everything that keeps a package from being offered, each a sentence; empty when it is ready."""
    wanting = [
        (not facts.has_lot, "Choose the lot."),
        (not facts.has_postcode, "Enter the postcode where the visits take place."),
        (not facts.has_referring_team, "Choose the referring team."),
        (facts.planned_start is None, "Enter the planned start."),
        (
            facts.planned_start is not None and facts.planned_start < facts.today,
            "The planned start is in the past: enter a new one.",
        ),
        (not facts.pen_picture.strip(), "Describe the person's needs in the pen picture."),
        (
            facts.carer_gender is not CarerGender.ANY and not facts.carer_gender_reason.strip(),
            f"Say why the carer must be {facts.carer_gender}.",
        ),
        (not facts.funding_is_split, "Say who pays: the shares must add up to 100 per cent."),
        (facts.texts_refused > 0, "Take the telephone number, postcode or NHS number out of the texts."),
        (facts.names_in_question > 0, "Say whether the word in question is the person's name."),
    ]
    reasons = [sentence for is_wanting, sentence in wanting if is_wanting]
    return reasons + reasons_against_visits(facts.visits, facts.short_visit_reason)


def need_confirmation_is_fresh(confirmed_at: datetime | None, now: datetime) -> bool:
    """Whether somebody confirmed within the last 24 hours (that moment included) that the care is still needed."""
    return confirmed_at is not None and timedelta() <= now - confirmed_at <= FRESH_FOR


def funding_split(funding: Funding, health_percent: int) -> FundingSplit:
    """The shares under a kind of funding; raises ValueError with a sentence when the percentage does not fit it."""
    if not 0 <= health_percent <= 100:
        raise ValueError("The NHS share is a whole number from 0 to 100.")
    if funding is Funding.COUNCIL and health_percent != 0:
        raise ValueError("Council funding means an NHS share of 0.")
    if funding is Funding.HEALTH and health_percent != 100:
        raise ValueError("Health funding means an NHS share of 100.")
    if funding is Funding.JOINT and health_percent in (0, 100):
        raise ValueError("Joint funding means an NHS share from 1 to 99.")
    return FundingSplit(100 - health_percent, health_percent)
