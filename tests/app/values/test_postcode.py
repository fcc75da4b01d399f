"""Postcodes and their parts (B1, B2)."""

import pytest

from app.values.postcode import Outcode, Postcode, PostcodeArea, Sector, parse_place


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("PR1 8XJ", "PR1 8XJ"), ("pr18xj", "PR1 8XJ"), ("  p r 1 8 x j ", "PR1 8XJ"), ("N1P 1AA", "N1P 1AA"),
        ("W1A1AA", "W1A 1AA"), ("EC1A 1BB", "EC1A 1BB"), ("gir0aa", "GIR 0AA"), ("M1 1AE", "M1 1AE"),
        ("PR25\u00a02XS", "PR25 2XS"),
    ],
)  # fmt: skip
def test_a_postcode_is_read_in_any_case_and_spacing(typed, text):
    assert Postcode.parse(typed).text == text


@pytest.mark.parametrize(
    "typed",
    ["QR1 1AA", "PR1 8XI", "PR1-8XJ", "", "PR1", "PR1 8", "PR1 8XJJ", "8XJ PR1", "ſW1A 1AA", "ＰＲ１ 8XJ", "PR١ 8XJ", "PR1 8XJ\x00"],
)  # fmt: skip
def test_what_no_envelope_bears_is_refused(typed):
    with pytest.raises(ValueError, match="such as PR1 8XJ"):
        Postcode.parse(typed)


def test_a_postcode_knows_its_parts():
    postcode = Postcode.parse("PR1 8XJ")
    assert (postcode.outcode.text, postcode.sector.text) == ("PR1", "PR1 8")
    assert Postcode.parse("GIR 0AA").outcode == Outcode("GIR")


def test_a_place_is_known_by_its_form():
    assert parse_place(" pr ") == PostcodeArea("PR")
    assert parse_place("pr1") == Outcode("PR1")
    assert parse_place("pr1  8") == Sector("PR1 8")
    assert parse_place("PR18") == Outcode("PR18")
    assert Sector.parse("bb12 6") == Sector("BB12 6")
    assert Outcode.parse("w1a") == Outcode("W1A")


@pytest.mark.parametrize("typed", ["", "QR1", "PR1 8X", "PR1 8XJ", "1", "PR1 A", "PR123", "ABCD", "PR-1"])
def test_a_place_that_cannot_be_is_refused(typed):
    with pytest.raises(ValueError, match="area, district or sector"):
        parse_place(typed)


@pytest.mark.parametrize(
    ("kind", "text"), [(Sector, "PR1"), (Outcode, "PR1 8"), (PostcodeArea, "PR1"), (Postcode, "PR18XJ")]
)
def test_a_part_of_the_wrong_kind_is_refused(kind, text):
    with pytest.raises(ValueError, match="Enter a"):
        kind(text)
