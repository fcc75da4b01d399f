"""A whole batch proposed in ranked order."""

from datetime import date, timedelta
from fractions import Fraction
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from brokerage.allocation.batch_rules import RankedMember, RankedPackage, propose_batch

START = date(2026, 12, 7)
ASH = RankedMember("m-ash", "Ash", Fraction(80))
BIRCH = RankedMember("m-birch", "Birch", Fraction(155, 2))


def a_package(reference="PKG-1", members=(ASH, BIRCH), minutes=600, start=START):
    return RankedPackage(reference, start, minutes, members)


def test_the_first_in_the_ranking_with_capacity_is_proposed_at_no_cost():
    (line,) = propose_batch([a_package()], {"m-ash": 600})
    assert (line.member, line.cost, line.skipped) == ("m-ash", 0, ())
    assert line.sentence == "Ash is first in the ranking and has capacity."


def test_a_member_out_of_capacity_is_skipped_and_the_cost_in_score_is_shown():
    (line,) = propose_batch([a_package()], {"m-ash": 599, "m-birch": 600})
    assert (line.member, line.cost, line.skipped) == ("m-birch", Fraction(5, 2), ("m-ash",))
    assert "Ash has too little capacity left. Birch is next, 2.50 points below the best." in line.sentence


def test_nobody_with_capacity_or_nobody_ranked_is_said_in_words():
    (full,) = propose_batch([a_package()], {})
    assert (full.member, full.skipped) == (None, ("m-ash", "m-birch"))
    assert "10 hours a week" in full.sentence
    (empty,) = propose_batch([a_package(members=())], {})
    assert empty.sentence == "Nobody is ranked for this package."


def test_earlier_starts_are_settled_first_then_the_hash_of_the_reference():
    later = a_package("PKG-0", start=START + timedelta(days=1))
    same_day = [a_package(f"PKG-{i}") for i in range(1, 6)]
    lines = propose_batch([later, *same_day], {"m-ash": 6000})
    hashed = sorted((one.reference for one in same_day), key=lambda text: sha256(text.encode()).hexdigest())
    assert [line.reference for line in lines] == [*hashed, "PKG-0"]


piles = st.lists(
    st.builds(
        a_package,
        st.integers(0, 50).map("PKG-{}".format),
        st.permutations([ASH, BIRCH]).map(tuple),
        st.integers(1, 900),
        st.integers(0, 3).map(lambda days: START + timedelta(days=days)),
    ),
    unique_by=lambda one: one.reference,
    max_size=10,
)


@given(piles, st.integers(0, 3000), st.integers(0, 3000), st.randoms(use_true_random=False))
def test_capacity_is_never_exceeded_and_the_order_of_packages_does_not_matter(pile, ash, birch, random):
    capacity = {"m-ash": ash, "m-birch": birch}
    lines = propose_batch(pile, capacity)
    shuffled = list(pile)
    random.shuffle(shuffled)
    assert propose_batch(shuffled, capacity) == lines
    assert sorted(line.reference for line in lines) == sorted(one.reference for one in pile)
    minutes = {one.reference: one.weekly_minutes for one in pile}
    for member, limit in capacity.items():
        assert sum(minutes[line.reference] for line in lines if line.member == member) <= limit
