"""Ranking the yeses of a round."""

import hashlib
from dataclasses import replace
from fractions import Fraction
from functools import cmp_to_key

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.ranking.commands import ASH, BIRCH, CEDAR, example_inputs
from brokerage.ranking.explanations import explain, gap_band
from brokerage.ranking.rules import (
    PlaceList,
    TieBreak,
    draw_key,
    hours_share,
    rank,
    reason_against_weights,
    seed_commitment,
    seed_matches,
)
from marketplace.vocabulary import PriceScoring
from tests.brokerage.ranking.makers import an_entry, some_inputs, some_terms, worlds
from tests.brokerage.ranking.oracle import places_of


def names(places):
    return [place.scored.entry.name for place in places]


def test_quality_counts_sixty_and_price_forty():
    ranking = explain(some_inputs(an_entry("Ash", quality=70, pence=2750)))
    (place,) = ranking.firm
    assert place.scored.quality_points == 42
    assert place.scored.price_points == 20
    assert place.scored.score == 62
    assert place.position == 1


def test_the_highest_score_comes_first():
    ranking = explain(
        some_inputs(an_entry("Ash", quality=50), an_entry("Birch", quality=90), an_entry("Cedar", quality=70))
    )
    assert names(ranking.firm) == ["Birch", "Cedar", "Ash"]
    assert [place.position for place in ranking.firm] == [1, 2, 3]


def test_nobody_said_yes_gives_an_empty_ranking():
    assert explain(some_inputs()).places == ()


def test_changed_yeses_follow_in_their_own_list():
    ranking = explain(some_inputs(an_entry("Ash", quality=50), an_entry("Birch", quality=99, firm=False)))
    assert names(ranking.firm) == ["Ash"]
    assert names(ranking.changed) == ["Birch"]
    assert ranking.changed[0].position == 1
    assert "Agree them with the person" in ranking.changed[0].flags[0]


def test_below_the_quality_minimum_is_shown_but_has_no_position():
    ranking = explain(some_inputs(an_entry("Ash", quality=40), an_entry("Birch", quality=39, pence=2200)))
    assert names(ranking.firm) == ["Ash"]
    (below,) = ranking.below
    assert (below.position, below.place_list) == (None, PlaceList.BELOW)
    assert "second person" in below.flags[0]


def test_an_answer_without_any_fact_about_quality_is_below_the_line():
    (below,) = explain(some_inputs(an_entry(quality=None), terms=some_terms(minimum=0))).below
    assert below.scored.quality.value is None
    assert "no fact about quality" in below.flags[0]


def test_a_price_below_the_yardstick_is_flagged_and_still_ranked():
    cheap, fair = an_entry("Ash", pence=2409), an_entry("Birch", pence=2410)
    ranking = explain(some_inputs(cheap, fair, terms=some_terms(yardstick=2410)))
    assert [place.scored.below_yardstick for place in ranking.firm] == [True, False]
    assert "£24.10 per hour" in ranking.firm[0].flags[0]


def test_equal_scores_go_to_the_fewest_hours_in_proportion_to_capacity():
    busy = an_entry("Ash", awarded=600, capacity=6000)
    idle = an_entry("Birch", awarded=300, capacity=6000)
    large = an_entry("Cedar", awarded=600, capacity=60_000)
    ranking = explain(some_inputs(busy, idle, large))
    assert names(ranking.firm) == ["Cedar", "Birch", "Ash"]
    assert {place.tie_break for place in ranking.firm} == {TieBreak.HOURS}
    assert "fewer hours for its capacity" in ranking.firm[0].difference


@pytest.mark.parametrize("capacity", [0, None])
def test_zero_or_blank_capacity_comes_last_among_equals(capacity):
    blank = an_entry("Ash", awarded=0, capacity=capacity)
    assert names(explain(some_inputs(blank, an_entry("Birch", awarded=9999))).firm) == ["Birch", "Ash"]
    assert hours_share(0, capacity) is None


def test_the_draw_settles_what_is_still_equal_and_says_so():
    entries = [an_entry(name) for name in ("Ash", "Birch")]
    expected = sorted(entries, key=lambda one: hashlib.sha256(f"PKG-1{one.ticket}seed".encode()).hexdigest())
    ranking = explain(some_inputs(*entries))
    assert names(ranking.firm) == [one.name for one in expected]
    assert ranking.firm[0].tie_break is TieBreak.DRAW
    assert "the draw decided" in ranking.firm[0].difference
    assert "Any further point" in ranking.firm[1].would_have_changed


def test_scores_that_look_equal_on_the_page_are_ordered_by_their_exact_value():
    ash = an_entry("Ash", quality=Fraction(70_000, 1000))
    birch = an_entry("Birch", quality=Fraction(70_001, 1000))
    ranking = explain(some_inputs(ash, birch))
    assert names(ranking.firm) == ["Birch", "Ash"]
    assert ranking.firm[0].tie_break is TieBreak.NONE


def test_the_deciding_difference_and_what_would_have_changed_it_are_sentences():
    ranking = explain(some_inputs(an_entry("Ash", quality=80, pence=2750), an_entry("Birch", quality=70, pence=2640)))
    first, second = ranking.firm
    assert first.difference == "2.00 points above Birch: 6.00 more for quality and 4.00 fewer for price."
    assert second.difference == "There is no answer below it in this list."
    assert second.would_have_changed == (
        "More than 2.00 points were needed to pass Ash: a quality above 73.33, or a price below £25.85 per hour."
    )
    assert first.would_have_changed == ""


def test_what_would_have_changed_was_really_enough():
    ash, birch = an_entry("Ash", quality=80, pence=2750), an_entry("Birch", quality=70, pence=2640)
    assert names(explain(some_inputs(ash, an_entry("Birch", quality=70, pence=2584))).firm) == ["Birch", "Ash"]
    assert (
        names(explain(some_inputs(ash, an_entry("Birch", quality=Fraction(7334, 100), pence=2640))).firm)[0] == "Birch"
    )
    assert names(explain(some_inputs(ash, birch)).firm)[0] == "Ash"


def test_a_gap_that_neither_quality_nor_price_alone_closes_is_said_so():
    ranking = explain(some_inputs(an_entry("Ash", quality=100, pence=2200), an_entry("Birch", quality=41, pence=2200)))
    assert "above 100" not in ranking.firm[1].would_have_changed
    apart = explain(some_inputs(an_entry("Ash", quality=100, pence=2200), an_entry("Birch", quality=41, pence=3300)))
    assert "no change of its quality or price alone" in apart.firm[1].would_have_changed


def test_weights_must_sum_to_one_hundred_and_tickets_differ():
    assert reason_against_weights(some_terms(quality=60, price=41)) is not None
    assert reason_against_weights(some_terms(quality=110, price=-10)) is not None
    with pytest.raises(ValueError, match="sum to 100"):
        explain(some_inputs(an_entry(), terms=some_terms(quality=50, price=40)))
    with pytest.raises(ValueError, match="same ticket"):
        explain(some_inputs(an_entry("Ash", ticket="t"), an_entry("Birch", ticket="t")))


@pytest.mark.parametrize(
    ("gap", "band"),
    [
        ("0", "under 2"),
        ("-3", "under 2"),
        ("1.99", "under 2"),
        ("2", "2–5"),
        ("4.99", "2–5"),
        ("5", "5–10"),
        ("10", "5–10"),
        ("10.01", "over 10"),
    ],
)
def test_a_provider_learns_its_gap_only_as_a_band(gap, band):
    assert gap_band(Fraction(50) + Fraction(gap), Fraction(50)) == band


# ------------------------------------------------------------------------------------------------- rank reversal


def places_of_the_example(scoring, *entries):
    return [name for name in names(explain(example_inputs(scoring, entries)).firm) if name != "Cedar"]


def test_relative_scoring_lets_two_answers_swap_places_when_a_third_withdraws():
    assert places_of_the_example(PriceScoring.RELATIVE, ASH, BIRCH, CEDAR) == ["Ash", "Birch"]
    assert places_of_the_example(PriceScoring.RELATIVE, ASH, BIRCH) == ["Birch", "Ash"]


def test_band_scoring_keeps_their_places():
    with_cedar = places_of_the_example(PriceScoring.BAND, ASH, BIRCH, CEDAR)
    assert with_cedar == places_of_the_example(PriceScoring.BAND, ASH, BIRCH)


def test_in_the_example_cedar_ends_last_so_it_plays_no_part_of_its_own():
    assert names(explain(example_inputs(PriceScoring.RELATIVE, (ASH, BIRCH, CEDAR))).firm)[-1] == "Cedar"


# ---------------------------------------------------------------------------------- against a naive reference


def naive_order(inputs):
    """Written apart from the rules: pairwise comparison in whole numbers, nothing shared with the code."""
    rows = []
    lowest = min((entry.prices[0][1] for entry in inputs.entries), default=0)
    for entry in inputs.entries:
        pence = entry.prices[0][1]
        if inputs.terms.price_scoring is PriceScoring.BAND:
            price = Fraction(3300 - pence, 3300 - 2200)
        else:
            price = Fraction(lowest, pence)
        quality = entry.components[0].value if entry.components else None
        score = Fraction(inputs.terms.quality_weight) * (quality or 0) / 100 + inputs.terms.price_weight * price
        draw = int(hashlib.sha256((inputs.reference + entry.ticket + inputs.seed).encode()).hexdigest(), 16)
        rows.append((entry, quality, score, draw))

    def compare(one, other):
        if one[2] != other[2]:
            return -1 if one[2] > other[2] else 1
        mine, theirs = one[0].capacity_minutes or 0, other[0].capacity_minutes or 0
        if bool(mine) != bool(theirs):
            return -1 if mine else 1
        left, right = one[0].awarded_minutes * theirs, other[0].awarded_minutes * mine
        if mine and left != right:
            return -1 if left < right else 1
        return -1 if one[3] < other[3] else 1

    rows.sort(key=cmp_to_key(compare))
    ok = [row for row in rows if row[1] is not None and row[1] >= inputs.terms.quality_minimum]
    low = [row for row in rows if row not in ok]
    return [
        [(row[0].ticket, row[2]) for row in part]
        for part in ([r for r in ok if r[0].firm], [r for r in ok if not r[0].firm], low)
    ]


def found_order(ranking):
    return [
        [(place.scored.entry.ticket, place.scored.score) for place in part]
        for part in (ranking.firm, ranking.changed, ranking.below)
    ]


entry_choices = st.builds(
    an_entry,
    st.sampled_from(["Ash", "Birch", "Cedar", "Ösp", "ash"]),
    quality=st.one_of(st.none(), st.sampled_from([39, 40, 70, 70, 75]), st.fractions(0, 100, max_denominator=7)),
    pence=st.one_of(st.sampled_from([2200, 2500, 2500, 3300]), st.integers(2200, 3300)),
    ticket=st.integers(0, 10**6).map(str),
    firm=st.sampled_from([True, True, False]),
    awarded=st.sampled_from([0, 300, 600]),
    capacity=st.sampled_from([None, 0, 3000, 6000]),
)
inputs_choices = st.builds(
    lambda entries, scoring, weight: some_inputs(
        *entries, terms=some_terms(scoring=scoring, quality=weight, price=100 - weight)
    ),
    st.lists(entry_choices, unique_by=lambda one: one.ticket, max_size=8),
    st.sampled_from(PriceScoring),
    st.sampled_from([0, 40, 50, 60, 100]),
)


@given(inputs_choices)
def test_the_ranking_equals_a_naive_reference_exactly(inputs):
    assert found_order(explain(inputs)) == naive_order(inputs)


@given(inputs_choices, st.randoms(use_true_random=False))
def test_ids_names_and_insertion_order_do_not_change_the_outcome(inputs, random):
    others = [replace(one, member=str(random.random()), name=str(random.random())) for one in inputs.entries]
    random.shuffle(others)
    assert found_order(explain(replace(inputs, entries=tuple(others)))) == found_order(explain(inputs))


@given(inputs_choices)
def test_points_always_sum_to_a_score_between_nothing_and_one_hundred(inputs):
    for place in explain(inputs).places:
        scored = place.scored
        assert scored.score == scored.quality_points + scored.price_points
        assert 0 <= scored.score <= 100
        assert not place.difference.startswith("-")


# -------------------------------------------------------------------------------------------- many packages at once


@given(worlds())
def test_packages_ranked_together_stand_exactly_as_ranked_one_by_one(world):
    for inputs, order in zip(world, rank(world), strict=True):
        told = [(*told_of(order, answer), answer.tie_break) for answer in order.answers]
        assert told == [place[:7] for place in places_of(inputs)]
        assert [explained_of(place) for place in explain(inputs).places] == told


@given(worlds())
def test_the_points_ahead_are_those_of_the_sentence_between_neighbours(world):
    for inputs, order in zip(world, rank(world), strict=True):
        told = [None if answer.ahead is None else Fraction(answer.ahead, order.denominator) for answer in order.answers]
        assert told == [place[7] for place in places_of(inputs)]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (some_inputs(an_entry("Ash", ticket="t"), an_entry("Birch", ticket="t")), "same ticket"),
        (some_inputs(terms=some_terms(quality=50, price=40)), "sum to 100"),
        (some_inputs(an_entry(pence=3400)), "outside floor and ceiling"),
    ],
)
def test_what_cannot_be_ranked_is_refused_together_as_alone(inputs, sentence):
    for work in (lambda: explain(inputs), lambda: rank([some_inputs(an_entry()), inputs])):
        with pytest.raises(ValueError, match=sentence):
            work()


def told_of(order, answer):
    quality, price = (Fraction(points, order.denominator) for points in (answer.quality, answer.price))
    return answer.entry, answer.place_list, answer.position, quality, price, order.score(answer)


def explained_of(place):
    scored = place.scored
    points = scored.quality_points, scored.price_points, scored.score
    return scored.entry, place.place_list, place.position, *points, place.tie_break


# ------------------------------------------------------------------------------------------------------- the draw


def test_the_commitment_is_sha_256_of_the_seed():
    assert seed_commitment("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert seed_matches("abc", seed_commitment("abc"))
    assert not seed_matches("abd", seed_commitment("abc"))


def test_the_key_is_sha_256_of_reference_ticket_and_seed_one_after_the_other():
    assert draw_key("a", "b", "c") == seed_commitment("abc")


def test_ticket_seed_and_reference_each_change_the_key():
    keys = {draw_key("PKG-1", "t1", "s"), draw_key("PKG-1", "t2", "s"), draw_key("PKG-2", "t1", "s")}
    assert len(keys | {draw_key("PKG-1", "t1", "x")}) == 4
