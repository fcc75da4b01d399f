"""NHS numbers (J7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.nhs_number import NhsNumber, check_digit_agrees


@pytest.mark.parametrize("typed", ["943 476 5919", "9990000018", "401-023-2137", " 9990000050 "])
def test_a_number_whose_check_digit_agrees_is_read(typed):
    assert NhsNumber.parse(typed).digits == "".join(filter(str.isdigit, typed))


def test_a_number_is_shown_in_groups_of_three_three_and_four():
    assert str(NhsNumber.parse("9434765919")) == "943 476 5919"


@pytest.mark.parametrize("last", range(10))
def test_a_number_whose_check_digit_would_be_ten_does_not_exist(last):
    assert not check_digit_agrees(f"999000000{last}")


@pytest.mark.parametrize(
    "typed", ["0000000000", "1111111111", "9434765918", "943476591", "94347659190", "", "٩٤٣٤٧٦٥٩١٩", "943476591X"]
)
def test_any_other_number_is_refused_without_being_repeated(typed):
    with pytest.raises(ValueError, match="Enter a 10 digit NHS number") as refusal:
        NhsNumber.parse(typed)
    assert not typed or typed not in str(refusal.value)


def test_a_number_does_not_show_itself_in_logs():
    assert "943" not in repr(NhsNumber.parse("9434765919"))


@given(st.integers(0, 10**9 - 1), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(first_nine, place, change):
    digits = f"{first_nine:09d}"
    for check in "0123456789":
        if check_digit_agrees(digits + check):
            wrong = digits[:place] + str((int(digits[place]) + change) % 10) + digits[place + 1 :] + check
            assert not check_digit_agrees(wrong)
