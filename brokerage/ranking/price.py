"""The price score, 0 to 100, from exact pence.

A package's hours may fall into bands (weekday, weekend, night, complex), each with its own price, floor and ceiling:
the price that is scored is the mean over the package's own mix.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

HUNDRED = Fraction(100)


class PriceScoring(StrEnum):
    """How a price becomes points."""

    BAND = "band"
    RELATIVE = "relative"


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


def mixed_limits(mix: tuple[MixLine, ...]) -> MixedLimits:
    """Floor and ceiling over the mix, in pence per unit."""
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
    return sum((units * pence for units, pence in weighted), Fraction(0)) / total
