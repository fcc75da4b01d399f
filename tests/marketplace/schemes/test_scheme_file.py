"""What a scheme file says, and that every problem is named by its key."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from marketplace.schemes.regime_rules import Regime
from marketplace.schemes.rules import PriceLimits
from marketplace.schemes.scheme_file import read_scheme_file
from marketplace.vocabulary import AreaKind, LotUnit, PriceBand
from tests.marketplace.schemes.makers import FILE, a_file


def problems_of(data: bytes) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        read_scheme_file(data)
    return refused.value.errors


def test_a_good_file_is_read_whole():
    terms = read_scheme_file(a_file())
    assert (terms.name, terms.regime, terms.established_on) == (
        "Testshire care at home",
        Regime.PCR2015_LTR,
        date(2024, 11, 1),
    )
    assert (terms.policy.yardstick_pence, terms.policy.award_limit_pence) == (2410, 150_000)
    assert [(lot.name, lot.unit) for lot in terms.lots] == [
        ("homecare", LotUnit.HOUR),
        ("night sitting", LotUnit.NIGHT),
    ]
    assert list(terms.lots[0].limits) == [
        (None, None, PriceLimits(2200, 3300)),
        ("Preston", PriceBand.NIGHT, PriceLimits(2550, 3600)),
    ]
    assert terms.zones[0].areas == ((AreaKind.SECTOR, "PR1 8"), (AreaKind.SECTOR, "PR1 9"))
    assert terms.zones[1].areas == ((AreaKind.OUTCODE, "PR7"),)
    assert terms.policy.claims == {"cancellation_days": 3}


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('regime = "PCR2015_LTR"', 'regime = "DPS"', "regime", "PCR2015_DPS"),
        ('regime = "PCR2015_LTR"', "", "regime", "Enter one of"),
        ("quality_weight = 60", "quality_weight = 70", "price_weight", "add up to 110"),
        ("quality_weight = 60", "quality_weight = 60.5", "quality_weight", "whole number"),
        ("quality_weight = 60", "quality_weight = true", "quality_weight", "whole number"),
        ("quality_weight = 60", "qualty_weight = 60", "qualty_weight", "not known"),
        ("urgent_hours = 4", "urgent_hours = 0", "windows.urgent_hours", "from 1 to 72"),
        ('opening = "08:00"', 'opening = "8"', "windows.opening", "08:00"),
        ('closing = "20:00"', 'closing = "07:00"', "windows.closing", "after the opening"),
        ("yardstick_per_hour = 24.10", "yardstick_per_hour = 24.105", "yardstick_per_hour", "2 decimal places"),
        ("yardstick_per_hour = 24.10", "yardstick_per_hour = nan", "yardstick_per_hour", "amount in pounds"),
        ("floor = 22.00", "floor = -1", "lots[1].floor", "over £0"),
        ("floor = 22.00", "floor = 1e309", "lots[1].floor", "amount in pounds"),
        ("floor = 22.00", 'floor = "22"', "lots[1].floor", "amount in pounds"),
        ("floor = 22.00", "floor = 34", "lots[1].ceiling", "below the floor"),
        ("ceiling = 33.00", "", "lots[1].ceiling", "amount in pounds"),
        ('unit = "night"', 'unit = "day"', "lots[2].unit", "hour, night, week"),
        ('zone = "Preston"', 'zone = "Perston"', "lots[1].prices[1].zone", "no zone of this name"),
        ('band = "night"', 'band = "dusk"', "lots[1].prices[1].band", "weekday, weekend, night, complex"),
        ('"PR1 8"', '"PR18"', "zones[1].sectors[1]", "postcode sector"),
        ('"PR7"', '"PR7 1"', "zones[2].outcodes[1]", "postcode district"),
        ('outcodes = ["PR7"]', "", "zones[2].sectors", "at least one"),
        ('"pr1  9"', '"PR1 8"', "zones", "Given more than once: PR1 8"),
        ('name = "Chorley"', 'name = "Preston"', "zones", "Given more than once: Preston"),
        ('"discharge@testshire.example"', '"discharge"', "referring_teams[1].email", "name@example.org"),
        ("established_on = 2024-11-01", 'established_on = "2024-11-01"', "established_on", "without quotation marks"),
        ("response_rate = 95", 'response_rate = "95"', "kpi_targets.response_rate", "number"),
        ("[windows]", "[[windows]]", "windows", "[windows]"),
        ("[[referring_teams]]", "[referring_teams]", "referring_teams", "Begin each with [[referring_teams]]."),
        ("[[lots.prices]]", "[lots.prices]", "lots[1].prices", "Begin each with [[lots.prices]]."),
        ('outcodes = ["PR7"]', 'outcodes = "PR7"', "zones[2].outcodes", "Enter a list of texts"),
        ('zone = "Preston"\nband = "night"', "", "lots[1].prices", "one floor and ceiling for each zone and band"),
    ],
)
def test_a_problem_is_named_by_its_key(old, new, key, said):
    problems = problems_of(a_file((old, new)))
    assert said in problems[key], problems


def test_all_problems_are_told_at_once():
    two_slips = a_file(("quality_weight = 60", "quality_weight = 50"), ("floor = 22.00", "floor = 0"))
    assert set(problems_of(two_slips)) == {"price_weight", "lots[1].floor"}


@pytest.mark.parametrize("data", [b"\xff\xfe", b"name = ", b"[" * 50_000, b"x" * 1_000_001, b"a = 1\na = 2"])
def test_what_is_no_scheme_file_is_refused_in_words(data):
    assert set(problems_of(data)) == {"file"}


def test_an_empty_file_names_what_it_lacks():
    assert {"name", "authority", "regime", "lots"} <= set(problems_of(b""))


@given(st.text(max_size=60), st.integers(0, len(FILE)))
def test_whatever_is_typed_into_a_file_it_is_read_or_refused_in_words(typed, place):
    with suppress(Invalid):
        read_scheme_file((FILE[:place] + typed + FILE[place:]).encode("utf-8", "replace"))
