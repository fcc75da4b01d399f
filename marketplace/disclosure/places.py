"""Where somebody lives: houses with their streets, the street of a home, the way there and what it stands beside."""

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

_WAY_THERE = Sign(
    FindingKind.ADDRESS,
    re.compile(
        r"\b(?:turn|bear|first|second|third|next|take (?:the|a)) (?:left|right) (?:at|after|by|past|before|onto|off"
        r"|from|out of|down)\b"
        r"|\b(?:first|second|third|last|next|\d(?:st|nd|rd|th))(?: one| house| door)? on (?:the|your) (?:left|right)"
        r" (?:after|past|from|as you|coming|when you|down|up)\b"
        r"|\b(?:house|bungalow|cottage|property|flat|place|one|home) (?:is )?with (?:the |a |an )?(?:\w+ )?(?:red"
        r"|blue|green|yellow"
        r"|black|purple|pink|orange|turquoise|stained|painted)(?:[ -]\w+)? (?:door|gate|garage|shutters|fence"
        r"|windows)\b",
        _I,
    ),
    frozenset(("left", "right", "door", "gate", "garage", "shutters", "fence", "windows")),
    may_be_innocent=True,
)
_WAYS_THROUGH = (
    r"(?:alley(?:way)?|ginnel|snicket|jitty|twitten|passage(?:way)?|track|lane|farm track|iron stairs|fire escape)"
)
_MARK = (
    r"(?:gate ?posts?|gates?|hedge|fence|porch|lions?|gnomes?|flag ?pole|flag|monkey puzzle|palm tree|wishing well"
    r"|shutters|thatched roof"
    r"|chimney|sign|wall|trellis|archway|pillars|letter ?box|bench|anchor|wagon wheel|windmill|pond)"
)
_BY_ITS_LOOKS = Sign(
    FindingKind.ADDRESS,
    re.compile(
        rf"\b(?:house|bungalow|cottage|farmhouse|caravan|flat|one|place) (?:is )?with [^.;]{{0,25}}?\b{_MARK}\b"
        rf"|\bthe one with (?:the|a) ramp\b"
        r"|\b(?:last|first|end|corner|third|second) (?:house|bungalow|cottage|caravan|farm|terrace)\b(?! (?:calls?"
        r"|visits?|move))|\bnext door but (?:one|two|three)\b"
        rf"|\bnext door at (?:number )?\d|\b(?:go|walk|drive|come|carry on) (?:down|up|along|through|round) (?:the"
        rf"|that) {_WAYS_THROUGH}\b"
        r"|\b(?:past|over|beyond|opposite|facing|behind|beside|next to) the (?:\w+ ){0,2}(?:pub|inn|chapel|mill"
        r"|crossroads|cattle grid|level crossing"
        r"|roundabout|traffic lights|war memorial|gurdwara|mosque|bowls club|betting shop|phone box|bus stop"
        r"|duck pond|village green|quarry"
        r"|butchers?|chip shop|post office|railway bridge|canal bridge|gasworks|water tower)\b"
        r"|\b(?:come|head|turn) (?:out of|off|left off|right off) the (?:village|main road|bypass|dual carriageway"
        r"|high street)\b",
        _I,
    ),
    frozenset(
        ("house", "bungalow", "cottage", "farmhouse", "caravan", "farm", "terrace", "one", "place", "door", "flat")
    )
    | frozenset(
        ("past", "over", "beyond", "opposite", "facing", "behind", "beside", "next", "village", "road", "bypass")
    )
    | frozenset(("carriageway", "street", "down", "up", "along", "through", "round")),
    may_be_innocent=True,
)
_LANDMARK = Sign(
    FindingKind.ADDRESS,
    re.compile(
        r"\b(?i:liv(?:es?|ing)|house|flat|bungalow|home|cottage|place|find (?:it|her|him)|it's"
        r"|its)\b[^.;!?]{0,20}?\b(?i:above|over|opposite|next to"
        r"|behind|beside"
        r"|across from|facing)\b (?:the [A-Z]|[A-Z]|the (?:chemist|chip shop|chippy|post office|pub|church|school"
        r"|station|co-?op"
        r"|bakery|butcher|library|surgery|garage|newsagent|takeaway|cemetery|mosque|hairdresser|bank|barber"
        r"|betting shop)\b)"
    ),
    frozenset(("above", "over", "opposite", "next", "behind", "beside", "across", "facing")),
    may_be_innocent=True,
)
_SHOPS = (
    r"(?:spar|co-?op|tesco|aldi|lidl|asda|morrisons|sainsbury'?s|budgens|londis|costcutter|nisa|chip shop|chippy"
    r"|post office|pub"
    r"|butcher'?s?|bakery|newsagent'?s?|betting shop|bookies|launderette|chemist'?s?|petrol station|bus station"
    r"|(?:methodist |baptist |parish )?(?:church|chapel)|primary school|war memorial|cricket (?:ground|club)"
    r"|bowling green|village hall)"
)
_BESIDE = Sign(
    FindingKind.ADDRESS,
    re.compile(
        rf"(?:\b(?:opposite|next door to|above|over|across from|facing)|\bopp\.?) (?:the )?(?:old )?{_SHOPS}(?!\w)"
        rf"|\b{_SHOPS} (?:is )?(?:next door|opposite|over the road|across the road)\b",
        _I,
    ),
    frozenset(("opposite", "next", "above", "over", "across", "facing", "opp")),
    may_be_innocent=True,
)


def addresses(text: Writing) -> Iterator[Spot]:
    """Every address: a house with its street, the street of a home, a house by its number or place."""
    yield from spots_of((*_ADDRESSES, _LANDMARK, _WAY_THERE, _BESIDE, _BY_ITS_LOOKS), text)
    for found in _STREET_NAME.finditer(text.plain):
        before = text.plain[max(0, found.start() - 60) : found.start()]
        if _AT_HOME.search(before) and not _NO_STREET.search(found[0]):
            yield Spot(FindingKind.ADDRESS, *found.span())
