"""What a policy of a scheme says, which values it may have, and what of it is a condition of membership."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import time

from marketplace.vocabulary import AwardMethod, PriceScoring, Rating, TolerancePolicy, UnratedPolicy


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
    opening: str = "08:00"
    closing: str = "20:00"
    still_needed_after_days: int = 14
    batch_start_spread_days: int = 14
    batch_max_minutes: int = 200 * 60
    batch_max_packages: int = 12
    batch_max_km: int = 8
    batch_join_km: int = 4
    small_district_below: int = 5
    reopen_working_days: int = 10
    assessment_summaries: bool = False
    claims: dict[str, object] = field(default_factory=dict)
    kpi_targets: dict[str, object] = field(default_factory=dict)


TERM_NAMES: tuple[str, ...] = tuple(one.name for one in fields(PolicyTerms))

CONDITIONS = ("min_cqc_rating", "unrated_policy")
"""What a provider must meet to be a member; the rest says how awards are made."""

WHOLE_NUMBERS: dict[str, tuple[int, int]] = {
    "quality_weight": (0, 100),
    "price_weight": (0, 100),
    "quality_minimum": (0, 100),
    "urgent_hours": (1, 72),
    "standard_hours": (1, 336),
    "batch_working_days": (1, 30),
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
    return _number_problems(terms) | _weight_problems(terms) | _time_problems(terms) | _money_problems(terms)


def changes_between(old: PolicyTerms, new: PolicyTerms) -> dict[str, tuple[object, object]]:
    """The fields that differ, with what they were and what they become."""
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in TERM_NAMES}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def whole_number_sentence(name: str) -> str:
    """What to enter in a whole number's field."""
    least, most = WHOLE_NUMBERS[name]
    return f"Enter a whole number from {least} to {most}."


def _number_problems(terms: PolicyTerms) -> dict[str, str]:
    return {
        name: whole_number_sentence(name)
        for name, (least, most) in WHOLE_NUMBERS.items()
        if not least <= getattr(terms, name) <= most
    }


def _weight_problems(terms: PolicyTerms) -> dict[str, str]:
    total = terms.quality_weight + terms.price_weight
    if total == 100:
        return {}
    return {"price_weight": f"The weights of quality and price must add up to 100; these add up to {total}."}


def _time_problems(terms: PolicyTerms) -> dict[str, str]:
    found = {
        name: "Enter a time such as 08:00." for name in ("opening", "closing") if not is_time(getattr(terms, name))
    }
    if not found and terms.opening >= terms.closing:
        return {"closing": "The closing time must be after the opening time."}
    return found


def _money_problems(terms: PolicyTerms) -> dict[str, str]:
    amounts = {name: getattr(terms, name) for name in ("yardstick_pence", "award_limit_pence")}
    return {
        name: "Enter an amount over £0, or leave it out."
        for name, pence in amounts.items()
        if pence is not None and pence <= 0
    }


def is_time(text: str) -> bool:
    """Whether a text is a time of day as HH:MM."""
    try:
        return len(text) == len("08:00") and time.fromisoformat(text).strftime("%H:%M") == text
    except ValueError:
        return False
