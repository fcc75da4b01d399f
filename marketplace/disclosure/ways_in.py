"""How to get in: codes of doors and key safes, in figures or words, hidden keys, doors that are not locked.

"Has a key safe" is fine: what opens it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from marketplace.disclosure.plain import FindingKind, Sign, Spot, Writing, spots_of

_I = re.IGNORECASE
_KEY_SAFE = (
    r"(?:key[ -]?safe|key[ -]?box|lock[ -]?box|key[ -]?pad|entry[ -]?phone|door[ -]entry|intercom"
    r"|digi(?:tal )?[ -]?lock"
    r"|combination lock|padlock|coded lock|\bk/?[sp]\b|\bkey pad|\bk/?s(?=[ -]?[0-9]))"
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
    r"(?<![0-9£.:#/])(?P<value>(?:\b[b-hj-z] "
    r"|[a-z*#]{1,2})?[0-9](?:\x01{0,14}[ -]?[0-9]){2,7}\x01{0,14}(?: ?[xyz*#]\b|[a-z*#])?)(?![a-z])"
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
        rf"\b(?:{_KEY_SAFE}|{_DOOR}|{_ENTERS})\b(?:[^;!?.0-9]|[0-9]{{1,2}}\x01){{0,40}}?{_TYPED}{_VALUE}",
    )
)
_LOCK_CODE = Sign(
    FindingKind.WAY_IN,
    re.compile(
        rf"\bC[0-9]{{4}}[XYZ]?\b|\b(?i:door|gate|alarm|entrance|porch|garage|lock|barrier)(?i: off"
        rf"| on)?[ :,=-]{{1,3}}(?i:{_VALUE})"
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
    r"\b(?:since|(?<!tap )(?<!key )(?<!type )(?<!punch )(?<!put )in|from|after|until|till|by|before|fitted|installed"
    r"|dated|ordered|replaced|checked|during|of|at"
    r"|between"
    r"|around|product|on|colour|clinical|icd|snomed|dress|bar|tax|item|spring|summer|autumn|winter|january|february"
    r"|march"
    r"|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|aug|sept?|oct|nov|dec|dial|999"
    r"|111"
    r"|101|mental|act|year) ?\(?$",
    _I,
)
_PRESSED = re.compile(
    r"(?<![0-9:./£])[0-9]\x01{0,14}(?:(?:[ ,+&-]{1,3}(?:(?:then|and|plus|together|wait|press|followed by|hash"
    r"|star)\b[ ,]{1,2}){0,3})"
    r"(?<=[^0-9])[0-9]\x01{0,14}(?![0-9:./%])){2,7}(?! ?(?:mg|ml|mcg|times|weeks?|days?|carers?|visits?|calls?"
    r"|hours?|hourly|mins?|reps?|sets?)\b)",
    _I,
)
# What is under somebody's hand at a door.
_HAND = re.compile(
    rf"(?:{_KEY_SAFE}|\b(?:push|press|punch|pull|handle|button|buttons|pad|panel|code|combination|combo|pin|door"
    rf"|gate|gate's|alarm|lock|safe|entrance|entry|intercom"
    r"|trades?|tradesm[ae]n'?s?|buzzer|shutter|barrier|turn|opens?|unlocks?|let in|get in|click|tick)\b)",
    _I,
)
_FOUR = re.compile(
    r"(?<![0-9£.:#/+-])(?P<value>[0-9]\x01{0,14}(?:[ -]?[0-9]\x01{0,14}){3,5})(?![0-9a-z/])(?! ?(?:am|pm|hrs?|hours?"
    r"|mins?|minutes?|x|carers?|times"
    r"|mgs?|mls?|mcg|kgs?|cm|mm|%|weeks?|days?|months?|years?|visits?|calls?|steps|units?|pounds|per|tablets?|people"
    r"|wide|deep|high|tall"
    r"|long|metres?|mmhg|kcals?|model|form|act)\b)(?![%:])",
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
    r"(?:unlocked|unbolted|never locked|not locked|isn'?t locked|open (?:till|until|from|all)|on the latch"
    r"|off the latch|on the snib|left open|kept open"
    r"|(?:does|do)(?:n't| not) lock|cannot be locked)"
)
_OUTER = r"(?:back|front|side|patio|rear|porch|garage|conservatory|french|flat|main|communal|cottage|caravan)"
_OPEN_DOOR = Sign(
    FindingKind.WAY_IN,
    re.compile(
        rf"\b{_OUTER} (?:door|gate|window)s?\b[^;!?.]{{0,35}}?\b{_OPENED}\b|\b(?:unlocked|open) {_OUTER} (?:door"
        rf"|gate)\b"
        r"|\blet (?:your|them)sel(?:f|ves) in\b[^;!?.]{0,40}?\b(?:unlocked|never locked|not locked|open)\b"
        r"|\b(?:never|do(?:es)?n'?t|won'?t) (?:ever )?locks? (?:up|(?:the|her|his|their) (?:\w+ )?door)\b"
        r"|\b(?:leaves?|keeps?|left) (?:the |her |his |their )?(?:\w+ )?doors? (?:open|unlocked|unbolted"
        r"|on the latch|on the snib|ajar)\b"
        r"|\b(?:caravan|flat|house|bungalow|cottage|place) (?:is )?(?:always |usually )?(?:left )?(?:on the latch"
        r"|unlocked|unbolted)\b"
        r"|\b(?:just|can) walk (?:straight |right )?in\b(?! (?:shower|bath))|\bdoor is never locked\b"
        r"|\bdoor (?:is )?(?:always |usually )?(?:left |kept )?(?:unlocked|on the latch)\b",
        _I,
    ),
    frozenset(
        (
            "lock",
            "latch",
            "unbolted",
            "door",
            "doors",
            "gate",
            "window",
            "windows",
            "locked",
            "unlocked",
            "walk",
            "yourself",
            "yourselves",
        )
    ),
)
_FORBIDDEN = re.compile(
    r"\b(?:do not|don'?t|not to|must not|should not|mustn't|shouldn't|never|not|cannot) (?:to )?(?:be|leave)\b", _I
)
_WAYS_IN = (
    Sign(
        FindingKind.WAY_IN,
        re.compile(
            r"\bkeys?\b(?![ -]?(?:safe|box|pad|worker|info|points?|tasks?|risks?|person|holder|contacts?|issues?|code))"
            r"[^;!?.]{0,40}?\b(?:under|underneath|beneath|behind|inside|in|on|above|below|through|over|by|beside)\b "
            rf"(?:the |a |her |his |their |its )?(?:[\w']{{1,30}}[ -]){{0,3}}?{_HIDING_PLACE}s?\b"
            r"|\bkeys? (?:is |are |'s )?(?:kept |left |hidden |lives? )?(?:under|underneath|beneath|behind) (?:the|a"
            r"|an|his|her|that|their) \w+"
            r"|\bkeys?(?:'s)? (?:is |are |will be )?(?:hangs?|hanging|hung|hidden|tucked|on (?:a|the) (?:hook|nail"
            r"|string|ledge|shelf))\b"
            r"(?! (?:in|inside) (?:the |a )?key ?safe)"
            r"|\bstring (?:through|behind|in) (?:the )?letter ?box",
            _I,
        ),
        frozenset(("key", "keys", "string")),
    ),
    Sign(
        FindingKind.WAY_IN,
        re.compile(
            r"\btrades?(?:m[ae]n'?s?)? (?:button|buzzer)\b[^.;]{0,30}?\b(?:before|till|until|between|after|up to)\b"
            r"|\b(?:buzzer|buzz|intercom|door ?bell|bell|entry ?phone|trades? button)\b(?: (?:for|is|on|to|number"
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
            r"\b(?:code|pin|combination|key ?safe|number for the (?:safe|door"
            r"|alarm))\b[^;!?.]{0,50}\b(?:year of birth|birth year|birthday|date of birth"
            r"|(?:house|door|flat) number|anniversary|(?:the|her|his) year\b|year (?:she|he|they) |last (?:three|3)"
            r"|(?:first|last) (?:four|4))"
            r"|\b(?:pass ?word|code ?word|safe ?word)\b(?: (?:for|on|at|to) (?:the )?\w+(?: \w+)?)? ?(?:is|:|=) ?['\"]?"
            r"(?!needed|required|used|held|kept|known|set|agreed|in|on|with|not|to|given|shared|a|the|available|changed"
            r"|being|only|by|protected)\w+",
            _I,
        ),
        frozenset(("code", "pin", "combination", "safe", "keysafe", "password", "word", "codeword", "safeword")),
    ),
)


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
    yield from _codes_nearby(text)
    for found in (*_CODE_FIRST.found_in(text), *_LOCK_CODE.found_in(text)):
        digits = re.sub(r"[^0-9]", "", found["value"] or "9876")
        if len(digits) > 3 and not _CLOCK_OR_YEAR.fullmatch(digits):
            yield Spot(FindingKind.WAY_IN, *found.span())


def _codes_nearby(text: Writing) -> Iterator[Spot]:
    """Digits told one by one, or four to six of them, where the same sentence speaks of a door, a lock or pressing."""
    if text.digits < 3 or not _HAND.search(text.plain):
        return
    for pattern, least in ((_PRESSED, 3), (_FOUR, 4)):
        for found in pattern.finditer(text.spoken):
            digits = re.sub(r"[^0-9]", "", found[0])
            before, after = (
                text.spoken[max(0, found.start() - 60) : found.start()],
                text.spoken[found.end() : found.end() + 60],
            )
            near = re.split(r"[;!?.](?: |$)", before)[-1] + " # " + re.split(r"[;!?.](?: |$)", after)[0]
            innocent = _CLOCK_OR_YEAR.fullmatch(digits) or _NOT_A_CODE.search(before[-20:])
            if len(digits) >= least and _HAND.search(near) and not innocent:
                yield Spot(FindingKind.WAY_IN, *found.span(), may_be_innocent=True)
