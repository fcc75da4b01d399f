"""The price score."""

from fractions import Fraction

import pytest

from brokerage.ranking.price import (
    MixedLimits,
    MixLine,
    PriceScoring,
    band_score,
    mixed_limits,
    mixed_price,
    price_score,
    relative_score,
)

LIMITS = MixedLimits(Fraction(2200), Fraction(3300))


@pytest.mark.parametrize(("pence", "points"), [(2200, 100), (3300, 0), (2750, 50), (2500, Fraction(800, 11))])
def test_band_runs_from_the_ceiling_at_nothing_to_the_floor_at_one_hundred(pence, points):
    assert band_score(Fraction(pence), LIMITS) == points


def test_when_floor_is_ceiling_the_only_price_has_full_points():
    assert band_score(Fraction(2400), MixedLimits(Fraction(2400), Fraction(2400))) == 100


@pytest.mark.parametrize("pence", [2199, 3301])
def test_a_price_outside_its_limits_cannot_be_scored(pence):
    with pytest.raises(ValueError, match="outside floor and ceiling"):
        band_score(Fraction(pence), LIMITS)


def test_relative_compares_with_the_lowest_and_knows_no_division_by_nothing():
    assert relative_score(Fraction(3000), Fraction(2400)) == 80
    assert relative_score(Fraction(0), Fraction(0)) == 100
    with pytest.raises(ValueError, match="lowest"):
        relative_score(Fraction(1), Fraction(2))


def test_the_scheme_chooses_the_way_of_scoring():
    assert price_score(PriceScoring.BAND, Fraction(2750), LIMITS, Fraction(2200)) == 50
    assert price_score(PriceScoring.RELATIVE, Fraction(2750), LIMITS, Fraction(2200)) == 80


def test_price_and_limits_are_means_over_the_packages_own_mix():
    mix = (MixLine("weekday", Fraction(5), 2200, 3300), MixLine("weekend", Fraction(2), 2500, 3600))
    assert mixed_price(mix, {"weekday": 2400, "weekend": 2750}) == Fraction(5 * 2400 + 2 * 2750, 7)
    assert mixed_limits(mix) == MixedLimits(Fraction(5 * 2200 + 2 * 2500, 7), Fraction(5 * 3300 + 2 * 3600, 7))


def test_a_band_without_a_price_and_an_empty_mix_are_errors():
    mix = (MixLine("weekend", Fraction(2), 2500, 3600),)
    with pytest.raises(ValueError, match="no price for weekend"):
        mixed_price(mix, {"weekday": 2400})
    with pytest.raises(ValueError, match="some hours"):
        mixed_price((), {})
