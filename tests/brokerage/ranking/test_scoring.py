"""Quality as a weighted mean of what is known, and the price score."""

from datetime import timedelta
from fractions import Fraction

import pytest

from brokerage.ranking.scoring import (
    COMPONENT_NAMES,
    COMPONENT_WEIGHTS,
    ComponentKind,
    MixedLimits,
    MixLine,
    band_score,
    component,
    cqc_component,
    entry_component,
    mixed_limits,
    mixed_price,
    price_score,
    quality_of,
    relative_score,
)
from marketplace.vocabulary import PriceScoring
from tests.brokerage.ranking.makers import DEADLINE, EARLIER


def test_the_five_weights_sum_to_one_hundred_and_each_has_a_name():
    assert sum(COMPONENT_WEIGHTS.values()) == 100
    assert set(COMPONENT_WEIGHTS) == set(COMPONENT_NAMES) == set(ComponentKind)


def test_absent_components_are_left_out_and_the_rest_weighted_anew():
    found = quality_of([entry_component(80, EARLIER), cqc_component("Good", EARLIER)], DEADLINE)
    assert found.value == Fraction(80 * 30 + 75 * 20, 50) == 78
    assert [one.share for one in found.counted] == [Fraction(3, 5), Fraction(2, 5)]
    assert sum(one.points for one in found.counted) == found.value
    assert [one.kind for one in found.absent] == [ComponentKind.OUTCOMES, ComponentKind.KPIS, ComponentKind.CONCERNS]


def test_all_five_components_give_the_plain_weighted_mean():
    values = [50, 75, 90, 60, 100]
    facts = [component(kind, Fraction(value), "", EARLIER) for kind, value in zip(ComponentKind, values, strict=True)]
    assert quality_of(facts, DEADLINE).value == Fraction(50 * 30 + 75 * 20 + 90 * 20 + 60 * 20 + 100 * 10, 100)


@pytest.mark.parametrize(
    ("rating", "value"), [("Outstanding", 100), ("Good", 75), ("Requires improvement", 35), ("Inadequate", 0)]
)
def test_each_cqc_rating_has_its_value(rating, value):
    assert cqc_component(rating, EARLIER).value == value


def test_an_unrated_location_has_no_cqc_component():
    assert cqc_component("Unrated", EARLIER) is None


def test_a_fact_dated_at_the_deadline_counts_and_one_after_it_does_not():
    late = entry_component(90, DEADLINE + timedelta(microseconds=1))
    assert quality_of([entry_component(90, DEADLINE)], DEADLINE).value == 90
    found = quality_of([late], DEADLINE)
    assert found.value is None
    assert "after the deadline" in found.absent[0].reason
    assert quality_of([late, entry_component(40, EARLIER)], DEADLINE).value == 40


def test_of_one_kind_the_newest_fact_counts():
    facts = [entry_component(40, EARLIER), entry_component(90, EARLIER + timedelta(days=1))]
    assert quality_of(facts, DEADLINE).value == quality_of(facts[::-1], DEADLINE).value == 90


def test_facts_that_contradict_each_other_or_leave_the_scale_are_errors():
    with pytest.raises(ValueError, match="same date"):
        quality_of([entry_component(40, EARLIER), entry_component(41, EARLIER)], DEADLINE)
    with pytest.raises(ValueError, match="between 0 and 100"):
        quality_of([entry_component(101, EARLIER)], DEADLINE)


# ------------------------------------------------------------------------------------------------------- price

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
