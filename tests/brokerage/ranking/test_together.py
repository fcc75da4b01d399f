"""Ranking many packages at once gives exactly what ranking them one by one gives, and writes the same text."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.ranking.facts import RankingEntry, RankingInputs
from brokerage.ranking.price import MixLine, PriceScoring
from brokerage.ranking.quality import ComponentKind, component
from brokerage.ranking.replay import Writer, ranking_inputs_to_json
from brokerage.ranking.rules import rank
from brokerage.ranking.together import order_all
from tests.brokerage.ranking.makers import DEADLINE, EARLIER, an_entry, some_inputs, some_terms

MIXES = (
    (MixLine("day", Fraction(7), 2200, 3300),),
    (MixLine("day", Fraction(21, 4), 2200, 3300), MixLine("night", Fraction(7, 3), 2500, 4100)),
    (MixLine("day", Fraction(1), 2500, 2500), MixLine("night", Fraction(2), 2500, 2500)),
)

values = st.one_of(st.sampled_from([0, 39, 40, 70, 70]).map(Fraction), st.fractions(0, 100, max_denominator=11))
facts = st.lists(
    st.builds(component, st.sampled_from(ComponentKind), values, st.sampled_from(["CQC: Good", 'a "firm":true']),
              st.sampled_from([EARLIER, DEADLINE.replace(year=2027)])),
    unique_by=lambda one: one.kind, max_size=3,
).map(tuple)  # fmt: skip
providers = st.builds(
    an_entry,
    st.sampled_from(["Ash", "Ösp", '"prices":[]', "ash"]),
    awarded=st.sampled_from([0, 300, 600]),
    capacity=st.sampled_from([None, 0, 3000, 6000]),
)
terms_choices = st.builds(
    lambda scoring, weight: some_terms(scoring=scoring, quality=weight, price=100 - weight),
    st.sampled_from(PriceScoring),
    st.sampled_from([0, 60, 100]),
)


@st.composite
def worlds(draw) -> list[RankingInputs]:
    """Some packages under one or two policies, answered by providers whose facts are the same in each."""
    known = [
        replace(draw(providers), member=f"m{n}", ticket=draw(st.sampled_from("abc")) + str(n), components=draw(facts))
        for n in range(draw(st.integers(1, 6)))
    ]
    policies = draw(st.lists(terms_choices, min_size=1, max_size=2))
    return [_package(draw, n, known, draw(st.sampled_from(policies))) for n in range(draw(st.integers(1, 4)))]


def _package(draw, number, known, terms) -> RankingInputs:
    mix = draw(st.sampled_from(MIXES))
    answers = draw(st.lists(st.sampled_from(known), unique_by=id))
    entries = [replace(one, firm=draw(st.booleans()), prices=_prices(draw, mix)) for one in answers]
    return RankingInputs(f'PKG-{number}"', "seed", terms, mix, tuple(entries))


def _prices(draw, mix) -> tuple[tuple[str, int], ...]:
    one = st.sampled_from([2500, 2500, 2600, 3300])
    return tuple((line.band, min(line.ceiling_pence, draw(one))) for line in mix)


@given(worlds())
def test_packages_ranked_together_stand_exactly_as_ranked_one_by_one(world):
    for inputs, ordered in zip(world, order_all(world), strict=True):
        assert [as_told(ordered, one) for one in ordered.standings] == [as_ranked(one) for one in rank(inputs).places]


@given(worlds())
def test_the_points_ahead_are_those_of_the_sentence_between_neighbours(world):
    for inputs, ordered in zip(world, order_all(world), strict=True):
        places = rank(inputs).places
        gaps = [
            one.scored.score - after.scored.score if after and after.place_list is one.place_list else None
            for one, after in zip_longest(places, places[1:])
        ]
        told = [None if one.ahead is None else Fraction(one.ahead, ordered.denominator) for one in ordered.standings]
        assert told == gaps


@given(worlds())
def test_inputs_written_together_are_the_same_text_as_written_one_by_one(world):
    writer = Writer()
    assert [writer.text_of(inputs) for inputs in world] == [ranking_inputs_to_json(inputs) for inputs in world]


def test_a_name_that_looks_like_json_is_written_as_a_name():
    inputs = some_inputs(an_entry('x"firm":true,"prices":[]'), seed='"reference":""', reference='"entries":[]')
    written = Writer().text_of(inputs)
    assert written == ranking_inputs_to_json(inputs)
    assert json.loads(written)["entries"][0]["name"] == 'x"firm":true,"prices":[]'


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        (some_inputs(an_entry("Ash", ticket="t"), an_entry("Birch", ticket="t")), "same ticket"),
        (some_inputs(terms=some_terms(quality=50, price=40)), "sum to 100"),
        (some_inputs(an_entry(pence=3400)), "outside floor and ceiling"),
    ],
)
def test_what_cannot_be_ranked_is_refused_together_as_alone(inputs, sentence):
    for work in (lambda: rank(inputs), lambda: order_all([some_inputs(an_entry()), inputs])):
        with pytest.raises(ValueError, match=sentence):
            work()


def as_told(ordered, one):
    quality, price = (Fraction(points, ordered.denominator) for points in (one.quality, one.price))
    return one.entry, one.place_list, one.position, quality, price, ordered.score(one), one.tie_break


def as_ranked(place):
    scored: RankingEntry = place.scored
    points = scored.quality_points, scored.price_points, scored.score
    return scored.entry, place.place_list, place.position, *points, place.tie_break
