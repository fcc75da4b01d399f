"""How the demo's providers behave: each has a temper, fixed by its place in the file and a seed. Pure; no clock.

Most answer within the first half of the window. One is slow and misses deadlines, one is failing and hands out noes,
one is overloaded and soon full, and one has an address to which no mail can be delivered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

SEED = "lancashire"
PRICE_STEP = 5


class Temper(StrEnum):
    """What kind of provider it is."""

    STEADY = "steady"
    KEEN = "keen"
    PICKY = "picky"
    SLOW = "slow"
    FAILING = "failing"
    OVERLOADED = "overloaded"


@dataclass(frozen=True, slots=True)
class Habits:
    """Chances of answering and of saying yes, when in the window the answer comes, and where prices lie in the band."""

    answers: float
    accepts: float
    earliest: float
    latest: float
    price_from: float
    price_to: float
    excuses: tuple[str, ...]


HABITS: dict[Temper, Habits] = {
    Temper.STEADY: Habits(0.92, 0.45, 0.08, 0.60, 0.30, 0.70, ("no_staff_at_times", "travel", "start_date")),
    Temper.KEEN: Habits(0.98, 0.75, 0.02, 0.25, 0.10, 0.45, ("no_staff_at_times", "double_up")),
    Temper.PICKY: Habits(0.85, 0.20, 0.20, 0.80, 0.60, 0.98, ("price_below_cost", "travel", "skills")),
    Temper.SLOW: Habits(0.80, 0.50, 0.85, 1.15, 0.35, 0.75, ("no_staff_at_times", "unclear")),
    Temper.FAILING: Habits(0.40, 0.10, 0.50, 1.10, 0.20, 0.50, ("at_capacity", "no_staff_at_times", "risk")),
    Temper.OVERLOADED: Habits(0.95, 0.15, 0.05, 0.40, 0.40, 0.80, ("at_capacity",)),
}
ODD_ONES = {0: Temper.KEEN, 3: Temper.SLOW, 7: Temper.FAILING, 11: Temper.OVERLOADED}
BOUNCING = 5
"""The place in the file of the provider whose address takes no mail."""


@dataclass(frozen=True, slots=True)
class Intention:
    """What a provider will do about one package: nothing, or a yes or no at a moment of the window."""

    accepts: bool
    after: timedelta
    price_pence: int
    decline_code: str
    starts_late_days: int
    people_nearby: int


def temper_of(place: int) -> Temper:
    """The temper of the provider at this place of the file."""
    usual = (Temper.STEADY, Temper.STEADY, Temper.KEEN, Temper.STEADY, Temper.PICKY)
    return ODD_ONES.get(place) or usual[place % len(usual)]


def intention(place: int, package: str, window: timedelta, floor: int, ceiling: int) -> Intention | None:
    """What this provider does about this package; None when it never answers. The same every time it is asked."""
    chance = Random(f"{SEED}:{place}:{package}")
    habits = HABITS[temper_of(place)]
    if chance.random() > habits.answers:
        return None
    part = chance.uniform(habits.earliest, habits.latest)
    level = chance.uniform(habits.price_from, habits.price_to)
    pence = floor + round((ceiling - floor) * level / PRICE_STEP) * PRICE_STEP
    return Intention(
        accepts=chance.random() < habits.accepts,
        after=window * part,
        price_pence=min(ceiling, max(floor, pence)),
        decline_code=chance.choice(habits.excuses),
        starts_late_days=chance.choice((0, 0, 0, 0, 0, 0, 0, 3, 7)),
        people_nearby=chance.choice((0, 0, 1, 2, 3, 5)),
    )
