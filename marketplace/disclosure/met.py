"""What a text tells that the record knows: its names, in large and small letters, its address and its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from marketplace.disclosure.known import TITLES, WORD, Record, keys_of
from marketplace.disclosure.names import names_institution
from marketplace.disclosure.plain import FindingKind, Spot, Writing, bare
from marketplace.disclosure.times import dates_in
from marketplace.disclosure.words import given_names, listed, without_no_person

_ACRONYMS = frozenset(("TED", "PEG", "PAT", "MAR", "SAM", "DOT", "PAM"))
_NEXT_VERB = re.compile(
    r",? (?:is|was|has|had|does|did|doesn'?t|isn'?t|hasn'?t|won'?t|didn'?t|can|cannot|can't|could|would|will|wants"
    r"|likes|loves|needs|lives|prefers|enjoys"
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
_DOTTED = re.compile(r"(?<![A-Za-z.])[A-Z]\. ?(?:[A-Z]\. ?){0,2}[A-Z]\.?(?![A-Za-z])")
_SAINT = re.compile(r"\b(?:St|Saint)\.? $")
_DOES_SMALL = re.compile(
    r" (?:is|was|has|had|does|did|can|cannot|can't|could|would|wants|likes|loves|needs|lives|prefers|enjoys|uses"
    r"|walks|speaks"
    r"|takes|feels|gets|goes|sleeps|eats|hates|says|visits|manages|helps|comes|pops|calls|cooks|works|rings|holds"
    r"|sorts|sees"
    r"|will|doesn'?t|isn'?t|hasn'?t|won'?t|didn'?t|wasn'?t|tends|struggles|refuses|asks|knows|sits|stays|wears|pays"
    r"|drives|brings"
    r"|lets|keeps)\b"
)
_DOES_AS_PERSON = re.compile(
    r" (?:likes|needs|requires|prefers|lives|wants|enjoys|loves|eats|sleeps|walks|can|cannot|feels|speaks|hates"
    r"|tires|struggles)\b"
)
_OWN = re.compile(r" (?:been|got|not|always|very|a|an|the|\w+ing|\w+ed)\b")
_ASKED_SMALL = re.compile(r"\b(?i:ring|phone|text|ask|tell|contact|speak to|speak with|see|inform|ask for|let|call) $")
_KIN_BEFORE = re.compile(
    r"\b(?i:daughter|son|wife|husband|niece|nephew|sister|brother|mum|dad|mother|father|partner|friend|neighbour"
    r"|neighbor"
    r"|cousin|aunt(?:ie|y)?|uncle|grand(?:son|daughter)|dtr|lad|lass|mate|carer|cleaner|nok|wife)(?:,| called"
    r"| is called)? $"
)


def spots_of_record(text: Writing, record: Record) -> Iterator[Spot]:
    """Every place in the text that meets the record."""
    if record.own_words:
        yield from _names(without_no_person(text.plain), record)
    houses = record.house_patterns if not text.numbers.isdisjoint(record.house_numbers) else ()
    for pattern in (*houses, *(record.street_patterns if text.has(record.address_words) else ())):
        for found in (*pattern.finditer(text.plain), *pattern.finditer(text.spoken)):
            yield Spot(FindingKind.ADDRESS, *found.span())
    if text.digits:
        yield from _numbers(text, record)
    for part in record.mail_parts:
        if (place := text.small.find(part)) >= 0:
            yield Spot(FindingKind.EMAIL, place, place + len(part))


def _names(text: str, record: Record) -> Iterator[Spot]:
    words = list(WORD.finditer(text))
    hits = [_meets(found, text, record) for found in words]
    for place, found in enumerate(words):
        if hits[place]:
            before = words[place - 1] if place and found.start() - words[place - 1].end() < 4 else None
            sure = before is not None and (bool(hits[place - 1]) or bare(before[0]) in TITLES)
            start = before.start() if before and sure else found.start()
            yield Spot(FindingKind.NAME, start, found.end(), may_be_innocent=not sure)
        elif _are_initials(found, text, record):
            yield Spot(FindingKind.INITIALS, *found.span(), may_be_innocent=True)
    for found in _DOTTED.finditer(text):
        if found[0].replace(".", "").replace(" ", "") in record.initials:
            yield Spot(FindingKind.INITIALS, *found.span(), may_be_innocent=True)


def _are_initials(found: re.Match[str], text: str, record: Record) -> bool:
    """Whether these letters are initials of the record; those that care uses itself only where somebody does something."""
    if not found[0].isupper() or found[0] not in record.initials:
        return False
    is_somebody = _begins(found, text) and _DOES_AS_PERSON.match(text, found.end()) is not None
    return is_somebody or bare(found[0]) not in listed("initials_of_care")


def _meets(found: re.Match[str], text: str, record: Record) -> bool:
    word = found[0]
    small = bare(word)
    if "-" not in word and small not in record.all_words and small[:-1] not in record.all_words:
        return len(small) > 5 and _is_misspelt(small, record) and _is_meant(word, found, text, is_first=True)
    if _SAINT.search(text[max(0, found.start() - 7) : found.start()]):
        return False
    keys = keys_of(word)
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
    if word.lower() in _VERBS and _begins(found, text):
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
    if found[0].lower() in _VERBS:
        return False
    if _KIN_BEFORE.search(before):
        return True
    if not is_first:
        return False
    if _ASKED_SMALL.search(before) and not names_institution(text, found.end()):
        return True
    owns = found[0].lower().endswith("'s")
    return _begins(found, text) and bool((_OWN if owns else _DOES_SMALL).match(text, found.end()))


def _numbers(text: Writing, record: Record) -> Iterator[Spot]:
    for start, end, days in dates_in(text.plain):
        if record.born in days:
            yield Spot(FindingKind.BIRTH_DATE, start, end)
    for kind, pattern in record.number_patterns if any(end in text.squeezed for end in record.number_ends) else ():
        for found in pattern.finditer(text.spelled if kind is FindingKind.POSTCODE else text.spoken):
            yield Spot(kind, *found.span())
