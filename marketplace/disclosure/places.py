"""Where somebody lives, and how to get in: streets with and without a number, door and key-safe codes, hidden keys.

"Has a key safe" is fine: what opens it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from marketplace.disclosure.plain import ONES, TEENS, TENS, FindingKind, Sign, Spot, Writing, spots_of

_I = re.IGNORECASE
_STREET = (
    r"(?:Street|Road|Rd|Avenue|Ave|Lane|Ln|Crescent|Cres|Terrace|Terr|Drive|Close|Row|Grove|Gardens|Gdns|Mews|Brow|Fold"
    r"|St(?=\.?(?:[,;:)]|$| [^A-Z]|\. )))"
)
_PLACE = (
    r"(?:Way|Walk|Court|Ct|Place|Pl|Hill|Square|Sq|Park|View|Green|Rise|Parade|Yard|Bank|Croft|Gate|Wharf|Quay|Meadows?"
    r"|Mount|Vale|Villas?|Cottages?|Buildings|House|Lodge|Heights|Towers?|Common|Chase|Dene|Garth|End|Fields?|Side"
    r"|Circus"
    r"|Broadway|Esplanade|Promenade|Boulevard|Causeway|Copse|Dale|Ridge|Drove|Hamlet|Farm|Mansions|Point|Wynd|Nook"
    r"|Bungalow|Barn|Hall)"
)
_BUILDING = r"(?:House|Court|Ct|Lodge|Cottages?|Towers?|Mansions|Buildings|Villas?|Heights|Bungalow|Barn|Farm)"
_SMALL_STREET = r"(?i:street|road|avenue|lane|crescent|terrace|mews|close|drive|grove|gardens|court|row|rise|st|rd|ave)"
_CAPITAL = r"[A-Z][\w'-]{0,30}"
_NUMBER = rf"(?:(?:{'|'.join(TENS)})(?:[ -](?:{'|'.join(ONES)}))?|{'|'.join(TEENS)}|{'|'.join(list(ONES)[1:10])})"
_HOUSE_NUMBER = rf"(?:\d{{1,4}}[a-d]?|{_NUMBER})\b"
_HOUSE = rf"(?<![\d.:/£x])\b(?:\d{{1,4}}(?:[ -]?[A-Da-d]\b)?|(?i:{_NUMBER}))"
_UNIT = (
    r"(?i:minutes?|mins?|hours?|hrs?|days?|weeks?|weekly|months?|years?|carers?|times|visits?|calls?|steps?"
    r"|bed(?:room)?s?"
    r"|miles?|am|pm|mg|ml|units?|flights?|doors?|houses?|people|nights?|stone|x|per|and|or|to|the|a|at|on|in|of|from"
    r"|with"
    r"|for|storey|floor|main|busy|steep|narrow|quiet|long|side|back|metres?|yards?|feet|cats?|dogs?|more|way|is|was|has"
    r"|very|cross(?:es|ing)?|walks?|falls?|tablets?|meals?)"
)
_WORDS_OF_HOME = frozenset(
    ("live", "lives", "living", "home", "resides", "residing", "address", "stays", "staying", "neighbour", "neighbours")
) | frozenset(("number", "no", "next", "opposite", "friend", "key", "keys", "house", "door", "bungalow", "property"))
_INSTITUTION = (
    r"(?! +(?:[A-Z]\w+ )*(?i:day cent|centre|surgery|clinic|hospital|practice|school|church|library|medical|health|unit"
    r"|ward|care home|station|club|community|hub|caf|chapel|pharmacy|chemist|mosque|temple|baths|market|depot|day"
    r"|respite|resource"
    r"|hotel|inn|pub|gp|dent|optician|nursing|residential|extra care|allotment|park|bowls|cricket|football))"
)
_STREET_NAME = re.compile(rf"(?<![\w'-])(?:{_CAPITAL} ){{1,3}}{_STREET}\b{_INSTITUTION}")
_NO_STREET = re.compile(
    r"(?:Coronation|Quality|Sesame|Downing|Wall|Carey|High|Main|Harley|Fleet|Ormond) Street|(?:Penny|Memory|Drury"
    r"|Lois|Fast|Slow"
    r"|Country) Lane|(?:Abbey|Silk|Ring|Main|Tobacco) Road|(?:Kew|Covent|Winter|Tivoli) Gardens|Dis[ck] Drive"
)
_AT_HOME = re.compile(
    r"\b(?:liv(?:es?|ed|ing)|resid\w+|home|house|flat|bungalow|property|address|cottage|apartment|park(?:ing)?|corner"
    r"|entrance|turn(?:ing)?|opposite|off|end of|back of|behind|round|door|visit)\b[^.;!?]{0,25}$",
    _I,
)
_LIVES = (
    r"\b(?i:liv(?:es?|ing)|resid(?:es|ing)|home(?: address)? is|address is|address)\b"
    r"(?i:[ :]+(?:alone|with [a-z ]{3,20}|now|still))?[, ]*"
)
_ADDRESSES = (
    Sign(
        FindingKind.ADDRESS,
        re.compile(rf"{_HOUSE}[,/]? (?!{_UNIT}\b)(?:(?:{_CAPITAL}|St\.|of|the) ){{1,4}}(?:{_STREET}|{_PLACE})\b"),
        digits=1,
    ),
    Sign(
        FindingKind.ADDRESS,
        re.compile(
            rf"(?<![\d.:/£x])\b\d{{1,4}}[a-d]?,? (?!{_UNIT}\b)[A-Za-z][\w'-]{{1,30}} (?:(?!{_UNIT}\b)[A-Za-z][\w'-]{{1,30}} )?"
            rf"{_SMALL_STREET}\b(?! ?\d)"
        ),
        digits=1,
    ),
    Sign(
        FindingKind.ADDRESS,
        re.compile(
            rf"{_LIVES}(?:(?i:\bat|:) (?i:the )?{_CAPITAL}(?: {_CAPITAL})*"
            rf"|\b(?i:in|on|at) (?:[Tt]he )?(?:{_CAPITAL} ){{1,3}}{_BUILDING}\b"
            rf"|\b(?i:on) (?:The )?(?!(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day|income|universal|pension|state"
            rf"|attendance|personal|disability)\b){_CAPITAL}(?: {_CAPITAL})*)"
        ),
        _WORDS_OF_HOME,
    ),
    Sign(
        FindingKind.ADDRESS,
        re.compile(
            r"\b(?:liv(?:es?|ing)|address|home|neighbou?r|next door|opposite|friend|key\w*)\b[^.;!?\d]{0,30}?"
            rf"\b(?:at |in |is )?(?:(?:no\.?|#) ?\d{{1,4}}[a-d]?\b|(?:number|house) ?{_HOUSE_NUMBER})(?! ?{_UNIT}\b)"
            rf"|\bliv(?:es|ing) at \d{{1,4}}[a-d]?\b(?! ?{_UNIT}\b)"
            rf"|\b(?:house|door|property|bungalow|cottage) (?:number|no\.?|num) ?(?:is )?{_HOUSE_NUMBER}"
            rf"|\b(?:number|no\.?) ?{_HOUSE_NUMBER} (?:is )?on (?:the )?(?:gate|door|bin|wheelie bin|left|right"
            rf"|corner)\b",
            _I,
        ),
        _WORDS_OF_HOME,
    ),
    Sign(
        FindingKind.ADDRESS,
        re.compile(
            r"\b(?:first|second|third|fourth|fifth|sixth|last|next|end|\d{1,2}(?:st|nd|rd|th)) "
            r"(?:house|bungalow|cottage|gate)s? (?:on|past|from|after|along|down|up|before|with)\b",
            _I,
        ),
        frozenset(("house", "bungalow", "cottage", "gate", "houses")),
    ),
    Sign(
        FindingKind.ADDRESS,
        re.compile(r"(?<![\d.])(?:49|5\d)\.\d{3,}\b|\bgrid ref\w*\b[^.;]{0,10}[A-Z]{2} ?\d{2,}", _I),
        digits=4,
    ),
    Sign(
        FindingKind.ADDRESS,
        re.compile(
            r"\b(?:flat|apartment|apt|maisonette|bedsit|caravan|plot|pitch)\.? ?(?:number |no\.? ?|num )?"
            r"(?:\d{1,4}[a-d]?\b|[A-F]\b(?=[ ,]))(?! ?(?:months?|weeks?|days?|years?|hours?|minutes?|x\b|times"
            r"|nights?|pillows?|floors?|stairs|steps|storeys?))",
            _I,
        ),
        frozenset(("flat", "apartment", "apt", "maisonette", "bedsit", "caravan", "plot", "pitch")),
        may_be_innocent=True,
    ),
)

_LANDMARK = Sign(
    FindingKind.ADDRESS,
    re.compile(
        r"\b(?i:liv(?:es?|ing)|house|flat|bungalow|home|cottage)\b[^.;!?]{0,20}?\b(?i:above|over|opposite|next to"
        r"|behind|beside"
        r"|across from|facing)\b (?:the [A-Z]|[A-Z]|the (?:chemist|chip shop|chippy|post office|pub|church|school"
        r"|station|co-?op"
        r"|bakery|butcher|library|surgery|garage|newsagent|takeaway|cemetery|mosque|hairdresser|bank|barber"
        r"|betting shop)\b)"
    ),
    frozenset(("above", "over", "opposite", "next", "behind", "beside", "across", "facing")),
    may_be_innocent=True,
)

_KEY_SAFE = (
    r"(?:key[ -]?safe|key[ -]?box|lock[ -]?box|key[ -]?pad|entry[ -]?phone|door[ -]entry|intercom"
    r"|digi(?:tal )?[ -]?lock"
    r"|combination lock|padlock|coded lock|\bk/?s)"
)
_DOOR = (
    r"(?:door|gate|entrance|entry|access|alarm|lock|safe|garage|porch|lobby|building|block|shed|barrier|lift|foyer"
    r"|car park|hallway)"
)
_JUST_CODE = (
    r"(?:code|pin|combination(?= ?(?:is|:|=|lock|code|number|no|for|to|on|of the|[0-9]))|combo|pass ?code|key ?code)"
)
_CODE = rf"(?:{_JUST_CODE}|number|no|num|digits)"
_TYPED = (
    r"\b(?:press|enter|dial|type|punch|key|tap|input|put|use|using|with|is)\b(?: in)?(?: the)?(?: code| number"
    r"| buttons?| key| star| hash)?"
    r"[ :'\"]{1,3}"
)
_VALUE = (
    r"(?<![0-9£.:#/])(?P<value>[a-z*#]{0,2}[0-9](?:\x01{0,8}[ -]?[0-9]){2,7}\x01{0,8}[a-z*#]?)(?![a-z])"
    r"(?![0-9])(?! ?(?:am|pm|hrs?|hours?|mins?|minutes?|x|carers?|times|mgs?|mls?|mcg|kgs?|cm|mm|%|weeks?|days?|months?"
    r"|years?|visits?|calls?|steps|units?|pounds|per|tablets?|people|wide|deep|high|tall|long|metres?|mmhg"
    r"|kcals?)\b)(?![%:])"
)
_ENTERS = r"(?:let yourself in|get in|go in|come in|unlock|opens?|enter)"
_WAY_WORDS = frozenset(
    ("code", "codes", "pin", "combination", "combo", "passcode", "keycode", "keysafe", "safe", "keypad", "pad", "box")
) | frozenset(("keybox", "lockbox", "lock", "padlock", "door", "gate", "entry", "entryphone", "intercom", "alarm"))
_WAY_WORDS |= frozenset(
    ("porch", "garage", "lobby", "building", "shed", "barrier", "let", "get", "enter", "unlock", "ks", "k", "opens")
)
_CODES = tuple(
    Sign(FindingKind.WAY_IN, re.compile(pattern, _I), _WAY_WORDS, digits=3, spoken=True)
    for pattern in (
        rf"(?:{_KEY_SAFE}|\b{_DOOR})\b[^;!?0-9]{{0,60}}?\b{_CODE}\b[^0-9;!?]{{0,25}}?{_VALUE}",
        rf"\b{_JUST_CODE}\b[^0-9;!?.]{{0,40}}?{_VALUE}",
        rf"{_KEY_SAFE}s?\b[^;!?.0-9]{{0,40}}?{_VALUE}",
        rf"{_TYPED}{_VALUE}[^;!?.0-9]{{0,40}}?\b(?:{_KEY_SAFE}|{_DOOR}|{_ENTERS})\b",
        rf"\b(?:{_KEY_SAFE}|{_DOOR}|{_ENTERS})\b[^;!?.0-9]{{0,40}}?{_TYPED}{_VALUE}",
    )
)
_LOCK_CODE = Sign(
    FindingKind.WAY_IN,
    re.compile(
        rf"\bC[0-9]{{4}}[XYZ]?\b|\b(?i:door|gate|alarm|entrance|porch|garage|lock|barrier)(?i: off"
        rf"| on)?[ :,=-]{{1,3}}{_VALUE}"
    ),
    digits=4,
    spoken=True,
)
_CODE_FIRST = Sign(
    FindingKind.WAY_IN,
    re.compile(
        rf"{_VALUE}[^;!?.0-9]{{0,25}}?\b(?:{_KEY_SAFE}|(?:door|gate|entry|alarm|access) code|(?:is|for|on|at|opens?"
        rf"|unlocks?"
        r"|works) (?:the |her |his |their )?(?:(?:front|back|side|main|outer|communal) )?(?:door|gate|alarm|garage"
        r"|porch"
        r"|lock|safe|code|keypad)|to get in|to enter|lets you in)\b",
        _I,
    ),
    _WAY_WORDS,
    digits=4,
    spoken=True,
)
_NOT_A_CODE = re.compile(
    r"\b(?:since|in|from|after|until|till|by|before|fitted|installed|dated|ordered|replaced|checked|during|of|at"
    r"|between"
    r"|around|product|on|colour|clinical|icd|snomed|dress|bar|tax|item|spring|summer|autumn|winter|january|february"
    r"|march"
    r"|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|aug|sept?|oct|nov|dec|dial|999"
    r"|111"
    r"|101|mental|act|year) ?\(?$",
    _I,
)
_EMERGENCY = ("999", "111", "101", "112")
_CLOCK_OR_YEAR = re.compile(r"(?:[01]\d|2[0-3])(?:00|15|30|45)|(?:19|20)\d\d|999|111|101|112")
_HIDING_PLACE = (
    r"(?:mat|doormat|plant ?pot|flower ?pot|pot|brick|stone|rock|gnome|bin|dustbin|shed|greenhouse|meter(?: box"
    r"| cupboard)?"
    r"|letter ?box|post ?box|porch|garage|planter|hanging basket|ledge|window ?sill|lintel|gas box|gas cupboard"
    r"|outhouse"
    r"|coal (?:bunker|shed|hole)|bird ?(?:table|box|feeder|bath)|slab|statue|ornament|log (?:pile|store)|water butt"
    r"|welly|wellington|drainpipe|downpipe|hedge|trellis|wreath|barbecue|watering can|loose tile|trough|doorstep|step"
    r"|churn|gate ?post|fence|tub|urn|lantern"
    r"|bucket|crate|barn|stable|outbuilding|conservatory|cold frame|boot scraper)"
)
_OPENED = (
    r"(?:unlocked|never locked|not locked|isn't locked|on the latch|off the latch|on the snib|left open|kept open"
    r"|(?:does|do)(?:n't| not) lock|cannot be locked)"
)
_OUTER = r"(?:back|front|side|patio|rear|porch|garage|conservatory|french)"
_OPEN_DOOR = Sign(
    FindingKind.WAY_IN,
    re.compile(
        rf"\b{_OUTER} (?:door|gate|window)s?\b[^;!?.]{{0,35}}?\b{_OPENED}\b|\b(?:unlocked|open) {_OUTER} (?:door"
        rf"|gate)\b"
        r"|\blet (?:your|them)sel(?:f|ves) in\b[^;!?.]{0,40}?\b(?:unlocked|never locked|not locked)\b"
        r"|\bnever locks? (?:the|her|his|their) (?:\w+ )?door\b"
        r"|\b(?:just|can) walk (?:straight |right )?in\b(?! (?:shower|bath))|\bdoor is never locked\b"
        r"|\bdoor (?:is )?(?:always |usually )?(?:left |kept )?(?:unlocked|on the latch)\b",
        _I,
    ),
    frozenset(("door", "doors", "gate", "window", "windows", "locked", "unlocked", "walk")),
)
_FORBIDDEN = re.compile(
    r"\b(?:do not|don't|not to|must not|should not|mustn't|shouldn't|never|not|cannot) (?:to )?(?:be|leave)\b", _I
)
_WAYS_IN = (
    Sign(
        FindingKind.WAY_IN,
        re.compile(
            r"\bkeys?\b(?![ -]?(?:safe|box|pad|worker|info|points?|tasks?|risks?|person|holder|contacts?|issues?|code))"
            r"[^;!?.]{0,40}?\b(?:under|underneath|beneath|behind|inside|in|on|above|below|through|over|by|beside)\b "
            rf"(?:the |a |her |his |their |its )?(?:[\w']{{1,30}}[ -]){{0,3}}?{_HIDING_PLACE}s?\b"
            r"|\bstring (?:through|behind|in) (?:the )?letter ?box",
            _I,
        ),
        frozenset(("key", "keys", "string")),
    ),
    Sign(
        FindingKind.WAY_IN,
        re.compile(
            r"\b(?:buzzer|buzz|intercom|door ?bell|bell|entry ?phone|trades? button)\b(?: (?:for|is|on|to|number"
            r"|no\.?|flat"
            r"|button|marked|labelled|press|says))*[ :#]{0,2}(?<![0-9])\d{1,4}[a-d]?\b(?!:)"
            r"(?! ?(?:times|x|mins?|minutes?|seconds?|am|pm|rings?|hours?|weeks?|days?|carers?)\b)"
            r"|\b(?:dial|press|buzz) (?:number |flat |button )?(?!999|111|101|112)\d{1,4}[a-d]?\b,? (?:then|and|for"
            r"|on the)\b",
            _I,
        ),
        frozenset(
            (
                "buzzer",
                "buzz",
                "intercom",
                "doorbell",
                "bell",
                "entryphone",
                "phone",
                "trade",
                "trades",
                "button",
                "dial",
                "press",
            )
        ),
        digits=1,
    ),
    Sign(
        FindingKind.WAY_IN,
        re.compile(
            r"\b(?:code|pin|combination|key ?safe)\b[^;!?.]{0,25}\b(?:year of birth|birth year|birthday|date of birth"
            r"|(?:house|door|flat) number|anniversary|year (?:she|he|they) |(?:first|last) (?:four|4))"
            r"|\b(?:pass ?word|code ?word|safe ?word)\b(?: (?:for|on|at|to) (?:the )?\w+(?: \w+)?)? ?(?:is|:|=) ?['\"]?"
            r"(?!needed|required|used|held|kept|known|set|agreed|in|on|with|not|to|given|shared|a|the|available|changed"
            r"|being|only|by|protected)\w+",
            _I,
        ),
        frozenset(("code", "pin", "combination", "safe", "keysafe", "password", "word", "codeword", "safeword")),
    ),
)


def addresses(text: Writing) -> Iterator[Spot]:
    """Every address: a house with its street, the street of a home, a house by its number or place."""
    yield from spots_of((*_ADDRESSES, _LANDMARK), text)
    for found in _STREET_NAME.finditer(text.plain):
        before = text.plain[max(0, found.start() - 60) : found.start()]
        if _AT_HOME.search(before) and not _NO_STREET.search(found[0]):
            yield Spot(FindingKind.ADDRESS, *found.span())


def ways_in(text: Writing) -> Iterator[Spot]:
    """Everything that opens a door: codes, in figures or words, hidden keys, doors that are not locked."""
    yield from spots_of(_WAYS_IN, text)
    for found in _OPEN_DOOR.found_in(text):
        if not _FORBIDDEN.search(text.plain[max(0, found.start() - 20) : found.end()]):
            yield Spot(FindingKind.WAY_IN, *found.span())
    for sign in _CODES:
        for found in sign.found_in(text):
            before = text.spoken[max(0, found.start("value") - 20) : found.start("value")]
            if found["value"] not in _EMERGENCY and not _NOT_A_CODE.search(before):
                yield Spot(FindingKind.WAY_IN, found.start(), found.end("value"))
    for found in (*_CODE_FIRST.found_in(text), *_LOCK_CODE.found_in(text)):
        digits = re.sub(r"[^0-9]", "", found["value"] or "9876")
        if len(digits) > 3 and not _CLOCK_OR_YEAR.fullmatch(digits):
            yield Spot(FindingKind.WAY_IN, *found.span())
