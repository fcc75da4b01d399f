"""What a scheme's policy says and which values it may have, in words too; and which floor and ceiling hold.

Of the prices that have begun, the most specific row holds, then the newest: a zone's own row beats a row for all zones;
within that, a band's own row beats one for all hours.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date, time
from typing import Protocol, TypeVar
from uuid import UUID

from app.values.hours import hours_text
from app.values.money import Money
from app.values.words import counted
from marketplace.vocabulary import AwardMethod, LotUnit, PriceBand, PriceScoring, Rating, TolerancePolicy, UnratedPolicy

Price = TypeVar("Price", bound="PriceRow")


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """One policy without its date. Money in pence per hour or per week, times as HH:MM in England."""

    quality_weight: int = 60
    price_weight: int = 40
    price_scoring: PriceScoring = PriceScoring.BAND
    quality_minimum: int = 40
    award_method: AwardMethod = AwardMethod.BROKER_AWARD
    min_cqc_rating: Rating = Rating.GOOD
    unrated_policy: UnratedPolicy = UnratedPolicy.ADMIT_WITH_REVIEW
    tolerance_policy: TolerancePolicy = TolerancePolicy.PERCENTAGE
    yardstick_pence: int | None = None
    award_limit_pence: int | None = None
    urgent_hours: int = 4
    standard_hours: int = 24
    batch_working_days: int = 5
    setup_working_days: int = 2
    opening: str = "08:00"
    closing: str = "20:00"
    still_needed_after_days: int = 14
    batch_start_spread_days: int = 14
    batch_max_minutes: int = 200 * 60
    batch_max_packages: int = 12
    batch_max_km: int = 30
    batch_join_km: int = 6
    small_district_below: int = 5
    reopen_working_days: int = 10
    assessment_summaries: bool = False
    claims: dict[str, object] = field(default_factory=dict)
    kpi_targets: dict[str, object] = field(default_factory=dict)


TERM_NAMES: tuple[str, ...] = tuple(each.name for each in fields(PolicyTerms))

CONDITIONS = ("min_cqc_rating", "unrated_policy")
"""What a provider must meet to be a member; the rest says how awards are made."""

WHOLE_NUMBERS: dict[str, tuple[int, int]] = {
    "quality_weight": (0, 100),
    "price_weight": (0, 100),
    "quality_minimum": (0, 100),
    "urgent_hours": (1, 72),
    "standard_hours": (1, 336),
    "batch_working_days": (1, 30),
    "setup_working_days": (0, 20),
    "still_needed_after_days": (0, 365),
    "batch_start_spread_days": (0, 365),
    "batch_max_minutes": (60, 60_000),
    "batch_max_packages": (1, 100),
    "batch_max_km": (1, 100),
    "batch_join_km": (0, 100),
    "small_district_below": (0, 100),
    "reopen_working_days": (0, 60),
}
"""The least and the most of every whole number; more would be a slip of the keyboard."""


def problems_with(terms: PolicyTerms) -> dict[str, str]:
    """What is wrong with a policy: field to sentence, empty when it can be used."""
    limits = WHOLE_NUMBERS.items()
    wrong = [name for name, (least, most) in limits if not least <= getattr(terms, name) <= most]
    problems = {name: whole_number_sentence(name) for name in wrong}
    total = terms.quality_weight + terms.price_weight
    if total != 100:
        problems["price_weight"] = f"The weights of quality and price must add up to 100; these add up to {total}."
    amounts = {"yardstick_pence": terms.yardstick_pence, "award_limit_pence": terms.award_limit_pence}
    none = [name for name, pence in amounts.items() if pence is not None and pence <= 0]
    return problems | _time_problems(terms) | dict.fromkeys(none, "Enter an amount over £0, or leave it out.")


def changes_between(old: PolicyTerms, new: PolicyTerms) -> dict[str, tuple[object, object]]:
    """The fields that differ, with what they were and what they become."""
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in TERM_NAMES}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def whole_number_sentence(name: str) -> str:
    """What to enter in a whole number's field."""
    least, most = WHOLE_NUMBERS[name]
    return f"Enter a whole number from {least} to {most}."


def _time_problems(terms: PolicyTerms) -> dict[str, str]:
    wrong = [name for name in ("opening", "closing") if not _is_time(getattr(terms, name))]
    if not wrong and terms.opening >= terms.closing:
        return {"closing": "The closing time must be after the opening time."}
    return dict.fromkeys(wrong, "Enter a time such as 08:00.")


def _is_time(text: str) -> bool:
    try:
        return len(text) == len("08:00") and time.fromisoformat(text).strftime("%H:%M") == text
    except ValueError:
        return False


# ------------------------------------------------------------------------------------------------- floors and ceilings


@dataclass(frozen=True, slots=True)
class PriceLimits:
    """Floor and ceiling in pence per unit of the lot."""

    floor_pence: int
    ceiling_pence: int


class PriceRow(Protocol):
    """A dated row of floor and ceiling, for one zone or all, for one band of hours or all."""

    zone_id: UUID | None
    band: PriceBand | None
    floor_pence: int
    ceiling_pence: int
    valid_from: date


def rows_in_force(rows: Iterable[Price], on: date) -> list[Price]:
    """For each zone and band the newest row that has begun; rows for all zones first, then by zone and band."""
    newest: dict[tuple[str, str], Price] = {}
    for row in sorted(rows, key=lambda row: row.valid_from):
        if row.valid_from <= on:
            newest[(str(row.zone_id or ""), str(row.band or ""))] = row
    return [newest[key] for key in sorted(newest)]


def limits_among(
    rows: Iterable[PriceRow], zone_id: UUID | None, on: date, band: PriceBand | None = None
) -> PriceLimits | None:
    """The limits for a zone (None: outside every zone) on a date, for one band or for any hour; None without a row."""
    fitting = [row for row in rows_in_force(rows, on) if row.zone_id in (None, zone_id) and row.band in (None, band)]
    best = max(fitting, key=lambda row: (row.zone_id is not None, row.band is not None), default=None)
    return PriceLimits(best.floor_pence, best.ceiling_pence) if best else None


# -------------------------------------------------------------------------------------------------- in plain sentences


SCORING = {
    PriceScoring.BAND: "A price scores 100 at the floor and 0 at the ceiling, in even steps.",
    PriceScoring.RELATIVE: "The lowest price scores 100, every other its share of that.",
}
AWARD_METHODS = {
    AwardMethod.BROKER_AWARD: "A broker awards in the ranked order.",
    AwardMethod.PERSON_CHOICE: "The person chooses from the ranked list.",
}
UNRATED = {
    UnratedPolicy.REJECT: "A branch without a rating is refused.",
    UnratedPolicy.ADMIT: "A branch without a rating is admitted.",
    UnratedPolicy.ADMIT_WITH_REVIEW: "A branch without a rating waits until a contract manager decides.",
}
TOLERANCES = {
    TolerancePolicy.PERCENTAGE: "Reviews by providers are judged by the percentage of weekly hours that changes.",
    TolerancePolicy.FLEX_HOURS: "Reviews by providers are judged by the hours that change and the level of cost.",
}
UNITS = {LotUnit.HOUR: "per hour", LotUnit.NIGHT: "per night", LotUnit.WEEK: "per week"}
BANDS = {
    PriceBand.WEEKDAY: "weekdays",
    PriceBand.WEEKEND: "weekends",
    PriceBand.NIGHT: "nights",
    PriceBand.COMPLEX: "complex care",
}


def policy_sentences(terms: PolicyTerms, *, internal: bool) -> tuple[str, ...]:
    """What the policy means. `internal` adds what is the council's own business, such as its award limit."""
    return (*_open_to_all(terms), *_own_business(terms)) if internal else _open_to_all(terms)


def end_sentence(ends_on: date | None) -> str:
    """When a scheme ends."""
    return f"{ends_on.day} {ends_on:%B %Y}" if ends_on else "No end is set"


def _open_to_all(terms: PolicyTerms) -> tuple[str, ...]:
    return (
        f"To be a member, a branch must be rated {terms.min_cqc_rating.value} or better.",
        UNRATED[terms.unrated_policy],
        f"Quality counts {terms.quality_weight} % and price {terms.price_weight} %.",
        SCORING[terms.price_scoring],
        f"Quality below {terms.quality_minimum} of 100 is shown below the line and not ranked.",
        AWARD_METHODS[terms.award_method],
        (
            f"If the provider awarded withdraws before the start, its ranking is open again for "
            f"{counted(terms.reopen_working_days, 'working day')}."
        ),
        (
            f"Answers are due {counted(terms.urgent_hours, 'hour')} after an urgent offer and "
            f"{counted(terms.standard_hours, 'hour')} after a standard one."
        ),
        (
            f"A deadline in hours that falls outside {terms.opening} to {terms.closing} or on a bank holiday moves to the "
            f"next {terms.opening} of a day that is none, and later where less than two hours of the window were open."
        ),
        f"Answers to a batch are due at 5pm on working day {terms.batch_working_days} after the offer.",
        (
            f"Care of a batch begins {counted(terms.setup_working_days, 'working day')} after its deadline or later, "
            "other care on the day of its deadline or later."
        ),
    )


def _own_business(terms: PolicyTerms) -> tuple[str, ...]:
    sentences = []
    if terms.yardstick_pence:
        sentences.append(f"A price below {Money(terms.yardstick_pence)} an hour is flagged as hard to sustain.")
    if terms.award_limit_pence:
        sentences.append(f"An award above {Money(terms.award_limit_pence)} a week needs a second person's approval.")
    return (
        *sentences,
        (
            f"A batch holds at most {counted(terms.batch_max_packages, 'package')}, {hours_text(terms.batch_max_minutes)} "
            f"a week and a round of {terms.batch_max_km} km through all its places and back, in straight lines; small "
            f"neighbours within {terms.batch_join_km} km are joined."
        ),
        f"Packages of a batch start within {counted(terms.batch_start_spread_days, 'day')} of each other.",
        f"A need older than {counted(terms.still_needed_after_days, 'day')} is confirmed before it is offered.",
        f"A district with fewer than {counted(terms.small_district_below, 'package')} lately is shown as its zone.",
        TOLERANCES[terms.tolerance_policy],
    )
