"""References that people read out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.values.reference import ALPHABET, new_reference, parse_reference


def test_the_same_randomness_gives_the_same_reference():
    assert new_reference("PKG", 0) == "PKG-00000"
    assert new_reference("PKG", 2**25 - 1) == "PKG-ZZZZZ"
    assert new_reference("PKG", 2**25) == "PKG-00000"
    assert new_reference("PKG", 0x21) == "PKG-00011"


@given(st.integers(min_value=0, max_value=2**40))
def test_a_reference_can_be_typed_again_in_any_dress(randomness):
    reference = new_reference("OFR", randomness)
    assert set(reference[4:]) <= set(ALPHABET)
    for typed in (reference.lower(), reference.replace("-", ""), f" {reference.replace('-', ' – ')} "):
        assert parse_reference(typed) == reference


def test_letters_that_look_like_digits_are_forgiven_in_the_body_only():
    assert parse_reference("ofr-oil7k", "OFR") == "OFR-0117K"
    assert parse_reference("ofr-7k-3m9") == "OFR-7K3M9"


@pytest.mark.parametrize(
    "typed", ["", "PKG", "PKG-", "PKG-7K3M", "PKG-7K3M99", "P-7K3M9", "PKG-7K3MU", "PKG-7K3M!", "ＰKG-7K3M9"]
)
def test_what_is_no_reference_is_refused(typed):
    assert not parse_reference(typed)


def test_a_reference_of_another_kind_is_refused():
    assert not parse_reference("PKG-7K3M9", "OFR")
