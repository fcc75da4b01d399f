"""A policy in plain sentences, as the page of its scheme says it."""

from __future__ import annotations

from datetime import date

from app.values.hours import hours_text
from app.values.money import Money
from marketplace.schemes.policy_rules import PolicyTerms
from marketplace.vocabulary import AwardMethod, LotUnit, PriceBand, PriceScoring, TolerancePolicy, UnratedPolicy

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
    told = (*_entry(terms), *_ranking(terms), *_windows(terms))
    return (*told, *_own_business(terms)) if internal else told


def end_sentence(ends_on: date | None) -> str:
    """When a scheme ends."""
    return f"{ends_on.day} {ends_on:%B %Y}" if ends_on else "No end is set"


def _entry(terms: PolicyTerms) -> tuple[str, ...]:
    return f"To be a member, a branch must be rated {terms.min_cqc_rating.value} or better.", UNRATED[
        terms.unrated_policy
    ]


def _ranking(terms: PolicyTerms) -> tuple[str, ...]:
    return (
        f"Quality counts {terms.quality_weight} % and price {terms.price_weight} %.",
        SCORING[terms.price_scoring],
        f"Quality below {terms.quality_minimum} of 100 is shown below the line and not ranked.",
        AWARD_METHODS[terms.award_method],
        (
            f"If the provider awarded withdraws before the start, its ranking is open again for "
            f"{_counted(terms.reopen_working_days, 'working day')}."
        ),
    )


def _windows(terms: PolicyTerms) -> tuple[str, ...]:
    return (
        (
            f"Answers are due {_counted(terms.urgent_hours, 'hour')} after an urgent offer and "
            f"{_counted(terms.standard_hours, 'hour')} after a standard one."
        ),
        f"A deadline in hours that falls outside {terms.opening} to {terms.closing} moves to the next {terms.opening}.",
        f"Answers to a batch are due at 5pm on working day {terms.batch_working_days} after the offer.",
    )


def _own_business(terms: PolicyTerms) -> tuple[str, ...]:
    return (
        *_limits_in_money(terms),
        (
            f"A batch holds at most {_counted(terms.batch_max_packages, 'package')}, {hours_text(terms.batch_max_minutes)} "
            f"a week and {terms.batch_max_km} km across; small neighbours within {terms.batch_join_km} km are joined."
        ),
        f"Packages of a batch start within {_counted(terms.batch_start_spread_days, 'day')} of each other.",
        f"A need older than {_counted(terms.still_needed_after_days, 'day')} is confirmed before it is offered.",
        f"A district with fewer than {_counted(terms.small_district_below, 'package')} lately is shown as its zone.",
        TOLERANCES[terms.tolerance_policy],
    )


def _limits_in_money(terms: PolicyTerms) -> tuple[str, ...]:
    found = []
    if terms.yardstick_pence:
        found.append(f"A price below {Money(terms.yardstick_pence)} an hour is flagged as hard to sustain.")
    if terms.award_limit_pence:
        found.append(f"An award above {Money(terms.award_limit_pence)} a week needs a second person's approval.")
    return tuple(found)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"
