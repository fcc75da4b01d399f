"""What follows from what a text gives away: it is fine, somebody is asked whether it is innocent, or it is refused.

Patterns are told to whoever wrote the text. That it met the record is told to those alone who may read the record: for
everybody else the text waits until somebody who may has read it, whatever was found, with one sentence (`WAITS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from marketplace.disclosure.known import Record
from marketplace.disclosure.met import spots_of_record
from marketplace.disclosure.names import names_in
from marketplace.disclosure.numbers import addresses_in_the_net, numbers_in
from marketplace.disclosure.places import addresses
from marketplace.disclosure.plain import FindingKind, Spot, Writing
from marketplace.disclosure.times import birth_dates
from marketplace.disclosure.ways_in import ways_in

WAITS = "What was written waits until somebody who may see every record has read it. There is nothing for you to do."


class Consequence(StrEnum):
    """What follows for a text."""

    FINE = "fine"
    ASK = "ask"
    REFUSE = "refuse"


SENTENCES = {
    FindingKind.TELEPHONE: "Take out the telephone number. If it is not one, write it differently: a time as 8:30am.",
    FindingKind.POSTCODE: "Take out the postcode: providers see the district only. If it is none, write it in words.",
    FindingKind.NHS_NUMBER: "Take out the NHS number: nobody needs it before the award.",
    FindingKind.OTHER_NUMBER: "Take out the number under which the person or a car is kept somewhere else.",
    FindingKind.BIRTH_DATE: "Take out the date of birth: the age says enough.",
    FindingKind.EMAIL: "Take out the email address: whoever is awarded the care gets it then.",
    FindingKind.WEB_ADDRESS: "Take out the address of the page or file: it can lead to the person.",
    FindingKind.WAY_IN: "Take out how to get in: whoever is awarded the care gets it then. “Has a key safe” can stay.",
    FindingKind.ADDRESS: "Take out the address: providers see the district only.",
    FindingKind.NAME: "Take out the name. Say who it is instead, such as “her daughter”.",
    FindingKind.INITIALS: "Take out the initials: say “he” or “she”.",
}
QUESTIONS = {
    FindingKind.WAY_IN: "Does “{found}” open a door or a key safe? Take it out, or say below that it does not.",
    FindingKind.NAME: "Is “{found}” the person’s name? Or of somebody near to them? Take it out, or say below that it is not.",
    FindingKind.INITIALS: "Are “{found}” somebody’s initials? Take them out, or say below that they are not.",
    FindingKind.ADDRESS: "Does “{found}” tell where the person lives? Take it out, or say below that it does not.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a text: its kind, the characters found, where they stand in the text as typed, and what follows."""

    kind: FindingKind
    found: str
    start: int
    end: int
    consequence: Consequence
    of_record: bool = False

    @property
    def sentence(self) -> str:
        """What to do about it; a refusal does not repeat what was found."""
        return (
            QUESTIONS[self.kind].format(found=self.found)
            if self.consequence is Consequence.ASK
            else SENTENCES[self.kind]
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What may be innocent: the field it stands in, the words as typed, and what is asked."""

    field: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """What keeps the texts of some fields from being published: sentences by field, and open questions."""

    refusals: dict[str, str]
    questions: tuple[Question, ...]

    def __bool__(self) -> bool:
        """Whether anything keeps them."""
        return bool(self.refusals or self.questions)

    @property
    def words(self) -> tuple[str, ...]:
        """The words in question, each once."""
        return tuple(dict.fromkeys(question.word for question in self.questions))

    @property
    def errors(self) -> dict[str, str]:
        """Refusals and questions as sentences by field; a refusal comes first."""
        return {**{question.field: question.sentence for question in reversed(self.questions)}, **self.refusals}


def findings_in(text: str, *records: Record) -> list[Finding]:
    """Everything in the text that gives somebody away, in its order. Of findings that overlap the worst is kept.

    Without a record only patterns are looked for.
    """
    writing = Writing(text)
    ranked: list[tuple[Spot, bool]] = [(spot, False) for spot in _spots(writing)]
    ranked += ((spot, True) for record in records for spot in spots_of_record(writing, record))
    ranked.sort(key=lambda one: (one[0].may_be_innocent, one[1]))
    kept, covered = [], bytearray(len(writing.plain))
    for spot, of_record in ranked:
        if not any(covered[spot.start : spot.end]):
            covered[spot.start : spot.end] = b"x" * (spot.end - spot.start)
            kept.append((spot, of_record))
    found = (_finding(text, writing.places, spot, of_record) for spot, of_record in kept)
    return sorted(found, key=lambda finding: finding.start)


def _spots(text: Writing) -> Iterator[Spot]:
    yield from addresses_in_the_net(text)
    yield from birth_dates(text)
    yield from numbers_in(text)
    yield from ways_in(text)
    yield from addresses(text)
    yield from names_in(text)


def _finding(text: str, places: Sequence[int], spot: Spot, of_record: bool) -> Finding:
    first, last = places[spot.start], places[spot.end - 1] + 1
    consequence = Consequence.ASK if spot.may_be_innocent else Consequence.REFUSE
    return Finding(spot.kind, text[first:last], first, last, consequence, of_record)


def consequence_of(findings: Iterable[Finding]) -> Consequence:
    """What follows from all of them together."""
    consequences = {finding.consequence for finding in findings}
    return next(
        (consequence for consequence in (Consequence.REFUSE, Consequence.ASK) if consequence in consequences),
        Consequence.FINE,
    )


def refused(findings: Iterable[Finding]) -> list[Finding]:
    """Those findings with which a text cannot be published at all."""
    return [finding for finding in findings if finding.consequence is Consequence.REFUSE]


def questions(findings: Iterable[Finding]) -> list[Finding]:
    """Those findings about which somebody must say whether they are innocent."""
    return [finding for finding in findings if finding.consequence is Consequence.ASK]


def judge_texts(texts: Mapping[str, str], *records: Record, cleared: frozenset[str] = frozenset()) -> TextVerdict:
    """Judges texts by field; `cleared` are the keys of words that somebody has answered for.

    A skill named like the person is no disclosure.
    """
    refusals: dict[str, str] = {}
    in_question: dict[tuple[str, str], Question] = {}
    for field, text in texts.items():
        findings = findings_in(text, *(() if field == "skills" else records)) if text else []
        if sentences := list(dict.fromkeys(finding.sentence for finding in refused(findings))):
            refusals[field] = " ".join(sentences)
        for finding in questions(findings) if field != "skills" else ():
            if (key := key_of(finding.found)) not in cleared:
                in_question.setdefault((field, key), Question(field, finding.found, finding.sentence))
    return TextVerdict(refusals, tuple(in_question.values()))


def key_of(word: str) -> str:
    """A word as it is kept and compared: without case."""
    return word.casefold()[:100]
