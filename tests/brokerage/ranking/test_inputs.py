"""A ranking that was frozen can be made again, to the last digit."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brokerage.ranking import inputs as ranking_inputs
from brokerage.ranking.explanations import explain
from brokerage.ranking.inputs import read_inputs, write_inputs
from tests.brokerage.ranking.makers import an_entry, some_inputs, some_terms, worlds
from tests.brokerage.ranking.oracle import written as oracle_written

entries = st.lists(
    st.builds(
        an_entry,
        st.text(max_size=8),
        quality=st.fractions(0, 100),
        pence=st.integers(2200, 3300),
        ticket=st.text(min_size=1, max_size=6),
        firm=st.booleans(),
        awarded=st.integers(0, 9000),
        capacity=st.one_of(st.none(), st.integers(0, 9000)),
    ),
    unique_by=lambda one: one.ticket,
    max_size=6,
)


def written(inputs):
    (text,) = write_inputs([inputs])
    return text


def digest(inputs):
    return ranking_inputs.digest(written(inputs))


@given(entries)
def test_written_and_read_back_the_ranking_is_the_same(found):
    inputs = some_inputs(*found, terms=some_terms(yardstick=2410))
    (again,) = read_inputs([written(inputs)])
    assert explain(again).places == explain(inputs).places
    assert written(again) == written(inputs)


def test_fractions_are_written_exactly():
    text = written(some_inputs(an_entry(quality=Fraction(200, 3))))
    assert json.loads(text)["entries"][0]["components"][0]["value"] == "200/3"
    assert "." not in json.loads(text)["terms"]["quality_minimum"]


def test_the_digest_does_not_depend_on_the_order_of_entries_or_the_zone_of_a_time():
    ash, birch = an_entry("Ash"), an_entry("Birch")
    assert digest(some_inputs(ash, birch)) == digest(some_inputs(birch, ash))
    local = datetime(2026, 12, 4, 18, 0, tzinfo=timezone(timedelta(hours=1)))
    same = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
    terms = some_terms()
    assert digest(some_inputs(ash, terms=replace(terms, deadline=local))) == digest(
        some_inputs(ash, terms=replace(terms, deadline=same))
    )


@pytest.mark.parametrize("change", [{"pence": 2501}, {"quality": 71}, {"awarded": 1}, {"firm": False}, {"ticket": "x"}])
def test_the_digest_changes_with_every_fact(change):
    assert digest(some_inputs(an_entry())) != digest(some_inputs(an_entry(**change)))


def test_an_unknown_format_is_refused():
    with pytest.raises(ValueError, match="format"):
        read_inputs(['{"format": 2}'])


@given(worlds())
def test_inputs_written_together_are_the_same_text_as_written_one_by_one(world):
    assert write_inputs(world) == [oracle_written(inputs) for inputs in world]


def test_a_name_that_looks_like_json_is_written_as_a_name():
    inputs = some_inputs(an_entry('x"firm":true,"prices":[]'), seed='"reference":""', reference='"entries":[]')
    assert written(inputs) == oracle_written(inputs)
    assert json.loads(written(inputs))["entries"][0]["name"] == 'x"firm":true,"prices":[]'
