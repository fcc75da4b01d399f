"""What the record knows of a person: names, and what they are shortened to, address and numbers, and how each is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from marketplace.disclosure.plain import FindingKind, bare, plain, squeezed
from marketplace.disclosure.words import called_instead, listed, street_kinds

WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*'?")
TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "sir", "rev"))
_LOOKS_LIKE = {"0": "[0Oo]", "1": "[1lI]", "5": "[5S]"}
_DIVIDED = re.compile(r"\s*[,;\n|]\s*")
_HOUSE_NUMBER = re.compile(r"(?:(?:flat|apartment|apt|no|number|unit)\.? *)?(\d{1,4}[a-z]?)\b[ ,/-]*", re.IGNORECASE)


@dataclass(frozen=True)
class Record:
    """Everything known of a person: their own names, those of who speaks for them, and how to find any of them."""

    names: tuple[str, ...] = ()
    representatives: tuple[str, ...] = ()
    born: date | None = None
    address: str = ""
    postcode: str = ""
    nhs_number: str = ""
    telephones: tuple[str, ...] = ()
    emails: tuple[str, ...] = field(default=())

    @cached_property
    def full_names(self) -> list[list[str]]:
        """The words of each name as they are compared; titles are no names."""
        everybody = (plain(name)[0] for name in (*self.names, *self.representatives))
        return [[word for word in WORD.findall(name) if bare(word) not in TITLES] for name in everybody]

    @cached_property
    def own_words(self) -> frozenset[str]:
        """The words of names as they stand in the record."""
        return frozenset(key for name in self.full_names for word in name for key in keys_of(word) if len(key) > 1)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """The words of names but the last of each."""
        return frozenset(key for name in self.full_names for word in name[:-1] or name for key in keys_of(word))

    @cached_property
    def short_words(self) -> frozenset[str]:
        """What their first names are shortened to."""
        return frozenset(
            other for name in self.full_names for word in name[:-1] or name for other in called_instead(bare(word))
        )

    @cached_property
    def all_words(self) -> frozenset[str]:
        """All of these."""
        return self.own_words | self.short_words

    @cached_property
    def initials(self) -> frozenset[str]:
        """The first letters of each name of two words or more, with and without those in the middle."""
        letters = ["".join(word[0] for word in name).upper() for name in self.full_names if len(name) > 1]
        return frozenset(letters) | {name[0] + name[-1] for name in letters}

    @cached_property
    def address_words(self) -> frozenset[str]:
        """Words one of which stands in every text that could tell the address, where the number of the house does not."""
        words = {bare(word) for word in re.findall(r"[^\W\d_]{3,}", plain(self.address)[0])}
        return frozenset(words) | {f"{word}s" for word in words} | {word.rstrip("s") for word in words}

    @cached_property
    def address_parts(self) -> list[str]:
        """What stands between the commas of the address."""
        return [part for part in _DIVIDED.split(plain(self.address)[0].strip()) if part]

    @cached_property
    def house_numbers(self) -> frozenset[str]:
        """The numbers of house and flat in the address."""
        return frozenset(part[1].lower() for part in map(_HOUSE_NUMBER.match, self.address_parts) if part)

    @cached_property
    def house_patterns(self) -> tuple[re.Pattern[str], ...]:
        """Its number where it is told as one, and with the street."""
        return tuple(pattern for part in self.address_parts for pattern in _house_patterns(part))

    @cached_property
    def street_patterns(self) -> tuple[re.Pattern[str], ...]:
        """Its street and house, in any spelling; the town is no secret."""
        return tuple(_address_patterns(self.address_parts))

    @cached_property
    def number_ends(self) -> tuple[str, ...]:
        """One of these stands in every text that could tell a number: patterns for each person are costly to make."""
        telephones = [re.sub(r"[^0-9]", "", number)[-3:] for number in self.telephones]
        return tuple(filter(None, (*telephones, self.nhs_number[-4:], squeezed(self.postcode)[-3:])))

    @cached_property
    def number_patterns(self) -> tuple[tuple[FindingKind, re.Pattern[str]], ...]:
        """How its numbers end: the telephones', the NHS number where it is called one, and the postcode."""
        patterns = []
        for number in (re.sub(r"[^0-9]", "", number) for number in self.telephones):
            if len(number) > 6:
                gaps = r"[ \x01()./,*-]{0,16}".join(number[-6:])
                patterns.append((FindingKind.TELEPHONE, re.compile(rf"{gaps}(?![0-9])")))
        if self.nhs_number:
            ending = rf"\bNHS\b[^.;0-9]{{0,30}}(?<![0-9]){self.nhs_number[-4:]}(?![0-9])"
            patterns.append((FindingKind.NHS_NUMBER, re.compile(ending, re.IGNORECASE)))
        for digits in (re.sub(r"[^0-9]", "", number)[-4:] for number in self.telephones):
            ends = rf"\b(?:ends?|ending|last (?:three|four|few|3|4))\b[^0-9.;]{{0,25}}(?:{digits}|{digits[1:]})\b"
            patterns.append((FindingKind.TELEPHONE, re.compile(ends, re.IGNORECASE)))
        if letters := self.postcode.replace(" ", "").upper():
            signs = [_LOOKS_LIKE.get(sign, sign) for sign in letters]
            spread, spelled = r"\x01{0,14}[ ,.:/-]{0,3}".join(signs), r"\x01{0,14}[ ,.:/-]{1,3}".join(signs[-3:])
            patterns += (
                (FindingKind.POSTCODE, re.compile(rf"(?<![A-Za-z0-9]){spread}(?![A-Za-z0-9])", re.IGNORECASE)),
                (FindingKind.POSTCODE, re.compile(rf"\b{''.join(signs[-3:])}\b")),
                (
                    FindingKind.POSTCODE,
                    re.compile(rf"(?<![A-Za-z0-9])(?=[^.;]{{0,12}}\x01){spelled}(?![A-Za-z])", re.IGNORECASE),
                ),
            )
        return tuple(patterns)

    @cached_property
    def mail_parts(self) -> frozenset[str]:
        """E-mail addresses, whole and the part before the at."""
        whole = [plain(email)[0].lower() for email in self.emails]
        return frozenset(part for email in whole for part in (email, email.partition("@")[0]) if len(part) > 5)


def keys_of(word: str) -> set[str]:
    """The word as it is compared: whole, without hyphens, and each of its hyphened parts."""
    small = bare(word)
    return {small.replace("-", ""), *small.split("-")}


def _address_patterns(parts: list[str]) -> Iterator[re.Pattern[str]]:
    streets = [place for place, part in enumerate(parts) if _is_street(part)]
    for place, part in enumerate(parts):
        if place in streets:
            yield from _street_patterns(part)
        elif place < (streets[0] if streets else 1):
            words = re.split(r"[ -]+", re.sub(r"(?i)^the ", "", part))
            flags = re.IGNORECASE if len(words) > 1 else re.NOFLAG
            yield re.compile(rf"\b{'[ -]{1,2}'.join(map(re.escape, words))}\b", flags)


def _is_street(part: str) -> bool:
    return bool(_HOUSE_NUMBER.match(part)) or any(bare(word) in street_kinds() for word in part.split())


def _house_patterns(part: str) -> Iterator[re.Pattern[str]]:
    if number := _HOUSE_NUMBER.match(part):
        street = re.search(r"[\w'-]+", part[number.end() :])
        house = "house|door" if street else "flat|apartment|apt|unit"
        # "118, green gate" and "it's #14"; a number that stands elsewhere may be anything
        yield re.compile(
            rf"\b(?:number|no\.?|{house}) ?{number[1]}\b(?! ?(?:[0-9]|bus|day|visits?|carers?|hours?))"
            rf"|^{number[1]}(?=, ?[A-Za-z])|(?<!\w)#{number[1]}\b",
            re.IGNORECASE,
        )
        if street:
            yield re.compile(rf"\b{number[1]},? {re.escape(bare(street[0]))}\b", re.IGNORECASE)


def _street_patterns(part: str) -> Iterator[re.Pattern[str]]:
    number = _HOUSE_NUMBER.match(part)
    words = [bare(word) for word in re.findall(r"[\w'-]+", part[number.end() :] if number else part)]
    if words:  # a house's name may stand before the street in one part, so the last two words are enough
        street = words[-2:] if words[-1] in street_kinds() else words
        # an everyday word, such as "back lane", is the street only where both words have a capital letter
        capital = r"(?-i:(?=[A-Z]))" if street[0] in listed("word_names") else ""
        spelled = r"[ '-]{1,2}".join(capital + _in_any_spelling(word) for word in street)
        yield re.compile(rf"\b{spelled}\b", re.IGNORECASE)
        if capital and len(street) > 1:
            small = r"[ '-]{1,2}".join(map(_in_any_spelling, street))
            yield re.compile(rf"\b(?:on|off|along|down|up|at|in|end of|corner of) {small}\b", re.IGNORECASE)
    if len(words) == 2 and len(words[0]) > 4 and words[0] not in listed("word_names"):
        name = re.escape(words[0])
        yield re.compile(rf"\b(?:[Oo]n|[Oo]ff|[Aa]long|[Dd]own|[Uu]p|[Oo]pposite) (?:the )?(?:{name.title()}|{name})\b")


def _in_any_spelling(word: str) -> str:
    """A word with or without its marks; a kind of street also in short."""
    spellings = (("'?".join(map(re.escape, spelling))) for spelling in street_kinds().get(word, (word,)))
    return f"(?:{'|'.join(spellings)})"
