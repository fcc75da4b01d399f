"""Which postcodes a provider covers."""

from itertools import permutations

import pytest

from marketplace.providers.coverage import (
    AreaKind,
    CoverageKind,
    CoverageRow,
    ProviderBase,
    SisterLocation,
    covers,
    nearest_of_sisters,
)

LOT = "homecare"


def row(kind: str, area: str, lot: str = LOT) -> CoverageRow:
    return CoverageRow(CoverageKind(kind), AreaKind.SECTOR if " " in area else AreaKind.OUTCODE, area, lot)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], False),
        ([row("include", "PR1")], True),
        ([row("exclude", "PR1")], False),
        ([row("include", "PR1"), row("exclude", "PR1 8")], False),
        ([row("exclude", "PR1"), row("include", "PR1 8")], True),
        ([row("include", "PR1"), row("exclude", "PR1 9")], True),
        ([row("include", "PR1 8"), row("exclude", "PR1 8")], False),
        ([row("include", "PR1"), row("exclude", "PR1")], False),
        ([row("include", "PR1", "night sitting")], False),
        ([row("include", "PR1"), row("exclude", "PR1 8", "night sitting")], True),
    ],
)
def test_the_most_specific_row_of_the_lot_decides_whatever_the_order(rows, expected):
    for ordered in permutations(rows):
        assert covers(ordered, LOT, "PR1", "PR1 8").yes is expected


def test_areas_are_never_matched_by_their_first_letters():
    assert not covers([row("include", "PR1")], LOT, "PR10", "PR10 8").yes
    assert not covers([row("include", "PR10")], LOT, "PR1", "PR1 0").yes


def test_the_reason_names_the_area_that_decided():
    assert covers([row("include", "PR1"), row("exclude", "PR1 8")], LOT, "PR1", "PR1 8").reason.startswith("PR1 8")
    assert "Neither PR1 8 nor PR1" in covers([], LOT, "PR1", "PR1 8").reason


def test_of_sister_locations_only_the_nearest_is_invited():
    near = SisterLocation("1-2", "org-a", ProviderBase(100, 0))
    far = SisterLocation("1-1", "org-a", ProviderBase(0, 5000))
    other = SisterLocation("1-3", "org-b", ProviderBase(90_000, 0))
    assert nearest_of_sisters([far, near, other], ProviderBase(0, 0)) == {"1-2", "1-3"}


def test_a_sister_without_a_known_base_comes_last_and_equal_distance_goes_to_the_lower_id():
    unknown = SisterLocation("1-1", "org-a", None)
    known = SisterLocation("1-9", "org-a", ProviderBase(90_000, 0))
    assert nearest_of_sisters([unknown, known], ProviderBase(0, 0)) == {"1-9"}
    east, west = (
        SisterLocation("1-5", "org-a", ProviderBase(10, 0)),
        SisterLocation("1-4", "org-a", ProviderBase(-10, 0)),
    )
    assert (
        nearest_of_sisters([east, west], ProviderBase(0, 0))
        == nearest_of_sisters([west, east], ProviderBase(0, 0))
        == {"1-4"}
    )
