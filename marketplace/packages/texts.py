"""The texts of a package that other organisations will read, searched for what tells who the person is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app import audit
from app.audit import Actor
from app.database import db
from app.errors import Invalid, reason_given
from marketplace.packages.disclosure import identity_in_text, questions, refused
from marketplace.packages.models import Package, TextClearance
from marketplace.people.models import Person
from marketplace.people.queries import name_parts

MOST_REASON = 300


@dataclass(frozen=True, slots=True)
class Question:
    """A word that may be the person's name: the field it stands in, and the word as typed."""

    field: str
    word: str

    @property
    def sentence(self) -> str:
        """What is asked."""
        return f"Is “{self.word}” the person’s name? Take it out, or say below that it is not."


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """What keeps the texts from being published: sentences by field, and open questions about words."""

    refusals: dict[str, str]
    questions: tuple[Question, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words in question, each once."""
        return tuple(dict.fromkeys(question.word for question in self.questions))

    @property
    def errors(self) -> dict[str, str]:
        """Refusals and questions as sentences by field; a refusal comes first."""
        asked = {question.field: question.sentence for question in reversed(self.questions)}
        return {**asked, **self.refusals}


def texts_of(package: Package) -> dict[str, str]:
    """Every text of the package that a provider will read, by the name of its field."""
    return {
        "pen_picture": package.pen_picture,
        "carer_gender_reason": package.carer_gender_reason or "",
        "short_visit_reason": package.short_visit_reason or "",
        "language": package.language or "",
        "skills": " | ".join(skill.skill for skill in package.skills),
        "visits": " | ".join(dict.fromkeys(visit.tasks for visit in package.visits if visit.tasks)),
    }


def judge_texts(texts: dict[str, str], names: list[str], cleared: frozenset[str] = frozenset()) -> TextVerdict:
    """Searches texts by field. A skill or language named like the person is no disclosure; `cleared` is in lower case."""
    refusals: dict[str, str] = {}
    asked: dict[tuple[str, str], Question] = {}
    for field, text in texts.items():
        found = identity_in_text(text, [] if field == "skills" else names)
        if sentences := list(dict.fromkeys(finding.sentence for finding in refused(found))):
            refusals[field] = " ".join(sentences)
        for finding in questions(found):
            if key_of(finding.found) not in cleared:
                asked.setdefault((field, key_of(finding.found)), Question(field, finding.found))
    return TextVerdict(refusals, tuple(asked.values()))


def verdict_on(package: Package) -> TextVerdict:
    """The verdict on a package's texts as they are stored, with the answers given so far."""
    cleared = db.session.scalars(select(TextClearance.word).where(TextClearance.package_id == package.id))
    return judge_texts(texts_of(package), names_of(package.person), frozenset(cleared))


def names_of(person: Person) -> list[str]:
    """The names that must not stand in a text."""
    return list(name_parts(person))


def key_of(word: str) -> str:
    """A word as it is kept and compared: without case."""
    return word.casefold()[:100]


def clear_word(package: Package, word: str, reason: str, *, by: Actor) -> None:
    """Notes that a word in a text is not the person's name, who says so and why. Raises Invalid without a reason."""
    reason = reason_given(reason, "reason", what="Say why it is not the person’s name", most=MOST_REASON)
    if key_of(word) not in {key_of(question.word) for question in verdict_on(package).questions}:
        raise Invalid({"word": "Nobody asks about this word any more. Reload the page."})
    row = {"package_id": package.id, "word": key_of(word), "reason": reason, "cleared_by_label": by.label}
    db.session.add(TextClearance(authority_id=package.authority_id, **row))
    db.session.flush()
    audit.record("package:word_cleared", package, by=by, reason=reason)
