"""What the record knows of a person, looked for in a text: names, and what they are shortened to, address and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from marketplace.disclosure.dates import dates_in
from marketplace.disclosure.names import names_institution
from marketplace.disclosure.plain import FindingKind, Spot, Writing, bare, plain
from marketplace.disclosure.words import called_instead, given_names, listed, street_kinds, without_no_person

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*'?")
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "sir", "rev"))
_ACRONYMS = frozenset(("TED", "PEG", "PAT", "MAR", "SAM", "DOT", "PAM"))
_NEXT_VERB = re.compile(
    r",? (?:is|was|has|had|does|did|doesn'?t|isn'?t|hasn'?t|won'?t|didn'?t|can|cannot|can't|could|would|will|wants|likes|loves|needs|lives|prefers|enjoys"
    r"|uses|walks"
    r"|speaks|requires|takes|feels|gets|gives|goes|sleeps|eats|hates|dislikes|says|sits|stays|tends|tires|struggles"
    r"|suffers"
    r"|refuses|rings|visits|holds|manages|helps|comes|calls|cooks|works|looks|knows|wears|asks|becomes|and|who)\b"
)
_VERBS = frozenset(("has", "can", "will", "may", "does"))
_MONTHS = ("April", "May", "June", "August")
_TIME_BEFORE = re.compile(
    r"(?i:\b(?:in|since|from|until|till|by|during|last|next|early|late|mid|of|on|to|and|every)|[0-9](?:st|nd|rd|th)?) $"
)
_NUMBER_WORDS = frozenset(("number", "no", "house", "door", "flat", "apartment", "apt", "unit"))
_DOTTED = re.compile(r"(?<![A-Za-z.])[A-Z]\. ?(?:[A-Z]\. ?){0,2}[A-Z]\.?(?![A-Za-z])")
_SAINT = re.compile(r"\b(?:St|Saint)\.? $")
_LOOKS_LIKE = {"0": "[0Oo]", "1": "[1lI]", "5": "[5S]"}
_DOES_SMALL = re.compile(
    r" (?:is|was|has|had|does|did|can|cannot|can't|could|would|wants|likes|loves|needs|lives|prefers|enjoys|uses|walks|speaks"
    r"|takes|feels|gets|goes|sleeps|eats|hates|says|visits|manages|helps|comes|pops|calls|cooks|works|rings|holds|sorts|sees)\b"
)
_OWN = re.compile(r" (?:been|got|not|always|very|a|an|the|\w+ing|\w+ed)\b")
_ASKED_SMALL = re.compile(r"\b(?i:ring|phone|text|ask|tell|contact|speak to|speak with|see|inform|ask for|let|call) $")
_KIN_BEFORE = re.compile(
    r"\b(?i:daughter|son|wife|husband|niece|nephew|sister|brother|mum|dad|mother|father|partner|friend|neighbour|neighbor"
    r"|cousin|aunt(?:ie|y)?|uncle|grand(?:son|daughter)|dtr|lad|lass|mate|carer|cleaner|nok|wife)(?:,| called| is called)? $"
)
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
        return [[word for word in _WORD.findall(name) if bare(word) not in _TITLES] for name in everybody]

    @cached_property
    def own_words(self) -> frozenset[str]:
        """The words of names as they stand in the record."""
        return frozenset(key for name in self.full_names for word in name for key in _keys(word) if len(key) > 1)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """The words of names but the last of each."""
        return frozenset(key for name in self.full_names for word in name[:-1] or name for key in _keys(word))

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
        """Words one of which stands in every text that could tell the address."""
        words = {bare(word) for word in re.findall(r"[^\W\d_]{3,}", plain(self.address)[0])}
        return frozenset(words) | {f"{word}s" for word in words} | {word.rstrip("s") for word in words} | _NUMBER_WORDS

    @cached_property
    def house_numbers(self) -> tuple[str, ...]:
        """The numbers of house and flat in the address."""
        parts = (_HOUSE_NUMBER.match(part) for part in _DIVIDED.split(plain(self.address)[0].strip()))
        return tuple(part[1].lower() for part in parts if part)

    @cached_property
    def address_patterns(self) -> tuple[re.Pattern[str], ...]:
        """Its street, house and the number with it, in any spelling; the town is no secret."""
        return tuple(_address_patterns(self.address))

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


def spots_of_record(text: Writing, record: Record) -> Iterator[Spot]:
    """Every place in the text that meets the record."""
    if record.own_words:
        yield from _names(without_no_person(text.plain), record)
    told = text.has(record.address_words) or any(number in text.small for number in record.house_numbers)
    for pattern in record.address_patterns if told else ():
        for found in (*pattern.finditer(text.plain), *pattern.finditer(text.spoken)):
            yield Spot(FindingKind.ADDRESS, *found.span())
    if text.digits:
        yield from _numbers(text, record)
    for part in record.mail_parts:
        if (place := text.small.find(part)) >= 0:
            yield Spot(FindingKind.EMAIL, place, place + len(part))


def _keys(word: str) -> set[str]:
    """The word as it is compared: whole, without hyphens, and each of its hyphened parts."""
    small = bare(word)
    return {small.replace("-", ""), *small.split("-")}


def _names(text: str, record: Record) -> Iterator[Spot]:
    words = list(_WORD.finditer(text))
    hits = [_meets(found, text, record) for found in words]
    for place, found in enumerate(words):
        if hits[place]:
            before = words[place - 1] if place and found.start() - words[place - 1].end() < 4 else None
            sure = before is not None and (bool(hits[place - 1]) or bare(before[0]) in _TITLES)
            start = before.start() if before and sure else found.start()
            yield Spot(FindingKind.NAME, start, found.end(), may_be_innocent=not sure)
        elif found[0].isupper() and found[0] in record.initials and bare(found[0]) not in listed("initials_of_care"):
            yield Spot(FindingKind.INITIALS, *found.span(), may_be_innocent=True)
    for found in _DOTTED.finditer(text):
        if found[0].replace(".", "").replace(" ", "") in record.initials:
            yield Spot(FindingKind.INITIALS, *found.span(), may_be_innocent=True)


def _meets(found: re.Match[str], text: str, record: Record) -> bool:
    word = found[0]
    small = bare(word)
    if "-" not in word and small not in record.all_words and small[:-1] not in record.all_words:
        return len(small) > 5 and _is_misspelt(small, record) and _is_meant(word, found, text, is_first=True)
    if _SAINT.search(text[max(0, found.start() - 7) : found.start()]):
        return False
    keys = _keys(word)
    keys |= {key[:-1] for key in keys if key.endswith("s")}
    own, short = keys & record.own_words, keys & record.short_words
    is_first = bool(short or own & record.first_words)
    if (own or short) and _is_meant_in_small_letters(found, text, is_first=is_first):
        return True
    if own:
        sure = bool(own - listed("word_names")) and word not in _ACRONYMS
        return sure or _is_meant(word, found, text, is_first=bool(own & record.first_words))
    return _is_meant_in_short(short, found, text)


def _is_meant_in_short(short: set[str], found: re.Match[str], text: str) -> bool:
    """Whether the word is what a first name is shortened to, and meant so."""
    word = found[0]
    if not short or len(word) < 2 or (word.isupper() and len(word) < 5):
        return False
    if word[0].isupper():
        return not short & listed("word_names") or _is_meant(word, found, text, is_first=True)
    return bool(short & given_names()) and len(word) > 3


def _begins(found: re.Match[str], text: str) -> bool:
    return text[max(0, found.start() - 5) : found.start()].rstrip(" '\"(-")[-1:] in ("", ".", "!", "?", ";", ":")


def _is_misspelt(word: str, record: Record) -> bool:
    """Whether one letter more, less or other makes it one of the names; everyday words are none."""
    names = (name for name in record.own_words - listed("word_names") if name[0] == word[0] and len(name) > 5)
    return any(_one_letter_apart(word, name) for name in names)


def _one_letter_apart(one: str, other: str) -> bool:
    same = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if same is None:
        return abs(len(one) - len(other)) == 1
    return one[same + 1 :] == other[same + 1 :] or one[same:] == other[same + 1 :] or one[same + 1 :] == other[same:]


def _is_meant(word: str, found: re.Match[str], text: str, *, is_first: bool) -> bool:
    """Whether an everyday word is the name here: capital within a sentence, or before what somebody does."""
    if not word[0].isupper() or names_institution(text, found.end()):
        return False
    if word in _MONTHS and _TIME_BEFORE.search(text[max(0, found.start() - 12) : found.start()]):
        return False
    return not _begins(found, text) or (is_first and bool(_NEXT_VERB.match(text, found.end())))


def _is_meant_in_small_letters(found: re.Match[str], text: str, *, is_first: bool) -> bool:
    """Whether an everyday word is the name although nothing is written large: "rose does her finances", "ring rose"."""
    before = text[max(0, found.start() - 24) : found.start()]
    if _KIN_BEFORE.search(before):
        return True
    if not is_first or found[0].lower() in _VERBS:
        return False
    if _ASKED_SMALL.search(before) and not names_institution(text, found.end()):
        return True
    owns = found[0].lower().endswith("'s")
    return _begins(found, text) and bool((_OWN if owns else _DOES_SMALL).match(text, found.end()))


def _address_patterns(address: str) -> Iterator[re.Pattern[str]]:
    parts = [part for part in _DIVIDED.split(plain(address)[0].strip()) if part]
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


def _street_patterns(part: str) -> Iterator[re.Pattern[str]]:
    number = _HOUSE_NUMBER.match(part)
    words = [bare(word) for word in re.findall(r"[\w'-]+", part[number.end() :] if number else part)]
    if number:
        house = "house|door" if words else "flat|apartment|apt|unit"
        # "118, green gate" and "it's #14"; a number that stands elsewhere may be anything
        yield re.compile(
            rf"\b(?:number|no\.?|{house}) ?{number[1]}\b(?! ?(?:[0-9]|bus|day|visits?|carers?|hours?))"
            rf"|^{number[1]}(?=, ?[A-Za-z])|(?<!\w)#{number[1]}\b",
            re.IGNORECASE,
        )
        if words:
            yield re.compile(rf"\b{number[1]},? {re.escape(words[0])}\b", re.IGNORECASE)
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


def _numbers(text: Writing, record: Record) -> Iterator[Spot]:
    for start, end, days in dates_in(text.plain):
        if record.born in days:
            yield Spot(FindingKind.BIRTH_DATE, start, end)
    for kind, pattern in record.number_patterns:
        for found in pattern.finditer(text.spoken):
            yield Spot(kind, *found.span())
