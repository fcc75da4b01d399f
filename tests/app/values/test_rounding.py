"""Half up, exactly."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.rounding import decimal_text, whole_half_up


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (Fraction(625, 8), 2, "78.13"), (Fraction(2, 3), 2, "0.67"), (Fraction(1, 3), 2, "0.33"),
        (Fraction(5, 2), 0, "3"), (Fraction(1, 2), 0, "1"), (Fraction(100), 2, "100.00"),
        (Fraction(-1, 200), 2, "-0.01"), (Fraction(-1, 1000), 2, "0.00"), (Fraction(1005, 1000), 2, "1.01"),
    ],
)  # fmt: skip
def test_a_half_goes_up_however_small_the_rest(value, places, text):
    assert decimal_text(value, places) == text


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_it_rounds_as_the_decimal_module_does(thousandths_of_hundredths, places):
    exact = Fraction(thousandths_of_hundredths, 10**5)
    expected = Decimal(thousandths_of_hundredths).scaleb(-5).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert Fraction(decimal_text(exact, places)) == Fraction(expected)


def test_a_whole_number_stays_what_it_is():
    assert whole_half_up(7) == 7
    assert whole_half_up(-7) == -7
    assert whole_half_up(0) == 0


def test_places_cannot_be_negative():
    with pytest.raises(ValueError, match="negative"):
        decimal_text(Fraction(1), -1)
