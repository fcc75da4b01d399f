"""Agreements for one person's care: their states, and what they cost.

An agreement is per package and provider; a package never has two that run. Money in pence, rounded half up once per
line; paid minutes are length times carers (rules I3, I4 and D4).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol

from app.values.lifecycle import Lifecycle
from app.values.rounding import whole_half_up
from marketplace.vocabulary import LotUnit


class AgreementState(Lifecycle):
    """Where an agreement stands."""

    AWAITING_START = "awaiting_start", "blue", "Agreed. Care has not begun.", "running ended cancelled"
    RUNNING = "running", "green", "Care is being given.", "suspended ended"
    SUSPENDED = (
        "suspended",
        "yellow",
        "Care is paused, for a stay in hospital or a holiday. The place is held.",
        "running ended",
    )
    ENDED = "ended", "grey", "Care has ended."
    CANCELLED = "cancelled", "red", "Cancelled before care began."


IN_FORCE_STATES = frozenset({AgreementState.AWAITING_START, AgreementState.RUNNING, AgreementState.SUSPENDED})
"""States in which an agreement holds its package: there is never more than one of them per package."""


LIVE_IDENTITY_AFTER_END = timedelta(days=30)
"""How long the provider still reads who the person is once care has ended; from then on, a copy of who they were."""


@dataclass(frozen=True, slots=True)
class CostLine:
    """Visits of one kind and price. A night is paid per visit and carer, a week once whatever its visits."""

    name: str
    visits_per_week: int
    minutes: int
    carers: int
    rate_pence: int
    unit: LotUnit = LotUnit.HOUR


class WeeklyVisit(Protocol):
    """A visit of the week as far as it costs something."""

    @property
    def minutes(self) -> int: ...
    @property
    def carers(self) -> int: ...


@dataclass(frozen=True, slots=True)
class LineCost:
    """A line with what it comes to: paid minutes a week, units (exact) and pence (rounded once)."""

    line: CostLine
    paid_minutes: int
    units: Fraction
    pence: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Lines and their total in pence."""

    lines: tuple[LineCost, ...]

    @property
    def pence(self) -> int:
        """The sum of the rounded lines."""
        return sum(line.pence for line in self.lines)

    @property
    def paid_minutes(self) -> int:
        """Paid minutes a week: length times carers over all visits."""
        return sum(line.paid_minutes for line in self.lines)


def reason_against_agreement(standing: AgreementState | None, visits: int, percents: Iterable[int]) -> str | None:
    """Why nothing can be agreed about a package now; None when it can.

    Known are the state of its latest agreement, how many visits it has and the funders' shares on the first day.
    """
    if standing in IN_FORCE_STATES:
        return "This package already has an agreement in force. End that one first."
    if not visits:
        return "This package has no visits, so nothing can be agreed. Enter its visits first."
    return reason_against_funding(percents)


def reason_against_funding(percents: Iterable[int]) -> str | None:
    """Why the funders' shares on the first day do not do; None when they do."""
    if sum(percents) != 100:
        return "The shares of the funders do not add up to 100 per cent on the first day. Correct them first."
    return None


def lines_of_week(visits: Iterable[WeeklyVisit], rate_pence: int, unit: LotUnit) -> tuple[CostLine, ...]:
    """The payable lines of a week at one price: one per length and number of carers; a weekly price is one line."""
    counted = Counter((visit.minutes, visit.carers) for visit in visits)
    if unit is LotUnit.WEEK:
        minutes = sum(length * carers * count for (length, carers), count in counted.items())
        return (CostLine("The whole week", 1, minutes, 1, rate_pence, unit),)
    return tuple(
        CostLine(_line_name(length, carers), count, length, carers, rate_pence, unit)
        for (length, carers), count in sorted(counted.items())
    )


def reason_identity_is_closed(state: AgreementState) -> str | None:
    """Why the provider may not read who the person is any more; None while it may.

    It may from the award on. Where care never began there is nothing left to know.
    """
    if state is AgreementState.CANCELLED:
        return "You can no longer see who the person is, because the agreement was cancelled before care began."
    return None


def identity_is_frozen(state: AgreementState, ends_on: date | None, today: date) -> bool:
    """Whether the provider reads who the person was when care ended, not who they are: from 30 days after the end."""
    return state is AgreementState.ENDED and ends_on is not None and today > ends_on + LIVE_IDENTITY_AFTER_END


def weekly_cost(lines: Iterable[CostLine]) -> Cost:
    """The cost of one week, line by line."""
    return Cost(tuple(map(_line_cost, lines)))


def _line_name(minutes: int, carers: int) -> str:
    return f"Visits of {minutes} minutes, {'1 carer' if carers == 1 else f'{carers} carers'}"


def _line_cost(line: CostLine) -> LineCost:
    paid_minutes = line.visits_per_week * line.minutes * line.carers
    units = _units(line, paid_minutes)
    return LineCost(line, paid_minutes, units, whole_half_up(units * line.rate_pence))


def _units(line: CostLine, paid_minutes: int) -> Fraction:
    if line.unit is LotUnit.HOUR:
        return Fraction(paid_minutes, 60)
    return Fraction(line.visits_per_week * line.carers) if line.unit is LotUnit.NIGHT else Fraction(1)
