"""Branches of one name are told apart, and a name that several have means none of them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from app.imports.columns import Ambiguous, Named
from marketplace.providers.rules import MOST_NAME, Branch, called, names_apart

X, Y, Z = uuid4(), uuid4(), uuid4()


def test_a_name_that_nobody_else_has_stays_as_it_is():
    names = names_apart([(X, Branch("Lark Care", "PR1 8XJ", "1-1")), (Y, Branch("Wren Care", "PR1 8XJ", "1-2"))])
    assert names == {X: "Lark Care", Y: "Wren Care"}


def test_branches_of_one_name_are_told_apart_by_district_and_else_by_location():
    names = names_apart(
        [
            (X, Branch("Lark Care", "PR1 8XJ", "1-1")),
            (Y, Branch("LARK  care", "LA1 1AA", "1-2")),
            (Z, Branch("Lark Care", "PR1 9AA", "1-3")),
        ]
    )
    assert names == {X: "Lark Care, 1-1", Y: "LARK  care, LA1", Z: "Lark Care, 1-3"}


def test_nobody_is_called_what_another_is_registered_as():
    own = Branch("Lark Care, LA1", "BB1 1AA", "1-3")
    names = names_apart(
        [(X, Branch("Lark Care", "PR1 8XJ", "1-1")), (Y, Branch("Lark Care", "LA1 1AA", "1-2")), (Z, own)]
    )
    assert len(set(names.values())) == 3
    assert names[Y] == "Lark Care, 1-2"


def test_the_longest_name_still_fits_with_what_tells_it_apart():
    names = names_apart([(n, Branch("L" * MOST_NAME, "PR1 8XJ", f"1-{n:09d}")) for n in range(2)])
    assert [len(name) for name in names.values()] == [MOST_NAME] * 2
    assert names[1].endswith(", 1-000000001")


def test_a_name_means_who_is_shown_with_it_else_the_only_one_registered_with_it():
    meant = called([(X, "Lark Care, PR1", "Lark Care"), (Y, "Lark Care, LA1", "Lark Care"), (Z, "Wren, BB1", "Wren")])
    assert (meant["lark care, la1"], meant["wren"]) == (Y, Z)
    assert meant["lark care"] == Ambiguous(("Lark Care, LA1", "Lark Care, PR1"))


def test_a_cell_that_names_several_is_refused_with_what_to_write_instead():
    class Facts:
        providers = called([(X, "Lark Care, PR1", "Lark Care"), (Y, "Lark Care, LA1", "Lark Care")])

    read = Named("providers", "a provider", needed=False).reader(Facts())
    assert (read("LARK care, PR1"), read("")) == (X, None)
    with pytest.raises(ValueError, match=r"Several have this name\. Use one of: Lark Care, LA1; Lark Care, PR1\."):
        read("Lark Care")
