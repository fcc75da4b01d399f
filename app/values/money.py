"""Money: whole pence, as people type it and read it. Sums are made of whole pence."""

import re
from dataclasses import dataclass

EXAMPLE = "Enter an amount in pounds and pence, such as 18.50."
MOST_PENCE = 999_999_999

_AMOUNT = re.compile(r"£?\s*(?P<pounds>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<pence>[0-9]{1,2}))?")
_COMMA_FOR_POINT = re.compile(r"£?\s*[0-9]+,[0-9]{1,2}")
_TOO_FINE = re.compile(r"£?\s*[0-9,]+\.[0-9]{3,}")
_NEGATIVE = re.compile(r"[-\u2212\u2013(]\s*£?\s*[0-9]|£\s*[-\u2212\u2013]\s*[0-9]")
_OTHER_CURRENCY = re.compile(r"[$€¥]|\b(?:EUR|USD|JPY|CHF|PLN)\b|[0-9]\s*(?:p|pence)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in whole pence. May be negative (a credit), though nobody can type a negative one."""

    pence: int

    def __post_init__(self) -> None:
        if type(self.pence) is not int:
            raise TypeError("Money is counted in whole pence.")

    @classmethod
    def parse(cls, text: str) -> "Money":
        """The amount that somebody typed; raises ValueError with a sentence when it is not one."""
        typed = text.strip()
        amount = _AMOUNT.fullmatch(typed)
        if amount is None:
            raise ValueError(_what_is_wrong(typed))
        pounds = amount["pounds"].replace(",", "").lstrip("0")
        if len(pounds) > len(str(MOST_PENCE // 100)):
            raise ValueError(f"{EXAMPLE} The most that can be entered is {Money(MOST_PENCE)}.")
        return cls(int(pounds or "0") * 100 + int((amount["pence"] or "").ljust(2, "0")))

    def __bool__(self) -> bool:
        return self.pence != 0

    def __str__(self) -> str:
        pounds, pence = divmod(abs(self.pence), 100)
        return f"{'-' if self.pence < 0 else ''}£{pounds:,}.{pence:02d}"


def pounds_number(pence: int | None) -> str:
    """Pence as a bare number of pounds for a table, a file or a form: 35000 is `350.00`; empty where there is none."""
    return "" if pence is None else f"{pence // 100}.{pence % 100:02d}"


def _what_is_wrong(typed: str) -> str:
    if _COMMA_FOR_POINT.fullmatch(typed):
        return f"{EXAMPLE} Put a full stop, not a comma, between pounds and pence."
    if _TOO_FINE.fullmatch(typed):
        return f"{EXAMPLE} Use no more than 2 digits after the full stop."
    if _NEGATIVE.match(typed):
        return f"{EXAMPLE} The amount cannot be less than nothing."
    if _OTHER_CURRENCY.search(typed):
        return f"{EXAMPLE} Give the amount in pounds sterling, without any other currency or unit."
    if any(mark.isdecimal() and not mark.isascii() for mark in typed):
        return f"{EXAMPLE} Use the digits 0 to 9."
    return EXAMPLE
