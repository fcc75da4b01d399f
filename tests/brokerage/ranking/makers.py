"""Ready-made ranking inputs for tests: keyword defaults, change what matters."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import strategies as st

from brokerage.ranking.inputs import RankingEntry, RankingInputs, RankingTerms
from brokerage.ranking.scoring import ComponentKind, MixLine, component
from marketplace.vocabulary import PriceScoring

DEADLINE = datetime(2026, 12, 4, 17, 0, tzinfo=UTC)
EARLIER = datetime(2026, 6, 1, tzinfo=UTC)
MIX = (MixLine("weekday", Fraction(7), 2200, 3300),)


def an_entry(name="Ash", *, quality=70, pence=2500, ticket=None, firm=True, awarded=0, capacity=6000):
    facts = () if quality is None else (component(ComponentKind.ENTRY, Fraction(quality), "Entry", EARLIER),)
    prices = (("weekday", pence),)
    return RankingEntry(f"id-{name}", name, ticket or f"t-{name}", firm, prices, facts, awarded, capacity)


def some_terms(*, scoring=PriceScoring.BAND, minimum=40, quality=60, price=40, yardstick=None):
    return RankingTerms(quality, price, scoring, Fraction(minimum), DEADLINE, yardstick_pence=yardstick)


def some_inputs(*entries, terms=None, mix=MIX, seed="seed", reference="PKG-1"):
    return RankingInputs(reference, seed, terms or some_terms(), mix, entries)


# ------------------------------------------------------------------------- packages answered by the same providers

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
