"""Postcodes of Great Britain and their parts: area `PR`, outcode `PR1`, sector `PR1 8`, unit `PR1 8XJ` (B1, B2).

Places are compared part by part, never by the start of a string: `PR1` does not hold `PR10`, `L` does not hold `LA`.
A well-formed postcode need not exist.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

EXAMPLE = "Enter a full postcode, such as PR1 8XJ."

_FULL = re.compile(
    r"(GIR 0AA|(?:[A-PR-UWYZ][0-9][0-9]?|[A-PR-UWYZ][A-HK-Y][0-9][0-9]?|[A-PR-UWYZ][0-9][A-HJKPSTUW]"
    r"|[A-PR-UWYZ][A-HK-Y][0-9][ABEHMNPRVWXY]) [0-9][ABD-HJLNP-UW-Z]{2})"
)


@dataclass(frozen=True, slots=True, order=True)
class Postcode:
    """One unit postcode, in its normal form with one space."""

    text: str

    def __post_init__(self) -> None:
        if not _FULL.fullmatch(self.text):
            raise ValueError(EXAMPLE)

    @classmethod
    def parse(cls, text: str) -> "Postcode":
        """The postcode typed in any case and spacing; raises ValueError with a sentence when it is not one."""
        return cls(_normal(text))

    @property
    def outcode(self) -> "Outcode":
        """The district: the part before the space."""
        return Outcode(self.text[:-4])

    @property
    def sector(self) -> "Sector":
        """The postcode without its last 2 letters."""
        return Sector(self.text[:-2])

    @property
    def area(self) -> "PostcodeArea":
        """The leading letters."""
        return self.outcode.area

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class Sector:
    """A postcode sector, such as `PR1 8`."""

    text: str

    def __post_init__(self) -> None:
        if not _FULL.fullmatch(f"{self.text}AA"):
            raise ValueError("Enter a postcode sector, such as PR1 8.")

    @classmethod
    def parse(cls, text: str) -> "Sector":
        """The sector typed in any case. The space is needed: `PR18` is a district of its own."""
        return cls(" ".join(_upper(text).split()))

    @property
    def outcode(self) -> "Outcode":
        """The district that holds this sector."""
        return Outcode(self.text[:-2])

    def holds(self, postcode: Postcode) -> bool:
        """Whether the postcode lies in this sector."""
        return postcode.sector == self

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class Outcode:
    """A postcode district, such as `PR1`."""

    text: str

    def __post_init__(self) -> None:
        if not _FULL.fullmatch(f"{self.text} 0AA"):
            raise ValueError("Enter a postcode district, such as PR1.")

    @classmethod
    def parse(cls, text: str) -> "Outcode":
        """The district typed in any case."""
        return cls(_upper(text).strip())

    @property
    def area(self) -> "PostcodeArea":
        """The postcode area that holds this district."""
        return PostcodeArea(re.split(r"[0-9]", self.text)[0])

    def holds(self, postcode: Postcode) -> bool:
        """Whether the postcode lies in this district."""
        return postcode.outcode == self

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class PostcodeArea:
    """A postcode area, such as `PR`."""

    text: str

    def __post_init__(self) -> None:
        if self.text != "GIR" and not (self.text.isalpha() and _FULL.fullmatch(f"{self.text}1 0AA")):
            raise ValueError("Enter a postcode area, such as PR.")

    @classmethod
    def parse(cls, text: str) -> "PostcodeArea":
        """The area typed in any case."""
        return cls(_upper(text).strip())

    def holds(self, postcode: Postcode) -> bool:
        """Whether the postcode lies in this area."""
        return postcode.area == self

    def __str__(self) -> str:
        return self.text


Place: TypeAlias = PostcodeArea | Outcode | Sector


def parse_place(text: str) -> Place:
    """An area, district or sector, told apart by its form; raises ValueError with a sentence when it is none."""
    typed = " ".join(_upper(text).split())
    try:
        if " " in typed:
            return Sector(typed)
        return Outcode(typed) if any(mark.isdigit() for mark in typed) else PostcodeArea(typed)
    except ValueError:
        raise ValueError("Enter a postcode area, district or sector, such as PR, PR1 or PR1 8.") from None


def within(postcode: Postcode, place: Place) -> bool:
    """Whether the postcode lies in the place, comparing whole parts."""
    return place.holds(postcode)


def _upper(text: str) -> str:
    # Some letters outside ASCII become an ASCII letter in upper case; they are not what stands on an envelope.
    return text.upper() if text.strip().isascii() or text.replace("\N{NO-BREAK SPACE}", " ").isascii() else ""


def _normal(text: str) -> str:
    squeezed = "".join(_upper(text).split())
    return f"{squeezed[:-3]} {squeezed[-3:]}" if 5 <= len(squeezed) <= 7 else ""
