"""Dates of birth, in any form in which people write them."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from marketplace.disclosure.plain import ONES, TEENS, TENS, FindingKind, Spot, Writing

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_UP_TO_NINTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TENTHS = ("tenth", "eleventh", "twelfth", *(f"{teen}th" for teen in TEENS[3:]))
_ORDINALS = (
    *(*_UP_TO_NINTH, *_TENTHS, "twentieth"),
    *(*(f"twenty-{ordinal}" for ordinal in _UP_TO_NINTH), "thirtieth", "thirty-first"),
)
_SMALL = (*list(ONES)[:10], *TEENS)
_ORDINAL_WORD = "(?:" + "|".join(sorted(_ORDINALS, reverse=True)).replace("-", "[ -]") + ")"
_YEAR = (
    r"(?:'?(?:(?:19|20)[0-9]{2}|[0-9]{2})(?![0-9])|nineteen[ -](?:hundred and )?"
    rf"(?:oh[ -]|(?:{'|'.join(TENS)})[ -]?)?(?:{'|'.join(_SMALL)})?\b)"
)
_DAY = rf"(?:(?<![0-9])(?:0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?|\b{_ORDINAL_WORD})(?![0-9])"
_DAY_AND_MONTH = (
    rf"(?:{_DAY}[ ,.-]{{0,3}}(?:of )?(?:the )?{_MONTH}|\b{_MONTH}[ ,.-]{{0,3}}(?:the )?{_DAY}"
    r"|(?<![0-9])(?:0?[1-9]|[12][0-9]|3[01]) ?(?:/|\.|-(?=[0-9]{1,2}[./-])) ?(?:0?[1-9]"
    r"|1[0-2])(?![0-9:])(?! ?[ap]\.?m))"
)
_OLD_YEAR = r"(?:19[0-5][0-9]|196[0-5]|nineteen[ -](?:hundred and )?(?:oh |twenty|thirty|forty|fifty)[ -]?[a-z]*)"
_OLD_DATE = re.compile(
    rf"{_DAY_AND_MONTH}[ ,./-]{{0,3}}{_OLD_YEAR}(?![0-9])"
    rf"|(?<![0-9]){_OLD_YEAR}[./-](?:0?[1-9]|1[0-2])[./-](?:0?[1-9]|[12][0-9]|3[01])(?![0-9])",
    re.IGNORECASE,
)
_BIRTH = (
    r"(?:\bborn\b|\b(?:turns|turning|will be|reaches) [0-9]{2,3}(?: years old)? on\b|\bd\.? ?o\.? ?b\b"
    r"|\bdate of birth|\bbirth ?da(?:te|y)|\bb'?day\b|\bb\.(?= ?[0-9]))"
)
_A_DATE = (
    rf"(?:{_DAY_AND_MONTH}|(?<![0-9])(?:19|20)[0-9]{{2}}[ ./-][0-9]{{1,2}}[ ./-][0-9]{{1,2}}(?![0-9])"
    rf"|(?<![0-9])[0-9]{{1,2}} [0-9]{{1,2}} (?:19|20)?[0-9]{{2}}(?![0-9])|(?<![0-9])(?:[0-9]{{6}}|[0-9]{{8}})(?![0-9])"
    rf"|\b{_MONTH} (?:19|20)[0-9]{{2}})"
)
_FEAST = (
    r"(?:christmas (?:day|eve)|boxing day|new year'?s? (?:day|eve)|valentine'?s? ?(?:day)?|st\.? \w{4,8}'?s day"
    r"|hallowe'?en|bonfire night|guy fawkes|may day|midsummer'?s? day|(?:armistice|remembrance|trafalgar|ve"
    r"|pancake) day|shrove tuesday|leap day|april fool'?s?(?: day)?|burns night)"
)
_IN_WORDS = rf"(?:{_ORDINAL_WORD}|{'|'.join(TEENS)}|{'|'.join(TENS)}|{'|'.join(list(ONES)[1:10])})\b"
_CALLED_BIRTH = r"(?:\bd\.? ?o\.? ?b\b\.?|\bdate of birth|\bbirth ?date|\bbirthday|\bb'?day\b|\bborn)"
_BIRTH_IN_WORDS = re.compile(
    rf"{_CALLED_BIRTH}(?: is| was| falls)?(?: on)?[ :=-]{{1,3}}(?:the )?(?:{_FEAST}"
    rf"|{_IN_WORDS}[ ,]{{1,2}}(?:of )?(?:the )?(?:{_IN_WORDS}|{_MONTH}))"
    rf"|\b(?:d\.? ?o\.? ?b\b\.?|date of birth|birth ?date)(?: is"
    rf"| was)?[ :=-]{{1,3}}[0-9]{{1,2}}(?:[ ./-][0-9]{{1,2}})\b"
    rf"|\b{_FEAST}(?:,? (?:baby|birthday)\b|[, ]{{1,2}}(?:of |in )?19[0-9]{{2}}\b)",
    re.IGNORECASE,
)
_AGE_ON = re.compile(
    rf"\b(?:is|be|was|hits|turned|she's|he's|aged?) (?:[1-9][0-9]|1[01][0-9]) (?:on|this|next|last|come|in) (?:the )?"
    rf"{_DAY_AND_MONTH}",
    re.IGNORECASE,
)
_BIRTH_DATE = re.compile(
    rf"{_BIRTH}(?:[^0-9;!?.]|\.(?! [A-Z])){{0,40}}?{_A_DATE}|{_A_DATE}(?:[ ,./-]*(?:19|20)?[0-9]{{2}})?(?: is | was "
    rf"| - |,? ?\(| )"
    r"(?:her |his |their )?(?:d\.?o\.?b|date of birth|birth ?day|b'?day|the birth)\b",
    re.IGNORECASE,
)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BORN = frozenset(
    ("baby", "born", "birth", "birthdate", "birthday", "dob", "d", "b", "bday", "turns", "turning", "will", "reaches")
)
_DATE = re.compile(
    rf"(?P<day>{_DAY})[ ,./-]{{0,3}}(?:of )?(?P<month>{_MONTH})[ ,./-]{{0,3}}(?P<year>{_YEAR})"
    rf"|\b(?P<month2>{_MONTH})[ ,./-]{{0,3}}(?:the )?(?P<day2>{_DAY})[ ,./-]{{0,3}}(?P<year2>{_YEAR})"
    r"|(?<![0-9])(?P<a>[0-9]{1,4})(?P<gap> ?[./ -] ?)(?P<b>[0-9]{1,2})(?P=gap)(?P<c>[0-9]{2,4})(?![0-9])"
    r"|(?<![0-9])(?P<whole>[0-9]{6}|[0-9]{8})(?![0-9])",
    re.IGNORECASE,
)


def birth_dates(text: Writing) -> Iterator[Spot]:
    """Every date that is called one of birth, and every whole date too old to be about care."""
    patterns = [_BIRTH_DATE, _BIRTH_IN_WORDS] if text.has(_BORN) else []
    if text.digits > 2:
        patterns.append(_AGE_ON)
    if "19" in text.plain or "nineteen" in text.words:
        patterns.append(_OLD_DATE)
    for pattern in patterns:
        for found in pattern.finditer(text.plain):
            yield Spot(FindingKind.BIRTH_DATE, *found.span())


def dates_in(plain: str) -> Iterator[tuple[int, int, set[date]]]:
    """Every date with its year: where it stands, and the days that it can mean."""
    for found in _DATE.finditer(plain):
        parts = {name.rstrip("2"): part for name, part in found.groupdict().items() if part}
        if "month" in parts:
            month = _MONTHS.index(parts["month"][:3].lower()) + 1
            days = _days(_day_of(parts["day"]), month, _year_of(parts["year"]))
        elif "whole" in parts:
            whole = parts["whole"]
            days = _days_of_figures(whole[:2], whole[2:4], whole[4:]) | _days_of_figures(
                whole[:-4], whole[-4:-2], whole[-2:]
            )
        else:
            days = _days_of_figures(parts["a"], parts["b"], parts["c"])
        yield *found.span(), days


def _day_of(text: str) -> int:
    digits = re.sub(r"[^0-9]", "", text)
    return int(digits) if digits else _ORDINALS.index(re.sub(r"[ -]+", "-", text.lower())) + 1


def _year_of(text: str) -> str:
    """The year in figures: "43", "1943" and "nineteen forty-three" alike."""
    if digits := re.sub(r"[^0-9]", "", text):
        return digits
    tens, _, ones = re.sub(r"(?i)^nineteen[ -](?:hundred and )?", "", text.lower()).replace(" ", "-").partition("-")
    decade = TENS.index(tens) * 10 + 20 if tens in TENS else 0
    unit = ones or tens
    return f"19{decade + (_SMALL.index(unit) if unit in _SMALL else 0):02d}"


def _days_of_figures(first: str, second: str, third: str) -> set[date]:
    """Day, month and year, month, day and year, or the year first."""
    if len(first) == 4:
        return _days(int(third[:2]), int(second), first)
    return _days(int(first), int(second), third) | _days(int(second), int(first), third)


def _days(day: int, month: int, year: str) -> set[date]:
    years = (int(year),) if len(year) == 4 else (1900 + int(year[-2:]), 2000 + int(year[-2:]))
    return {date(one, month, day) for one in years if 1 <= month <= 12 and 1 <= day <= monthrange(one, month)[1]}
