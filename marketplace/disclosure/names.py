"""Names of people about whom nothing is known: relatives, neighbours, whoever has a title, what somebody is called.

A name that stands alone may be innocent; "her daughter Susan" is not. Illnesses, aids and artists that bear a name are
known (`words/no_person.txt`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from marketplace.disclosure.plain import FindingKind, Spot, Writing, bare
from marketplace.disclosure.words import given_names, listed, without_no_person

_CAPITAL = r"[A-ZÀ-ÖØ-Þ]"
_NAME = rf"{_CAPITAL}[\w'-]{{0,30}}[a-zß-ÿ](?<!'s)|{_CAPITAL}{{3,}}"
_SURNAME = rf"{_CAPITAL}[\w'-]{{0,30}}[a-zß-ÿ]"
_KIN = (
    r"(?:grand|step|great[ -]?grand|half[ -]?|foster[ -]?|god)?-?(?:daughter|son|mother|father|brother|sister|child"
    r"|parent"
    r"|mum|mam|dad|ma|pa)(?:s?[ -]?in[ -]?law)?s?|children|wife|wives|husband|hubby|partner|spouse|fianc[eé]e?|niece"
    r"|nephew"
    r"|cousin|aunt(?:y|ie)?|uncle|nan|nana|nanna|gran|granny|grandma|grandad|grandpa|twins?|boyfriend|girlfriend|widow"
    r"|widower|lad|lass(?:ie)?|bairn|eldest|youngest|missus|other half|sibling|bro|sis|dtr|dau|g/?son|g/?dtr|sil|dil"
    r"|bil"
)
_NEAR = (
    r"neighbou?rs?(?: (?:opposite|across the road|next door|upstairs|downstairs))?|friends?|next of kin|nok"
    r"|key ?holders?"
    r"|housemate|flatmate|lodger|family member|relative|mate|pal|bestie"
)
_WORKING = (
    r"attorney|deputy|executor|landlord|landlady|tenant|contact(?: person)?|carer|cleaner|gardener|warden|befriender"
    r"|advocate"
    r"|solicitor|appointee|social worker|support worker|key ?worker|care manager|nurse|physio|therapist|ot|gp|doctor"
    r"|consultant|hairdresser|chiropodist|podiatrist|vicar|priest|minister|scheme manager|care coordinator"
    r"|personal assistant|visitor"
)
_ROLE = rf"(?i:{_KIN}|{_NEAR}|{_WORKING})"
_WORKS = re.compile(_WORKING, re.IGNORECASE)
_PETS = (
    r"\b(?i:dogs?|cats?|budgies?|birds?|rabbits?|parrots?|puppy|kittens?|spaniel|terrier|labrador|pets?|collie|poodle"
    r"|hamster"
    r"|tortoise|horse|pony)"
)
_PET = re.compile(
    rf"{_PETS}(?:,? (?:is )?(?:called|named)| ?\(|,| -)? "
    rf"(?P<what>{_CAPITAL}[\w'-]{{1,30}}(?:(?: and|,) {_CAPITAL}[\w'-]{{1,30}})?)"
)
_NAMED_PET = re.compile(
    rf"(?P<what>{_CAPITAL}[\w'-]{{1,30}})(?=(?:,? (?:is )?| ?\()(?i:his|her|their|the) (?:\w+ )?{_PETS}\b)"
)
_CALLED = re.compile(
    rf"\b(?P<role>{_ROLE})\b(?P<link>(?:,? (?i:is |who is |whose )?(?i:called|named|name is|known as) "
    rf"|'s name (?:is )?| ?\(| ?[,:=/-] ?"
    rf"| is | )(?:['\"(]| ?(?:is )?)?)(?P<name>{_NAME})\b(?P<more>(?: {_SURNAME})?)"
)
_SMALL_CALLED = re.compile(rf"\b{_ROLE}(?: (?:is )?(?:called|named)|,| \(|:)? (?P<name>[a-z][\w'-]{{1,30}})\b")
_BEFORE_ROLE = re.compile(
    rf"(?<![\w'-])(?P<name>(?:{_NAME}))(?: (?P<more>{_SURNAME}))?(?P<link>,? ?\((?i:his |her |their |the )?"
    rf"|, (?i:who is |his |her |their |the )(?i:his |her |their |the )?| (?i:is |- )(?i:his |her |their |the )"
    rf"| - )\b{_ROLE}\b"
)
_TITLES_OF_KIN = frozenset(
    (
        "auntie",
        "aunty",
        "aunt",
        "uncle",
        "nanna",
        "nana",
        "grandma",
        "grandad",
        "granny",
        "lady",
        "father",
        "sister",
        "fr",
    )
)
_TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "sir", "rev", "revd", "cllr", "prof", "canon", "rabbi", "imam")
)
_TITLES |= _TITLES_OF_KIN
_TITLED = re.compile(
    rf"\b(?P<title>(?i:{'|'.join(sorted(_TITLES))}))\b\.? ?(?:& ?(?i:mrs|mr)\.? |and (?i:mrs"
    rf"|mr)\.? )?(?P<name>{_NAME}|{_CAPITAL}\b(?!'))"
)
_SMALL_TITLED = re.compile(r"\b(?:mr|mrs)\b\.? (?P<name>[a-z][a-z'-]+)\b")
_GOES_BY = re.compile(
    r"(?i:\b(?P<by>known (?:to \w+ )?as|goes by(?: the name(?: of)?)?|(?:likes|prefers|wants|asks|wishes|happy) "
    r"(?:us |people |carers |everyone )?(?:to be |being )?(?:called|known as|addressed as)|prefers(?: the name)?"
    r"|answers to"
    r"|nicknamed|nickname(?: is)?|a\.?k\.?a\.?|name is|is called|(?:pre|full |first |sur|maiden |birth |pet "
    r"|christian )"
    rf"name(?: is)?:?|calls? (?:him|her|them|me)(?:self|selves)?|n[eé]e)) ?:? ?['\"(]?(?P<name>{_NAME})\b"
)
_IS_CALLED = re.compile(
    rf"\b(?P<name>{_NAME}) (?:is|was|'s) (?:what|how|the name) (?:\w+ ){{0,3}}(?:calls?|called|knows?|known|uses?"
    rf"|likes|prefers)\b"
)
_ASKED_FOR = re.compile(
    r"\b(?i:ring|phone|text|contact|tell|ask|inform|speak to|speak with|ask for|liaise with|message|let) "
    rf"(?P<name>{_CAPITAL}[a-z]{{2,11}})(?= (?:first|before|if|about|re|when|who|know|on arrival|once|straight"
    rf"|asap)\b|,|\.|$)"
)
_GOES_BY_SMALL = re.compile(
    r"\b(?:known to \w+ as|goes by|(?:likes|prefers|wants) to be called|nicknamed|nickname is|answers to) ['\"]?(?!by"
    r"|the|when"
    r"|at|his|her|their|in|a|an|mr|mrs|sir|madam|after|before|on|first|name|names|it|for)(?P<name>[a-z]{3,})\b"
)
_WORDS_OF_CALLING = frozenset(
    (
        "known",
        "goes",
        "called",
        "addressed",
        "prefers",
        "answers",
        "nicknamed",
        "nickname",
        "aka",
        "name",
        "call",
        "calls",
        "nee",
    )
) | frozenset(("née", "surname", "prename", "k"))
_NO_PERSON_BEFORE = re.compile(
    r"(?i:\b(?:condition|disease|disorder|syndrome|illness|drug|medicine|tablet|cream|team|ward|unit|aid|hoist"
    r"|service|scheme"
    r"|form|system|procedure|method|diet|dog|cat|budgie|bird|rabbit|parrot|pet)s?\b[^.;]{0,25}$)"
)
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_INSTITUTION = re.compile(
    r"(?:'s)? (?:and [A-Z]\w+ )?(?:[A-Z]\w+ )?(?i:hospital|ward|house|court|cent(?:re|er)|unit|clinic|surgery|hospice"
    r"|school"
    r"|college|church|cathedral|chapel|trust|foundation|suite|wing|lodge|society|hotel|hall|park|infirmary|academy"
    r"|practice"
    r"|medical|health|library|club|theatre|stadium|road|street|lane|avenue|close|gardens|disease|syndrome|palsy"
    r"|splint|chair"
    r"|hoist|day cent|day service|pad|sheet|scale|test|method|charity|team|estate|market|pub|caf[eé]|arms|inn"
    r"|stockings?"
    r"|line|rovers|wanderers|athletic|albion|north end|cakes?)\b"
)
_HONOURED = re.compile(r"\b(?:St|Saint|Queen|King|Prince|Princess|Royal|Our Lady|Lord)\.? $")
_ENJOYED = re.compile(
    r"\b(?i:listen(?:s|ing)? to|watch(?:es|ing)?|fan of|music (?:of|by|from)|songs? (?:of|by|from)|films? (?:of|by|with"
    r"|starring)|books? by|novels? by|sing(?:s|ing)?(?: along)?(?: to)?|records? (?:of|by)|poems? (?:of|by)"
    r"|(?:enjoys?|likes?|loves?|plays?|reads?|reading)|on the radio,?|dvds? of|programmes? (?:about|with|by))"
    r"(?P<what> (?:(?:the|old|any|anything|especially|by|and|or|some|all|his|her) )*"
    rf"{_CAPITAL}[\w'-]{{1,30}}(?:(?:,| and| or|,? and) {_CAPITAL}[\w'-]{{1,30}}| {_CAPITAL}[\w'-]{{1,30}}){{0,8}})"
)
_ASKED = re.compile(
    r"\b(?i:ring|phone|contact|text|tell|ask for|ask|speak to|speak with|liaise with|inform|message|call|let|see|meet"
    r"|from|via"
    r"|with) $"
)
_CAPITAL_INSIDE = re.compile(rf"[\w,;:(=/'\"&#-] ?['\"(]?{_CAPITAL}")
_INITIALS = re.compile(r"(?<![A-Za-z.])(?:[A-Z]\.){2,3}(?![A-Za-z])|(?<![A-Za-z.])[A-Z]\. [A-Z]\.(?![A-Za-z])")


def names_institution(text: str, end: int) -> bool:
    """Whether the word that ends here is the name of a hospital, a street, a club or the like."""
    return _INSTITUTION.match(text, end) is not None


def names_in(writing: Writing) -> Iterator[Spot]:
    """Every name of somebody, and initials."""
    text = writing.plain
    for innocent in (_ENJOYED, _PET, _NAMED_PET) if _CAPITAL_INSIDE.search(text) else (_NAMED_PET,):
        text = innocent.sub(_blanked, text)
    text = without_no_person(text)
    yield from _with_a_role(text)
    if writing.has(_TITLES):
        yield from _titled(text)
    if writing.has(_WORDS_OF_CALLING):
        yield from _gone_by(text)
    if writing.has(given_names(also_words=True)):
        yield from _alone(text)
    yield from _asked_for(text)
    for found in _INITIALS.finditer(text):
        if bare(re.sub(r"[. ]", "", found[0])) not in listed("initials_of_care"):
            yield Spot(FindingKind.INITIALS, *found.span(), may_be_innocent=True)


def _blanked(found: re.Match[str]) -> str:
    """What was found, its part `what` blanked."""
    return found[0][: found.start("what") - found.start()] + "#" * len(found["what"])


def _is_first_name(word: str) -> bool:
    return bare(word) in given_names(also_words=True)


def _may_be_name(word: str) -> bool:
    return bare(word.removesuffix("'s")) not in listed("no_names")


def _with_a_role(text: str) -> Iterator[Spot]:
    for found in _CALLED.finditer(text) if _CAPITAL_INSIDE.search(text) else ():
        works = _WORKS.fullmatch(found["role"]) is not None
        link = found["link"].strip(" '\"(")
        if link == "," and text[found.end("name") : found.end("name") + 1] == ",":
            link = ""
        if _is_called(found["name"], link, found["more"].strip(), works=works):
            yield Spot(FindingKind.NAME, found.start(), found.end("name"))
    for found in _BEFORE_ROLE.finditer(text):
        name, more, link = found["name"], found["more"] or "", found["link"].strip()
        begins = text[: found.start()].rstrip()[-1:] in ("", ".", "!", "?", ";", ":", "#")
        plausible = (
            "(" in link and _may_be_name(name) and not name.isupper() and (not begins or _may_be_name(more or "no"))
        )
        if _is_first_name(name) or plausible:
            yield Spot(FindingKind.NAME, *found.span())


def _is_called(name: str, link: str, more: str, *, works: bool) -> bool:
    """Whether what stands after a role is the name: at once, or as a name that is known, or with a second one."""
    if not _may_be_name(name):
        return False
    if _is_first_name(name):
        return True
    if more and link not in ("is", ",") and not works and _may_be_name(more):
        return True
    named = any(word in link for word in ("called", "named", "name", "known as")) or (link == "" and not works)
    return named and not name.isupper()


def _titled(text: str) -> Iterator[Spot]:
    for found in _TITLED.finditer(text):
        name = found["name"]
        if len(name) == 1:
            yield Spot(FindingKind.INITIALS, *found.span(), may_be_innocent=True)
            continue
        title = found["title"]
        cased = not name.isupper() or title.isupper()
        if title == "MS" or (title.lower() in _TITLES_OF_KIN and not _is_first_name(name)):
            continue
        if cased and _may_be_name(name) and not _INSTITUTION.match(text, found.end()):
            yield Spot(FindingKind.NAME, *found.span())
    for found in _SMALL_TITLED.finditer(text):
        if _may_be_name(found["name"]):
            yield Spot(FindingKind.NAME, *found.span())


def _gone_by(text: str) -> Iterator[Spot]:
    for found in _GOES_BY.finditer(text):
        before = text[max(0, found.start() - 40) : found.start()]
        name, first = found["name"], _is_first_name(found["name"])
        sure = first or not (name.isupper() or found["by"].lower() == "prefers")
        if sure and _may_be_name(name) and not _NO_PERSON_BEFORE.search(before):
            yield Spot(FindingKind.NAME, *found.span())
    for found in _GOES_BY_SMALL.finditer(text):
        yield Spot(FindingKind.NAME, *found.span())
    for found in _IS_CALLED.finditer(text):
        if _may_be_name(found["name"]):
            yield Spot(FindingKind.NAME, *found.span("name"))


def _asked_for(text: str) -> Iterator[Spot]:
    """Whoever should be rung, told or asked: with a capital letter it may be a name that no list has."""
    for found in _ASKED_FOR.finditer(text) if _CAPITAL_INSIDE.search(text) else ():
        if _may_be_name(found["name"]) and not _INSTITUTION.match(text, found.end()):
            yield Spot(FindingKind.NAME, *found.span("name"), may_be_innocent=True)


def _alone(text: str) -> Iterator[Spot]:
    """First names on their own, and in small letters after a role."""
    for found in _WORD.finditer(text):
        word = found[0].removesuffix("'s").removesuffix("s'")
        key = bare(word)
        if key in given_names(also_words=True) and _stands_for_somebody(
            word, text, found.start(), key in given_names()
        ):
            yield Spot(FindingKind.NAME, found.start(), found.start() + len(word), may_be_innocent=True)
    for found in _SMALL_CALLED.finditer(text):
        if bare(found["name"]) in given_names() and found["name"] not in listed("small_words"):
            yield Spot(FindingKind.NAME, *found.span())


def _stands_for_somebody(word: str, text: str, start: int, is_only_a_name: bool) -> bool:
    if word.islower():
        return is_only_a_name and len(word) > 4 and word not in listed("small_words")
    if word.isupper() and len(word) < 5:
        return False
    before, end = text[max(0, start - 15) : start], start + len(word)
    known = is_only_a_name or bool(_ASKED.search(before))
    return known and not _INSTITUTION.match(text, end) and not _HONOURED.search(before)
