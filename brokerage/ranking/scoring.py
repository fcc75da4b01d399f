"""How quality and price become points, 0 to 100, in exact fractions.

Quality is the weighted mean of the components that are available, each with its source and date. Too little data means
that a component is absent and the rest are weighted anew. A fact counts if it is dated at or before the deadline.

A package's hours may fall into bands (weekday, weekend, night, complex), each with its own price, floor and ceiling:
the price that is scored is the mean over the package's own mix, in pence per unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from marketplace.vocabulary import PriceScoring

HUNDRED = Fraction(100)


class ComponentKind(StrEnum):
    """The five parts of quality."""

    ENTRY = "entry"
    CQC = "cqc"
    OUTCOMES = "outcomes"
    KPIS = "kpis"
    CONCERNS = "concerns"


COMPONENT_WEIGHTS: dict[ComponentKind, int] = {
    ComponentKind.ENTRY: 30,
    ComponentKind.CQC: 20,
    ComponentKind.OUTCOMES: 20,
    ComponentKind.KPIS: 20,
    ComponentKind.CONCERNS: 10,
}

COMPONENT_NAMES: dict[ComponentKind, str] = {
    ComponentKind.ENTRY: "Entry assessment",
    ComponentKind.CQC: "CQC rating",
    ComponentKind.OUTCOMES: "Outcomes and feedback from people",
    ComponentKind.KPIS: "Delivery",
    ComponentKind.CONCERNS: "Concerns",
}

CQC_VALUES: dict[str, int] = {"Outstanding": 100, "Good": 75, "Requires improvement": 35, "Inadequate": 0}
"""Value of each rating by its canonical text; an unrated location has no component."""


@dataclass(frozen=True, slots=True)
class Component:
    """One fact about quality: value 0 to 100, weight before any re-weighting, where it is from and when it was true."""

    kind: ComponentKind
    value: Fraction
    weight: int
    source: str
    date: datetime


@dataclass(frozen=True, slots=True)
class CountedComponent:
    """A component that counted: its share of the quality (all shares sum to 1) and the points it brought."""

    component: Component
    share: Fraction
    points: Fraction


@dataclass(frozen=True, slots=True)
class AbsentComponent:
    """A component that did not count, and why."""

    kind: ComponentKind
    reason: str


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality with its parts. `value` is None when no component is available at all."""

    value: Fraction | None
    counted: tuple[CountedComponent, ...]
    absent: tuple[AbsentComponent, ...]


def quality_of(components: Sequence[Component], deadline: datetime) -> Quality:
    """Quality from the facts dated at or before the deadline; of one kind the newest counts.

    Raises ValueError when a value is outside 0 to 100, a weight is not positive, or two facts of one kind and date
    differ.
    """
    newest = _newest(components, deadline)
    total = sum(fact.weight for fact in newest)
    counted = tuple(
        CountedComponent(fact, Fraction(fact.weight, total), fact.value * fact.weight / total) for fact in newest
    )
    present = {fact.kind for fact in newest}
    late = {fact.kind for fact in components} - present
    absent = tuple(AbsentComponent(kind, _why_absent(kind in late)) for kind in ComponentKind if kind not in present)
    return Quality(sum((part.points for part in counted), Fraction(0)) if counted else None, counted, absent)


def entry_component(score: int, date: datetime) -> Component:
    """The component for an entry assessment, a score of 0 to 100."""
    return component(ComponentKind.ENTRY, Fraction(score), "Entry assessment", date)


def cqc_component(rating: str, date: datetime) -> Component | None:
    """The component for a CQC rating by its canonical text; None for an unrated location."""
    value = CQC_VALUES.get(rating)
    return None if value is None else component(ComponentKind.CQC, Fraction(value), f"CQC: {rating}", date)


def component(kind: ComponentKind, value: Fraction, source: str, date: datetime) -> Component:
    """A component with the weight of its kind."""
    return Component(kind, value, COMPONENT_WEIGHTS[kind], source, date)


def _newest(components: Sequence[Component], deadline: datetime) -> list[Component]:
    newest: dict[ComponentKind, Component] = {}
    for fact in components:
        _check(fact)
        if fact.date > deadline:
            continue
        held = newest.get(fact.kind)
        if held is not None and held.date == fact.date and held != fact:
            raise ValueError(f"Two facts about {fact.kind.value} have the same date. Keep one.")
        if held is None or fact.date > held.date:
            newest[fact.kind] = fact
    return [newest[kind] for kind in ComponentKind if kind in newest]


def _check(fact: Component) -> None:
    if not 0 <= fact.value <= 100:
        raise ValueError(f"{COMPONENT_NAMES[fact.kind]} must be between 0 and 100.")
    if fact.weight <= 0:
        raise ValueError(f"{COMPONENT_NAMES[fact.kind]} must have a weight above 0.")


def _why_absent(late: bool) -> str:
    return "Dated after the deadline, so it does not count." if late else "No data, or too little."


# ------------------------------------------------------------------------------------------------------- price


@dataclass(frozen=True, slots=True)
class MixLine:
    """One band of a package's mix: how many units of it a week, and the limits in pence frozen with the offer."""

    band: str
    units: Fraction
    floor_pence: int
    ceiling_pence: int


@dataclass(frozen=True, slots=True)
class MixedLimits:
    """Floor and ceiling over the mix, pence per unit."""

    floor: Fraction
    ceiling: Fraction


def mixed_price(mix: tuple[MixLine, ...], pence_by_band: Mapping[str, int]) -> Fraction:
    """Pence per unit over the mix. Raises ValueError when a band has no price or the mix is empty."""
    missing = [line.band for line in mix if line.band not in pence_by_band]
    if missing:
        raise ValueError(f"There is no price for {', '.join(missing)}.")
    return _mean([(line.units, pence_by_band[line.band]) for line in mix])


@lru_cache(maxsize=256)
def mixed_limits(mix: tuple[MixLine, ...]) -> MixedLimits:
    """Floor and ceiling over the mix, in pence per unit; asked for by every answer of a package."""
    floor = _mean([(line.units, line.floor_pence) for line in mix])
    return MixedLimits(floor, _mean([(line.units, line.ceiling_pence) for line in mix]))


def price_score(scoring: PriceScoring, price: Fraction, limits: MixedLimits, lowest: Fraction) -> Fraction:
    """Points 0 to 100 for a price in pence per unit; `lowest` is the lowest price among those compared."""
    if scoring is PriceScoring.BAND:
        return band_score(price, limits)
    return relative_score(price, lowest)


def band_score(price: Fraction, limits: MixedLimits) -> Fraction:
    """100 x (ceiling - price) / (ceiling - floor), and 100 when floor = ceiling.

    Raises ValueError when the price is outside its limits: such an answer is refused before it gets here.
    """
    if not limits.floor <= price <= limits.ceiling:
        raise ValueError("A price outside floor and ceiling cannot be scored.")
    if limits.floor == limits.ceiling:
        return HUNDRED
    return HUNDRED * (limits.ceiling - price) / (limits.ceiling - limits.floor)


def relative_score(price: Fraction, lowest: Fraction) -> Fraction:
    """100 x lowest / price, and 100 when both are 0. Raises ValueError when the price is below the lowest."""
    if price < lowest or lowest < 0:
        raise ValueError("The lowest price must be the lowest one, and not negative.")
    return HUNDRED if price == lowest else HUNDRED * lowest / price


def _mean(weighted: list[tuple[Fraction, int]]) -> Fraction:
    total = sum((units for units, _ in weighted), Fraction(0))
    if total <= 0 or any(units < 0 for units, _ in weighted):
        raise ValueError("A package's mix needs at least some hours, and none below 0.")
    if len(weighted) == 1:
        return Fraction(weighted[0][1])
    return sum((units * pence for units, pence in weighted), Fraction(0)) / total
