"""The automatic letter to a provider that answered: its own points, and a band for the gap, nothing about others.

It never says how many were invited or answered, who they are, what they asked, or the price that would have been enough.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.values.rounding import decimal_text


class Outcome(StrEnum):
    """How a provider's answer ended."""

    AWARDED = "awarded"
    NOT_AWARDED = "not_awarded"
    NONE_SUITABLE = "none_suitable"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PointsLine:
    """One line of a provider's own points: name, points brought and the most it could bring."""

    name: str
    points: Fraction
    most: Fraction


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What a letter to one provider may be made from. `gap` is a band in words, None when there is none to tell."""

    reference: str
    outcome: Outcome
    changed_yes: bool
    below_quality_minimum: bool
    score: Fraction
    lines: tuple[PointsLine, ...]
    absent: tuple[str, ...]
    gap: str | None


OUTCOME_SENTENCES: dict[Outcome, str] = {
    Outcome.AWARDED: "The package was awarded to you.",
    Outcome.NOT_AWARDED: "The package was awarded to another provider.",
    Outcome.NONE_SUITABLE: "The council did not award this package in this round.",
    Outcome.WITHDRAWN: "The council withdrew this package. Nobody was awarded it.",
}


HEADINGS: dict[Outcome, str] = {
    Outcome.AWARDED: "You have been awarded package {}",
    Outcome.NOT_AWARDED: "Package {} was not awarded to you",
    Outcome.NONE_SUITABLE: "Package {} was not awarded",
    Outcome.WITHDRAWN: "Package {} was withdrawn",
}


NO_FIGURES = "Your answer had no place in the ranking, so there are no points to show."


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as a heading and sentences, to be laid out by the message or the page that carries it."""

    heading: str
    sentences: tuple[str, ...]


def letter(facts: LetterFacts) -> Letter:
    """The letter for these facts."""
    sentences = (OUTCOME_SENTENCES[facts.outcome], *_gap(facts), *_standing(facts), *_points(facts), *_absent(facts))
    return Letter(HEADINGS[facts.outcome].format(facts.reference), sentences)


def letter_after_decline(reference: str, outcome: Outcome) -> Letter:
    """The letter where there are no figures: to a provider that declined, or whose yes was not ranked."""
    return Letter(HEADINGS[outcome].format(reference), (OUTCOME_SENTENCES[outcome], NO_FIGURES))


def _gap(facts: LetterFacts) -> tuple[str, ...]:
    if facts.gap is None:
        return ()
    return (f"Your score was behind that of the provider that was awarded it by this many points: {facts.gap}.",)


def _standing(facts: LetterFacts) -> tuple[str, ...]:
    found: list[str] = []
    if facts.changed_yes:
        found.append("Your start or times differed from those asked, so your answer came after those that fitted.")
    if facts.below_quality_minimum:
        found.append("Your quality was below the scheme's minimum, so your answer was not ranked.")
    return tuple(found)


def _points(facts: LetterFacts) -> tuple[str, ...]:
    total = f"Your score was {decimal_text(facts.score)} of 100 points, made up of:"
    return (total, *(f"{one.name}: {decimal_text(one.points)} of {decimal_text(one.most)}." for one in facts.lines))


def _absent(facts: LetterFacts) -> tuple[str, ...]:
    if not facts.absent:
        return ()
    return (
        f"Left out because there was no data, or too little: {', '.join(facts.absent)}. The rest counted for more.",
    )
