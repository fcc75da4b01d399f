"""The automatic letter to a provider that answered."""

from dataclasses import fields
from fractions import Fraction
from uuid import UUID

from brokerage.feedback.letters import OUTCOME
from brokerage.feedback.rules import LetterFacts, LetterWriter, Outcome
from brokerage.ranking.explanations import explain
from tests.brokerage.ranking.makers import an_entry, some_inputs, some_terms

TERMS = some_terms()
RIVAL = an_entry("Hawthorn", quality=87, pence=2311, awarded=111)
OWN = an_entry("Ash", quality=Fraction(409, 5), pence=2497)


def a_letter(*entries, outcome=Outcome.NOT_AWARDED):
    ranking = explain(some_inputs(*entries, terms=TERMS))
    place = next(one for one in ranking.places if one.scored.entry.name == "Ash")
    best = ranking.places[0].scored.score if outcome is Outcome.NOT_AWARDED else None
    facts = LetterWriter().facts("PKG-1", place.scored, TERMS, outcome, best)
    return OUTCOME.write(UUID(int=1), outcome=facts.outcome.value, reference=facts.reference, figures=facts)


def text_of(found):
    return " ".join((found.subject, *sentences_of(found)))


def sentences_of(found):
    return found.body.split("\n\n")


def test_every_outcome_has_a_heading_and_a_sentence():
    found = [a_letter(OWN, outcome=outcome) for outcome in Outcome]
    assert len({one.subject for one in found}) == len({sentences_of(one)[0] for one in found}) == len(Outcome)
    assert all("PKG-1" in one.subject and sentences_of(one)[0].endswith(".") for one in found)


def test_own_points_sum_to_the_own_score():
    (place,) = explain(some_inputs(OWN, terms=TERMS)).places
    lines = LetterWriter().facts("PKG-1", place.scored, TERMS, Outcome.AWARDED, None).lines
    assert sum(one.points for one in lines) == place.scored.score
    assert sum(one.most for one in lines) == 100


def test_one_writer_tells_every_provider_its_own_points():
    writer, ranking = LetterWriter(), explain(some_inputs(OWN, RIVAL, an_entry("Elm", quality=None), terms=TERMS))
    for place in ranking.places:
        alone = LetterWriter().facts("PKG-1", place.scored, TERMS, Outcome.AWARDED, None)
        assert writer.facts("PKG-1", place.scored, TERMS, Outcome.AWARDED, None) == alone
        assert sum(line.points for line in alone.lines) == place.scored.score


def test_the_letter_tells_own_points_and_the_band_of_the_gap():
    found = a_letter(OWN, RIVAL)
    assert found.subject == "Package PKG-1 was not awarded to you"
    assert "by this many points: 5–10." in text_of(found)
    assert "Entry assessment: 49.08 of 60.00." in sentences_of(found)
    assert "Price: 29.20 of 40.00." in sentences_of(found)


def test_the_letter_names_no_rival_and_none_of_its_figures():
    text = text_of(a_letter(OWN, RIVAL))
    for secret in ("Hawthorn", "87", "23.11", "2311", "111"):
        assert secret not in text


def test_the_letter_is_the_same_however_many_others_answered():
    others = [an_entry(f"Other {i}", quality=50 + i, pence=3000 + i) for i in range(7)]
    assert a_letter(OWN, RIVAL, *others) == a_letter(OWN, RIVAL)


def test_no_fact_of_a_letter_can_hold_a_count_or_a_price_of_others():
    held = {field.name for field in fields(LetterFacts)}
    assert held == {"reference", "outcome", "changed_yes", "below_quality_minimum", "score", "lines", "absent", "gap"}


def test_the_winner_is_told_its_own_points_without_a_gap():
    text = text_of(a_letter(OWN, outcome=Outcome.AWARDED))
    assert "was awarded to you" in text
    assert "behind" not in text


def test_a_changed_yes_and_a_low_quality_are_explained():
    assert "differed from those asked" in text_of(a_letter(an_entry("Ash", firm=False), RIVAL))
    assert "not ranked" in text_of(a_letter(an_entry("Ash", quality=20), RIVAL))


def test_absent_components_are_named():
    assert "Left out because there was no data" in text_of(a_letter(OWN, RIVAL))
