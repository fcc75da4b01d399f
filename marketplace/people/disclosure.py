"""Does a text that others will read give away who the person is?

Telephone numbers, full postcodes and NHS numbers are refused. A word that equals a part of the person's name is a
question for whoever wrote it: "Parkinson's" is an illness unless the person is Mr Parkinson.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.values.nhs_number import check_digit_agrees
from app.values.postcode import Postcode


class FindingKind(StrEnum):
    """What was found."""

    TELEPHONE = "telephone"
    POSTCODE = "postcode"
    NHS_NUMBER = "nhs_number"
    NAME = "name"


SENTENCES = {
    FindingKind.TELEPHONE: "Take out the telephone number. If it is not one, write it differently: a time as 8:30am.",
    FindingKind.POSTCODE: "Take out the postcode: providers see the district only. If it is none, write it in words.",
    FindingKind.NHS_NUMBER: "Take out the NHS number: nobody needs it before the award.",
    FindingKind.NAME: "Is this the person's name? Take it out, or say that it is not.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place in a text: its kind, the characters found and where they stand in the text as typed."""

    kind: FindingKind
    found: str
    start: int
    end: int

    @property
    def sentence(self) -> str:
        """What to do about it, without repeating what was found."""
        return SENTENCES[self.kind]


# Between two digits of one number people put spaces, dots, dashes, commas and brackets.
_GAP = r"[ ().,*_-]{0,4}"
_DATE = re.compile(
    r"(?<![0-9])(?:(?:0?[1-9]|[12][0-9]|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:(?:19|20)[0-9]{2}|[0-9]{2})"
    r"|(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])"
)
# Two times of day such as "0800 1130" are no beginning of a telephone number.
_CLOCK_TIMES = r"0[5-9](?:00|15|30|45)[ -]{1,3}(?:[01][0-9]|2[0-3])(?:00|15|30|45)(?![0-9])"
_DIGIT_WORD = r"(?:zero|nought|oh|one|two|three|four|five|six|seven|eight|nine|double|triple)"
_TELEPHONES = (
    rf"(?:\+|(?<![0-9])00){_GAP}44{_GAP}(?:0{_GAP})?[1-9](?:{_GAP}[0-9]){{8,9}}(?![0-9])",
    rf"\+{_GAP}[1-9](?:{_GAP}[0-9]){{8,14}}(?![0-9])",
    rf"(?<![0-9])44{_GAP}[1-37](?:{_GAP}[0-9]){{9}}(?![0-9])",
    rf"(?<![0-9])(?!{_CLOCK_TIMES})0{_GAP}[1235789](?:{_GAP}[0-9]){{9}}(?![0-9])",
    rf"(?<![0-9])0{_GAP}1(?:{_GAP}[0-9]){{8}}(?![0-9])",
    rf"(?<![0-9])0800{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}(?![0-9])",
    r"(?<![0-9])0[0-9]{3,4}/[0-9]{5,7}(?![0-9])",
    rf"(?<![0-9])7[0-9]{{3}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}(?![0-9])",
    rf"\b(?:{_DIGIT_WORD}[ ,-]+){{7,}}{_DIGIT_WORD}\b",
)
_TELEPHONE = re.compile("|".join(_TELEPHONES), re.IGNORECASE)
_NHS_NUMBER = re.compile(
    r"(?<![0-9])(?=([0-9]{3}[ .,-]{0,3}[0-9]{3}[ .,-]{0,3}[0-9]{4}|[0-9]{5}[ .-]{1,3}[0-9]{5})(?![0-9]))"
)
_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(?=([A-Za-z]{1,2}[0-9][0-9A-Za-z]?|GIR)([ .,/_-]{0,3})([0-9O][A-Za-z]{2})(?![A-Za-z0-9]))"
)
_SPREAD_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(?=([A-Z](?: {0,2}[A-Z])? {0,2}[0-9](?: {0,2}[0-9A-Z])?)( {0,2})([0-9O] {0,2}[A-Z] {0,2}[A-Z])(?![A-Za-z0-9]))"
)
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th|hr)")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*'?")
_ASCII_MADE_PLAIN = str.maketrans("\t\n\r\v\f\x1c\x1d\x1e\x1f_`", "         -'")
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "rev"})
_LETTERS_WITH_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)


def identity_in_text(text: str, name_parts: Iterable[str] = ()) -> list[Finding]:
    """Everything in the text that could say who the person is, in the order of the text.

    `name_parts` are the person's names, in any case; titles and single letters are passed over.
    """
    plain, places = _plain(text)
    taken: list[tuple[int, int]] = []
    findings = []
    for kind, start, end in (*_numbers(plain), *_names(plain, name_parts)):
        if any(start < other_end and other_start < end for other_start, other_end in taken):
            continue
        taken.append((start, end))
        first, last = places[start], places[end - 1] + 1
        findings.append(Finding(kind, text[first:last], first, last))
    return sorted(findings, key=lambda finding: finding.start)


def refused(findings: Iterable[Finding]) -> list[Finding]:
    """Those findings with which a text cannot be published at all."""
    return [finding for finding in findings if finding.kind is not FindingKind.NAME]


def questions(findings: Iterable[Finding]) -> list[Finding]:
    """The others: words of which somebody must say whether they are the person's name."""
    return [finding for finding in findings if finding.kind is FindingKind.NAME]


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
        first = {question.field: question.sentence for question in reversed(self.questions)}
        return {**first, **self.refusals}


def judge_texts(texts: dict[str, str], names: Sequence[str], cleared: frozenset[str] = frozenset()) -> TextVerdict:
    """Searches texts by field. A skill or language named like the person is no disclosure; `cleared` is in lower case."""
    refusals: dict[str, str] = {}
    in_question: dict[tuple[str, str], Question] = {}
    for field, text in texts.items():
        findings = identity_in_text(text, [] if field == "skills" else names)
        if sentences := list(dict.fromkeys(finding.sentence for finding in refused(findings))):
            refusals[field] = " ".join(sentences)
        for finding in questions(findings):
            if key_of(finding.found) not in cleared:
                in_question.setdefault((field, key_of(finding.found)), Question(field, finding.found))
    return TextVerdict(refusals, tuple(in_question.values()))


def key_of(word: str) -> str:
    """A word as it is kept and compared: without case."""
    return word.casefold()[:100]


def _numbers(plain: str) -> Iterator[tuple[FindingKind, int, int]]:
    dateless = _DATE.sub(lambda found: "#" * len(found[0]), plain)
    digits = re.sub(r"(?<=[0-9])[oO]+|[oO]+(?=[0-9])", lambda found: "0" * len(found[0]), dateless)
    for found in _TELEPHONE.finditer(digits):
        yield FindingKind.TELEPHONE, *found.span()
    for found in _NHS_NUMBER.finditer(dateless):
        if check_digit_agrees(re.sub(r"[^0-9]", "", found[1])):
            yield FindingKind.NHS_NUMBER, *found.span(1)
    for found in (*_POSTCODE.finditer(plain), *_SPREAD_POSTCODE.finditer(plain)):
        if _is_postcode(found[1], found[2], found[3]):
            yield FindingKind.POSTCODE, found.start(1), found.end(3)


def _is_postcode(outward: str, gap: str, inward: str) -> bool:
    # "B12 1st" is a vitamin on the first of the month; the postcode would be in one case throughout.
    if gap and outward.isupper() and _ORDINAL.fullmatch(inward):
        return False
    try:
        Postcode.parse(outward + inward.replace("O", "0", 1))
    except ValueError:
        return False
    return True


def _names(plain: str, name_parts: Iterable[str]) -> Iterator[tuple[FindingKind, int, int]]:
    wanted = {key for part in name_parts for word in _WORD.findall(_plain(part)[0]) for key in _keys(word)}
    wanted = {key for key in wanted if len(key) > 1} - _TITLES
    for found in _WORD.finditer(plain):
        keys = _keys(found[0])
        if wanted & (keys | {key[:-1] for key in keys if key.endswith("s")}):
            yield FindingKind.NAME, *found.span()


def _keys(word: str) -> set[str]:
    """The word as it is compared: whole, without hyphens, and each of its hyphened parts; no case, accents or marks."""
    bare = "".join(mark for mark in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(mark))
    bare = bare.translate(_LETTERS_WITH_STROKES).replace("'", "")
    return {bare.replace("-", ""), *bare.split("-")}


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text with look-alike signs made plain and invisible ones left out, and where each sign came from."""
    if text.isascii():
        return text.translate(_ASCII_MADE_PLAIN), range(len(text))
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for plain in _plain_sign(sign):
            signs.append(plain)
            places.append(place)
    return "".join(signs), places


def _plain_sign(sign: str) -> str:
    category = unicodedata.category(sign)
    if sign in "'`\u2018\u2019\u201b\u02bc\u00b4\uff07":
        return "'"
    if category == "Cf" or 0xFE00 <= ord(sign) <= 0xFE0F:
        return ""
    if sign.isspace():
        return " "
    if category in ("Pd", "Pc") or sign == "\u2212":
        return "-"
    if category == "Nd":
        return str(unicodedata.decimal(sign))
    return unicodedata.normalize("NFKC", sign)
