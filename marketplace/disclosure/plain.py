"""A text as patterns read it: signs that look alike made the same, its words, and number words as digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class FindingKind(StrEnum):
    """What was found."""

    TELEPHONE = "telephone"
    POSTCODE = "postcode"
    NHS_NUMBER = "nhs_number"
    OTHER_NUMBER = "other_number"
    BIRTH_DATE = "birth_date"
    EMAIL = "email"
    WEB_ADDRESS = "web_address"
    WAY_IN = "way_in"
    ADDRESS = "address"
    NAME = "name"
    INITIALS = "initials"


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the plain text: what it holds, and whether it may be innocent."""

    kind: FindingKind
    start: int
    end: int
    may_be_innocent: bool = False


_ASCII_MADE_PLAIN = str.maketrans("\t\n\r\v\f\x1c\x1d\x1e\x1f_`", "         -'")
_LETTERS_WITH_STROKES = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"}
)


def plain(text: str) -> tuple[str, Sequence[int]]:
    """The text with look-alike signs made plain and invisible ones left out, and where each sign came from."""
    if text.isascii():
        return text.translate(_ASCII_MADE_PLAIN), range(len(text))
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for made in _plain_sign(sign):
            signs.append(made)
            places.append(place)
    return "".join(signs), places


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign.translate(_ASCII_MADE_PLAIN)
    category = unicodedata.category(sign)
    if sign in "\u2018\u2019\u201b\u02bc\u00b4\uff07":
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


def bare(word: str) -> str:
    """A word as it is compared: no case, accents, strokes or marks."""
    if word.isascii():
        return word.lower().replace("'", "")
    small = "".join(mark for mark in unicodedata.normalize("NFD", word.casefold()) if not unicodedata.combining(mark))
    return small.translate(_LETTERS_WITH_STROKES).replace("'", "")


_ALIKE = str.maketrans("OILS", "0115")


def squeezed(text: str) -> str:
    """Letters and digits alone, in capitals; those that are taken for each other made the same."""
    return re.sub(r"[^A-Z0-9]+", "", text.upper()).translate(_ALIKE)


FILL = "\x01"
"""Stands for the letters of a number word after its digits, so that places stay what they were."""

ONES = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7"}
ONES |= {"eight": "8", "nine": "9", "oh": "0", "nought": "0", "naught": "0", "nil": "0", "o": "0"}
TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS = frozenset((*ONES, *TEENS, *TENS))
_ONE = f"(?:{'|'.join(ONES)})"
_NUMBER_WORD = re.compile(
    rf"\b(?:(?P<times>double|treble|triple)[ -]+(?P<many>{_ONE}|[0-9]|[a-z])|(?P<ten>{'|'.join(TENS)})"
    rf"(?:[ -](?P<unit>{_ONE}))?|(?P<teen>{'|'.join(TEENS)})|(?P<one>{_ONE})|(?P<hundred>hundred))\b",
    re.IGNORECASE,
)
_A_DIGIT_FOLLOWS = re.compile(rf"[ ,-]{{1,2}}(?:[0-9]|double|treble|triple|{_ONE}\b)", re.IGNORECASE)
_SPELLED = (
    r"\b(?:alpha|bravo|charlie|delta|echo|foxtrot|golf|hotel|india|juliet|kilo|lima|mike|november|oscar|papa|quebec"
    r"|romeo"
    r"|sierra|tango|uniform|victor|whiskey|x-?ray|yankee|zulu)\b"
)
_LETTERS = {
    "zed": "Z",
    "zee": "Z",
    "ex": "X",
    "cue": "Q",
    "queue": "Q",
    "kay": "K",
    "jay": "J",
    "aitch": "H",
    "haitch": "H",
}
_LETTERS |= {"wye": "Y", "why": "Y", "tee": "T", "dee": "D", "gee": "G", "pee": "P", "bee": "B", "cee": "C", "ell": "L"}
_LETTERS |= {"em": "M", "en": "N", "ess": "S", "eff": "F", "vee": "V", "double-u": "W", "double u": "W"}
_LETTER = rf"(?:[a-z]|{'|'.join(_LETTERS)})\b"
_LETTERS_BY_A_DIGIT = re.compile(
    rf"(?<=[0-9\x01])[ ,-]{{0,2}}{_LETTER}[ ,-]{{1,2}}{_LETTER}|\b{_LETTER}[ ,-]{{1,2}}{_LETTER}(?=[ ,-]{{0,2}}[0-9])",
    re.IGNORECASE,
)
_LETTER_NAME = re.compile(rf"\b(?:{'|'.join(_LETTERS)})\b", re.IGNORECASE)
_SPELLED_RUN = re.compile(rf"{_SPELLED}(?:[ ,-]{{1,3}}(?:{_SPELLED}|\b(?:{_ONE}|[0-9]{{1,2}})\b)){{3,}}", re.IGNORECASE)
_DATE = re.compile(
    r"(?<![0-9])(?:(?:0?[1-9]|[12][0-9]|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:(?:19|20)[0-9]{2}|[0-9]{2})"
    r"|(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])"
)
_WORD = re.compile(r"[a-zß-ÿ]+")
_THEN = re.compile(r"(?<=[A-Za-z0-9\x01]) (?:then|space) (?=[A-Za-z0-9]{1,2}(?:\b|\x01))", re.IGNORECASE)
_LETTER_NAMES = frozenset((*_LETTERS, "double"))


class Writing:
    """A plain text with what patterns ask of it; each is found once, and most texts hold no digits at all."""

    def __init__(self, text: str) -> None:
        self.plain, self.places = plain(text)
        self.small = self.plain.lower()

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words in small letters."""
        return frozenset(_WORD.findall(self.small))

    def has(self, words: frozenset[str]) -> bool:
        """Whether one of these words stands in it."""
        return not self.words.isdisjoint(words)

    @cached_property
    def spoken(self) -> str:
        """With number words as digits, every sign in its place, and dates blanked."""
        text = _DATE.sub(lambda found: "#" * len(found[0]), self.plain)
        if self.has(_NUMBERS):
            spelled = _SPELLED_RUN.sub(lambda run: re.sub(_SPELLED, _letter, run[0], flags=re.IGNORECASE), text)
            text = _NUMBER_WORD.sub(_digits, spelled)
        if self.has(_LETTER_NAMES):
            text = _LETTERS_BY_A_DIGIT.sub(lambda run: _LETTER_NAME.sub(_letter, run[0]), text)
        return re.sub(r"(?<=[0-9])[oO]+|[oO]+(?=[0-9])", lambda found: "0" * len(found[0]), text)

    @cached_property
    def spelled(self) -> str:
        """As spoken, without the words between what is spelled: "T R 5 then 9 double Y"."""
        return _THEN.sub(lambda word: FILL * len(word[0]), self.spoken)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers, in figures or words; each with a small letter that follows it, and without."""
        found = re.findall(r"([0-9]+)\x01*([a-z]?)", self.spoken.lower())
        return frozenset(form for digits, letter in found for form in (digits, digits + letter))

    @cached_property
    def squeezed(self) -> str:
        """Its letters and digits alone, as spelled."""
        return squeezed(self.spelled)

    @cached_property
    def digits(self) -> int:
        """How many digits it holds, in figures or words."""
        return len(re.findall("[0-9#]", self.spoken))


def _letter(word: re.Match[str]) -> str:
    return _LETTERS.get(word[0].lower(), word[0][0].upper()) + FILL * (len(word[0]) - 1)


def _digits(word: re.Match[str]) -> str:
    """The digits of one number word, filled to its length."""
    part = {name: text.lower() for name, text in word.groupdict().items() if text}
    if many := part.get("many"):
        digits = ONES.get(many, many.upper()) * (2 if part["times"] == "double" else 3)
    elif ten := part.get("ten"):
        digits = f"{TENS.index(ten) + 2}{ONES.get(part.get('unit', ''), '0')}"
    elif teen := part.get("teen"):
        digits = f"{TEENS.index(teen) + 10}"
    elif "hundred" in part:
        digits = "00"
    elif part["one"] == "o" and not _A_DIGIT_FOLLOWS.match(word.string, word.end()):
        return word[0]
    else:
        digits = ONES[part["one"]]
    return digits + FILL * (len(word[0]) - len(digits))


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern of what identifies. It is looked for where one of its words stands, and so many digits or number words."""

    kind: FindingKind
    pattern: re.Pattern[str]
    words: frozenset[str] = frozenset()
    digits: int = 0
    spoken: bool = False
    may_be_innocent: bool = False

    def found_in(self, text: Writing) -> Iterator[re.Match[str]]:
        """Where it stands."""
        if (self.words and not text.has(self.words)) or (self.digits and text.digits < self.digits):
            return iter(())
        return self.pattern.finditer(text.spoken if self.spoken else text.plain)


def spots_of(signs: Iterable[Sign], text: Writing) -> Iterator[Spot]:
    """Every place that bears one of these signs."""
    for sign in signs:
        for found in sign.found_in(text):
            yield Spot(sign.kind, *found.span(), sign.may_be_innocent)
