"""Money as typed and shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.money import MOST_PENCE, Money


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("£18.50", 1850), ("18.5", 1850), (" 18 ", 1800), ("18.50", 1850), ("0", 0), ("0.01", 1), ("£ 18.50", 1850),
        ("1,234.50", 123450), ("£1,234,567.89", 123456789), ("007", 700), ("9999999.99", MOST_PENCE),
        ("0000000000000018.50", 1850),
    ],
)  # fmt: skip
def test_an_amount_in_pounds_and_pence_is_read(typed, pence):
    assert Money.parse(typed) == Money(pence)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("18,50", "full stop, not a comma"), ("18,5", "full stop, not a comma"), ("18.005", "no more than 2 digits"),
        ("18.500", "no more than 2 digits"), ("-1", "less than nothing"), ("−1", "less than nothing"),
        ("£-1.00", "less than nothing"), ("(5.00)", "less than nothing"), ("$18.50", "pounds sterling"),
        ("18.50 EUR", "pounds sterling"), ("€18", "pounds sterling"), ("1850p", "pounds sterling"),
        ("10000000.00", "£9,999,999.99"), ("9" * 5000, "£9,999,999.99"), ("١٨", "digits 0 to 9"),
        ("１８", "digits 0 to 9"), ("", "such as 18.50"), ("   ", "such as 18.50"), ("NaN", "such as 18.50"),
        ("inf", "such as 18.50"), ("1e309", "such as 18.50"), ("1e2", "such as 18.50"), ("18.", "such as 18.50"),
        (".50", "such as 18.50"), ("1,23,456", "such as 18.50"), ("1 234.50", "such as 18.50"),
        ("18.50\x00", "such as 18.50"), ("18.50 18.50", "such as 18.50"), ("0x10", "such as 18.50"),
        ("1_000", "such as 18.50"), ("²", "such as 18.50"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence_that_says_what_to_do(typed, hint):
    with pytest.raises(ValueError, match=r"^Enter an amount in pounds and pence, such as 18\.50\.") as refusal:
        Money.parse(typed)
    assert hint in str(refusal.value)


@given(st.integers(0, MOST_PENCE))
def test_what_is_shown_can_be_typed_again(pence):
    assert Money.parse(str(Money(pence))) == Money(pence)


@given(st.text(max_size=20))
def test_no_text_brings_anything_but_money_or_a_sentence(text):
    answer = ""
    try:
        money = Money.parse(text)
    except ValueError as refusal:
        answer = str(refusal)
    assert answer.startswith("Enter an amount") or 0 <= money.pence <= MOST_PENCE


def test_amounts_compare_and_show_themselves():
    assert sorted([Money(3), Money(-1), Money(2)]) == [Money(-1), Money(2), Money(3)]
    assert str(Money(123450)) == "£1,234.50"
    assert str(Money(-5)) == "-£0.05"
    assert not Money(0)


@pytest.mark.parametrize("pence", [1.5, True, "1"])
def test_money_is_counted_in_whole_pence_only(pence):
    with pytest.raises(TypeError):
        Money(pence)
