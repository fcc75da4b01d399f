"""What is written in digits and signs: telephone, NHS and other numbers, postcodes, e-mail and web addresses.

Numbers may be half in words ("oh one five two two, double five 2222"). Every pattern is bounded: it takes time in
proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.values.nhs_number import check_digit_agrees
from app.values.postcode import Postcode
from marketplace.disclosure.plain import FILL, FindingKind, Sign, Spot, Writing, bare, spots_of
from marketplace.disclosure.words import listed

# Between two digits of one number people put spaces, dots, dashes, commas, strokes and brackets.
_GAP = r"\x01{0,14}[ ().,*/_-]{0,4}"
_CLOCK = r"(?:[01][0-9]|2[0-3])[.:]?(?:00|15|30|45)"
# Two times of day such as "0800 1130" are no beginning of a telephone number.
_CLOCK_TIMES = r"0[5-9](?:00|15|30|45)[ /,-]{1,3}(?:[01][0-9]|2[0-3])(?:00|15|30|45)(?![0-9])"
_RING = r"\b(?:tel|telephone|phone|mobile|mob|ring|dial|whatsapp|landline|fax|text|contact)\b"
_TELEPHONES = (
    rf"(?:\+|(?<![0-9])00|\bplus ){_GAP}44{_GAP}(?:0{_GAP})?[1-9](?:{_GAP}[0-9]){{8,9}}(?![0-9])",
    rf"\+{_GAP}[1-9](?:{_GAP}[0-9]){{8,14}}(?![0-9])",
    rf"(?<![0-9])44{_GAP}[1-37](?:{_GAP}[0-9]){{9}}(?![0-9])",
    rf"(?<![0-9])(?!{_CLOCK_TIMES})0{_GAP}[1235789](?:{_GAP}[0-9]){{9}}(?![0-9])",
    rf"(?<![0-9])0{_GAP}1(?:{_GAP}[0-9]){{8}}(?![0-9])",
    rf"(?<![0-9])0800{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}(?![0-9])",
    r"(?<![0-9])0[0-9]{3,4} ?/ ?[0-9]{5,7}(?![0-9])",
    rf"(?<![0-9])7[0-9]{{3}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}(?![0-9])",
    rf"(?<![0-9])[1-9]\x01(?:{_GAP}[0-9]){{6,}}(?![0-9])",
    rf"{_RING}[^0-9.;]{{0,25}}?(?<![0-9])(?!{_CLOCK}{_GAP}{_CLOCK})[0-9](?:{_GAP}[0-9]){{5,9}}(?![0-9])",
)
_NHS_GAP = r"\x01{0,14}[ .,:/_-]{0,4}"
_TOP = r"(?:co\.uk|org\.uk|gov\.uk|nhs\.uk|nhs\.net|ac\.uk|com|net|org)"
_DOT = r"(?:\.| ?[\[(]dot[\])] ?| dot )"
_SPOKEN_TOP = rf"(?:(?:co|org|gov|nhs){_DOT}(?:uk|net)|com|net|org|uk)"
_HOST = r"[a-z0-9-]{2,30}"
_HOLDER = (
    r"\b(?:case|client|service user|su|person|social care|asc|adult|record|file|hospital|hosp|district|dist|patient"
    r"|unit|mrn|crn|ni"
    r"|pension"
    r"|national insurance|housing|tenancy|council tax|blue badge|passport|bus pass|bank account|account|lifeline"
    r"|careline|telecare|pendant|uprn|dols|safeguarding)\b"
)
_SYSTEM = (
    r"\b(?:mosaic|liquid ?logic|las|lcs|care ?first|care ?director|eclipse|systm ?(?:one|1\x01*)|emis|rio|contrOCC"
    r"|framework-?i|azeus)\b"
)
_SHORT_WORDS = (
    "and|the|for|has|but|all|she|her|his|not|can|may|day|per|min|max|mls|mgs|hrs|bed|was|are|who|new|old|any|one|two"
    "|six|ten"
    "|am|pm|med|tab|cap|pad|bag|mcg|kgs|off|out|via|prn|bds|tds|due|end"
)
_NUMBERS = (
    Sign(FindingKind.TELEPHONE, re.compile("|".join(_TELEPHONES), re.IGNORECASE), digits=6, spoken=True),
    Sign(
        FindingKind.OTHER_NUMBER,
        re.compile(rf"{_SYSTEM}(?:[^.;0-9]|no\.|num\.|ref\.){{0,25}}?[a-z]{{0,3}}[ -]?[0-9]{{4,}}", re.IGNORECASE),
        digits=4,
        spoken=True,
    ),
    Sign(
        FindingKind.OTHER_NUMBER,
        re.compile(
            rf"{_HOLDER} ?(?:id|no|number|num|ref|reference|record|code|#)?\b[ .:#]{{0,3}}(?:is "
            rf"|was )?(?:\b[a-z]{{1,4}})?"
            r"[ /-]?(?<![0-9])(?!(?:19|20)[0-9]{2}(?![0-9]))[0-9]{5,}"
            r"|\b[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b",
            re.IGNORECASE,
        ),
        digits=5,
        spoken=True,
    ),
    Sign(
        FindingKind.OTHER_NUMBER,
        re.compile(
            rf"\b[A-Z]{{2}}[0-9]{{2}} ?(?!(?i:{_SHORT_WORDS})\b)[A-HJ-PR-Z]{{3}}\b"
            rf"|\b[a-z]{{2}}[0-9]{{2}} (?!{_SHORT_WORDS}\b)[a-hj-pr-z]{{3}}\b"
            rf"|\b[A-HJ-NPR-TV-Y][0-9]{{3}} ?(?!ICD\b)[A-HJ-PR-Z]{{3}}\b"
        ),
        digits=2,
    ),
    Sign(
        FindingKind.OTHER_NUMBER,
        re.compile(r"\bref(?:erence)?\b[ .:#]{0,3}[A-Z]{2,5}/[0-9]{2,4}/[0-9]{3,}\b", re.IGNORECASE),
        digits=5,
    ),
    Sign(
        FindingKind.OTHER_NUMBER,
        re.compile(
            r"\b(?:car|van|reg(?:istration)?|number ?plate|plate|drives|motability|parked|parking|permit)\b[^.;]{0,30}?"
            r"\b(?!(?:19|20)[0-9]{2}\b)(?:[A-Z][0-9]{1,3} ?[A-Z]{3}|[A-Z]{3} ?[0-9]{1,3}[A-Z]"
            r"|[A-Z]{2}[0-9]{2} ?[A-Z]{3})\b",
            re.IGNORECASE,
        ),
        frozenset(
            ("car", "van", "reg", "registration", "plate", "drives", "motability", "parked", "parking", "permit")
        ),
        digits=1,
    ),
    Sign(
        FindingKind.OTHER_NUMBER,
        re.compile(
            r"\bsort ?code\b[^0-9.;]{0,10}[0-9]{2}(?:[ -]?[0-9]{2}){2}\b",
            re.IGNORECASE,
        ),
        digits=5,
    ),
    Sign(
        FindingKind.NHS_NUMBER,
        re.compile(
            rf"\bNHS\b(?: *(?:no|number|num|id|#))?[^0-9;]{{0,12}}[0-9](?:{_NHS_GAP}[0-9]){{9}}(?![0-9])", re.IGNORECASE
        ),
        frozenset({"nhs"}),
        digits=10,
        spoken=True,
    ),
)
_NHS_NUMBER = Sign(
    FindingKind.NHS_NUMBER,
    re.compile(rf"(?<![0-9])(?=([1-9](?:{_NHS_GAP}[0-9]){{9}})(?![0-9]))"),
    digits=10,
    spoken=True,
)
_APART = r"\x01{0,14}[ ,.:-]{0,2}"
_POSTCODES = (
    r"([A-Za-z]{1,2}[0-9][0-9A-Za-z]?|GIR)([ .,:/_-]{0,3})([0-9O][A-Za-z]{2})",
    rf"([A-Z](?:{_APART}[A-Z])?{_APART}[0-9](?:{_APART}[0-9A-Z])?)({_APART})([0-9O]{_APART}[A-Z]{_APART}[A-Z])",
)
_POSTCODE, _SPREAD_POSTCODE = (re.compile(rf"(?<![A-Za-z0-9])(?={form}(?![A-Za-z0-9]))") for form in _POSTCODES)
_LOOSE_POSTCODE = re.compile(
    rf"(?<![A-Za-z0-9])(?=([A-Za-z](?:{_APART}[A-Za-z])?{_APART}[0-9](?:{_APART}[0-9])?)({_APART})"
    rf"([0-9]{_APART}[A-Za-z]{_APART}[A-Za-z])(?![A-Za-z0-9]))"
)
_LITTLE_WORDS = re.compile(r"(?i)so|me|ha|ox|ex|us|is|at|to|no|on|in|or|we|be|by|do|go|he|it|my|of|up|am|pm|an|as")
_ORDINAL = re.compile(r"[0-9](?:st|nd|rd|th|hr)")
_NETWORKS = (
    "facebook|fb|instagram|insta|twitter|tweets?|tiktok|skype|snapchat|snap|messenger|youtube|etsy|pinterest"
    "|linkedin|ebay|vinted"
    "|twitch|discord|telegram|strava|bluesky|threads|whatsapp|reddit|online as"
)
_ADDRESSES = (
    Sign(
        FindingKind.EMAIL,
        re.compile(
            r"[\w.+'-]{1,64} ?@ ?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+"
            rf"|[\w.+'-]{{1,64}}(?: ?@ ?| ?[\[(]at[\])] ?| at ){_HOST}(?:{_DOT}{_HOST})?{_DOT}{_SPOKEN_TOP}\b",
            re.IGNORECASE,
        ),
    ),
    Sign(
        FindingKind.WEB_ADDRESS,
        re.compile(
            r"\b(?:facebook|instagram|insta|twitter|tiktok|skype|snapchat|messenger)\b[^.;]{0,20}?@[\w.]{3,}",
            re.IGNORECASE,
        ),
    ),
    Sign(
        FindingKind.WEB_ADDRESS,
        re.compile(
            rf"(?<![\w.@])@[a-z][\w.-]*\d\w*|(?<![\w.@])@[a-z][\w-]{{6,}}"
            rf"|\b(?i:{_NETWORKS})\b[^.;]{{0,40}}?\b(?:[a-z]+[\w]*\d\w*|[A-Za-z]+_\w+|[A-Z][a-z]+(?:[A-Z][a-z]+)+"
            r"|(?i:channel|shop|page|account|name|username|handle|profile)(?i: is|,|:| called) (?!not|on|for|with"
            r"|the|run|in\b)[\w.]{5,})"
        ),
    ),
)
_MAYBE_ADDRESS = re.compile(rf"@|\bdot\b|[a-z0-9]\.[a-z]|\bwww|://|\\|///|\b(?:{_NETWORKS})\b", re.IGNORECASE)
_WEB = re.compile(
    r"\b(?:https?|ftp|file)://[^ ]+|\bwww\.[^ ]+|\b[a-z0-9-]{2,63}(?:\.[a-z0-9-]{2,63}){0,3}\."
    rf"{_TOP}\b(?:/[^ ]*)?|\\\\[\w.$-]+\\[^ ]*|\b[a-z]:\\[^ ]+|(?<![/\w])/{{3}}[a-z]+\.[a-z]+\.[a-z]+"
    r"|\b(?:what ?(?:3|three) ?words|w3w)\b[^.]{0,12}\b[a-z]+\.[a-z]+\.[a-z]+",
    re.IGNORECASE,
)
_PUBLIC = re.compile(
    r"(?:https?://)?(?:www\.)?(?:nhs|gov|(?:bnf\.)?nice\.org|cqc\.org|scie\.org|ageuk\.org|alzheimers\.org"
    r"|parkinsons\.org"
    r"|stroke\.org|rnib\.org|rnid\.org|mind\.org|diabetes\.org|mssociety\.org|skillsforcare\.org|carersuk\.org"
    r"|resus\.org)"
    r"\.uk(?:/[a-z/-]*)?[.,)]*",
    re.IGNORECASE,
)


def numbers_in(text: Writing) -> Iterator[Spot]:
    """Every telephone number, postcode, NHS and other number."""
    for found in _NHS_NUMBER.found_in(text):
        parts = re.findall(r"[0-9]+", found[1])
        whole = len(parts) <= 4 or FILL in found[1] or len(parts) == 10
        if whole and check_digit_agrees("".join(parts)):
            yield Spot(FindingKind.NHS_NUMBER, *found.span(1))
    yield from spots_of(_NUMBERS, text)
    if text.digits:
        yield from _postcodes(text)


def addresses_in_the_net(text: Writing) -> Iterator[Spot]:
    """Every address of mail, of a page or file, or of an account."""
    if not _MAYBE_ADDRESS.search(text.plain):
        return
    yield from spots_of(_ADDRESSES, text)
    for found in _WEB.finditer(text.plain):
        if not _PUBLIC.fullmatch(found[0]):
            yield Spot(FindingKind.WEB_ADDRESS, *found.span())


def _postcodes(text: Writing) -> Iterator[Spot]:
    for found in (*_POSTCODE.finditer(text.plain), *_SPREAD_POSTCODE.finditer(text.spelled)):
        if _is_postcode(found):
            yield Spot(FindingKind.POSTCODE, found.start(1), found.end(3))
    for found in _LOOSE_POSTCODE.finditer(text.spelled):
        meant = FILL in text.spelled[found.start(1) : found.end(3)] or "postcode" in text.small[: found.start(1)][-25:]
        if meant and not _LITTLE_WORDS.fullmatch(found[1][:2]) and _is_postcode(found):
            yield Spot(FindingKind.POSTCODE, found.start(1), found.end(3))


def _is_postcode(found: re.Match[str]) -> bool:
    outward, gap, inward = found[1], found[2], found[3]
    # "B12 1st" is a vitamin on the first of the month; the postcode would be in one case throughout.
    if gap and outward.isupper() and _ORDINAL.fullmatch(inward):
        return False
    letters = re.sub(r"[^A-Za-z0-9]", "", outward + inward.replace("O", "0", 1))
    try:
        area = re.sub(r" ?[0-9].*", "", Postcode.parse(letters).text)
    except ValueError:
        return False
    return bare(area) in listed("postcode_areas")
