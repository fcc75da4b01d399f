"""The states of a package, what somebody asks for, and what must be known before providers are asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.values.days import date_text
from app.values.labelled import Labelled
from app.values.lifecycle import Lifecycle
from app.values.postcode import Postcode
from marketplace.packages.visits import Visit, reasons_against_visits, weekly_minutes
from marketplace.people.rules import BIRTH_IN_QUESTION
from marketplace.vocabulary import CarerGender

FRESH_FOR = timedelta(hours=24)
KNOWN_ALREADY = "Is this somebody known already? {} has the same NHS number: say whether it is the same person."
ADDRESS_IN_QUESTION = (
    "Where does the person live? This package came with: {}. The person’s record says: {}. Say which of them holds."
)


class PackageStatus(
    Lifecycle, refusal="{named} is {state} now, so it cannot become {to}. Nothing was changed.", unnamed="This package"
):
    """Where a package stands between the need and the last visit."""

    DRAFT = "draft", "grey", "Something is still missing before providers can be asked.", "ready on_hold withdrawn"
    READY = (
        "ready",
        "light-blue",
        "Everything is known; it can be put in a batch or offered.",
        "draft in_batch on_offer awarded on_hold withdrawn unsourced",
    )
    IN_BATCH = (
        "in_batch",
        "turquoise",
        "Gathered with others nearby, waiting to be offered together.",
        "ready on_offer on_hold withdrawn unsourced",
        "In a batch",
    )
    ON_OFFER = (
        "on_offer",
        "blue",
        "Providers have been asked and can answer until the deadline.",
        "ready awaiting_award on_hold withdrawn unsourced",
    )
    AWAITING_AWARD = (
        "awaiting_award",
        "purple",
        "The deadline has passed and at least one provider accepted.",
        "awarded on_hold withdrawn unsourced",
    )
    AWARDED = (
        "awarded",
        "yellow",
        "A provider has been chosen; visits have not begun.",
        "awaiting_award running withdrawn unsourced",
    )
    RUNNING = "running", "green", "Visits are taking place under an agreement.", "ended"
    ENDED = "ended", "grey", "The agreement has ended."
    ON_HOLD = (
        "on_hold",
        "orange",
        "Nothing happens until somebody takes it off hold.",
        "draft ready withdrawn unsourced",
    )
    WITHDRAWN = "withdrawn", "pink", "The care is no longer asked for."
    UNSOURCED = (
        "unsourced",
        "red",
        "No provider has taken it; it needs a new offer.",
        "ready in_batch on_offer awarded on_hold withdrawn",
    )


class Source(Labelled):
    """What brought the need about."""

    COMMUNITY = "community"
    HOSPITAL_DISCHARGE = "hospital_discharge"
    REALLOCATION = "reallocation", "Moving from another provider"
    REVIEW = "review"
    CHC = "chc", "Continuing healthcare"


class Urgency(Labelled):
    """Which response window applies; urgent packages are never batched."""

    URGENT = "urgent"
    STANDARD = "standard"


class Funding(StrEnum):
    """Who pays the authority's side of the price."""

    COUNCIL = "council"
    HEALTH = "health"
    JOINT = "joint"


_S = PackageStatus

NOT_WAITING = (_S.RUNNING, _S.ENDED, _S.WITHDRAWN)
"""States in which nobody waits for care to begin."""

# Before providers are asked, some visits can become a package of their own.
SPLITTABLE = frozenset({_S.DRAFT, _S.READY, _S.UNSOURCED})

# What is asked for can be changed while nobody has been asked.
EDITABLE = frozenset({_S.DRAFT, _S.READY, _S.UNSOURCED, _S.ON_HOLD})

# A new earliest start can be given until providers are asked.
NOT_YET_OFFERED = EDITABLE | {_S.IN_BATCH}

# States in which a package that grew old is asked about again before it goes on.
ASKED_ABOUT = (_S.READY, _S.IN_BATCH, _S.UNSOURCED)

TAKEN_BACK: dict[PackageStatus, str] = {
    _S.ON_HOLD: "The council put the package on hold.",
    _S.WITHDRAWN: "The council withdrew the package.",
}
"""What is said of a package taken back wherever it stood: the reason typed can be about the person."""


@dataclass(frozen=True, slots=True)
class FundingSplit:
    """Who pays how much of the authority's side, in whole per cent adding up to 100 (F12)."""

    council_percent: int
    health_percent: int

    def __post_init__(self) -> None:
        if min(self.council_percent, self.health_percent) < 0 or self.council_percent + self.health_percent != 100:
            raise ValueError("The shares of council and NHS must add up to 100 per cent.")


ALL_COUNCIL = FundingSplit(100, 0)


@dataclass(frozen=True, slots=True)
class Need:
    """The care asked for: everything about a package but whose it is and where it stands. Money in pence a week."""

    lot_id: UUID
    source: Source
    urgency: Urgency
    planned_start: date
    postcode: Postcode
    visits: tuple[Visit, ...]
    pen_picture: str
    short_visit_reason: str = ""
    carer_gender: CarerGender = CarerGender.ANY
    carer_gender_reason: str = ""
    skills: tuple[str, ...] = ()
    language: str = ""
    split: FundingSplit = ALL_COUNCIL
    cost_ceiling_pence: int | None = None
    referring_team_id: UUID | None = None
    incumbent_provider_id: UUID | None = None

    @property
    def texts(self) -> dict[str, str]:
        """What providers will read, by field."""
        return {
            "pen_picture": self.pen_picture,
            "carer_gender_reason": self.carer_gender_reason,
            "short_visit_reason": self.short_visit_reason,
            "language": self.language,
            "skills": " | ".join(self.skills),
            "visits": " | ".join(dict.fromkeys(visit.tasks for visit in self.visits if visit.tasks)),
        }

    @property
    def columns(self) -> dict[str, object]:
        """The package's own columns, apart from its place on the map. A text that says nothing is none there."""
        own = {name: getattr(self, name) for name in NEED_COLUMNS}
        texts = {name: own[name] or None for name in ("short_visit_reason", "carer_gender_reason", "language")}
        outcode, sector = str(self.postcode.outcode), str(self.postcode.sector)
        place = {"postcode": self.postcode.text, "outcode": outcode, "sector": sector}
        return {**own, **texts, **place, "weekly_minutes": weekly_minutes(self.visits)}


NEED_COLUMNS = tuple(
    field.name for field in fields(Need) if field.name not in ("postcode", "visits", "skills", "split")
)
"""What a need and the row of its package call by one name."""


def reasons_not_ready(
    need: Need, today: date, *, funding_is_split: bool = True, birth_in_question: bool = False
) -> dict[str, str]:
    """Everything that keeps a package from being offered, in sentences by field of its form; empty when it is ready."""
    no_reason_for_gender = need.carer_gender is not CarerGender.ANY and not need.carer_gender_reason.strip()
    wanting = [
        ("team", not need.referring_team_id, "Choose the referring team."),
        ("planned_start", need.planned_start < today, "The planned start is in the past: enter a new one."),
        ("date_of_birth", birth_in_question, BIRTH_IN_QUESTION),
        ("pen_picture", not need.pen_picture.strip(), "Describe the person's needs in the pen picture."),
        ("carer_gender_reason", no_reason_for_gender, f"Say why the carer must be {need.carer_gender}."),
        ("health_percent", not funding_is_split, "Say who pays: the shares must add up to 100 per cent."),
    ]
    reasons = {name: sentence for name, is_wanting, sentence in wanting if is_wanting}
    against_visits = reasons_against_visits(need.visits, need.short_visit_reason)
    return reasons | ({"visits": " ".join(against_visits)} if against_visits else {})


class Starting(Protocol):
    """What has a reference and a day on which its care is to start."""

    @property
    def reference(self) -> str: ...

    @property
    def planned_start(self) -> date: ...


def reasons_too_soon(packages: Iterable[Starting], first: date) -> list[str]:
    """Why packages cannot be offered now, a sentence each, the earliest start first: `first` is when care can begin."""
    soon = [(package.planned_start, package.reference) for package in packages if package.planned_start < first]
    return [
        f"{reference} is to start on {date_text(start)}. Offered now, care can begin on {date_text(first)} or later: "
        "give it a new earliest start."
        for start, reference in sorted(soon)
    ]


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
