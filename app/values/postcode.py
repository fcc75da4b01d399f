"""Postcodes of Great Britain and their parts: area `PR`, outcode `PR1`, sector `PR1 8`, unit `PR1 8XJ` (B1, B2).

A well-formed postcode need not exist.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Self, TypeAlias

from app.values.spelling import visible

EXAMPLE = "Enter a full postcode, such as PR1 8XJ."

_FULL = re.compile(
    r"(GIR 0AA|(?:[A-PR-UWYZ][0-9][0-9]?|[A-PR-UWYZ][A-HK-Y][0-9][0-9]?|[A-PR-UWYZ][0-9][A-HJKPSTUW]"
    r"|[A-PR-UWYZ][A-HK-Y][0-9][ABEHMNPRVWXY]) [0-9][ABD-HJLNP-UW-Z]{2})"
)


@dataclass(frozen=True, slots=True, order=True)
class _Part:
    """A postcode or a part of one, in its normal form; ValueError with `example` where it has none."""

    text: str
    whole: ClassVar[str] = "{}"
    """How a whole postcode reads that begins with it."""
    example: ClassVar[str] = EXAMPLE

    def __post_init__(self) -> None:
        if not _FULL.fullmatch(self.whole.format(self.text)):
            raise ValueError(self.example)

    @classmethod
    def parse(cls, text: str) -> Self:
        """What was typed in any case; raises ValueError with a sentence when it is none."""
        return cls(" ".join(_upper(text).split()))

    def __str__(self) -> str:
        return self.text


class Postcode(_Part):
    """One unit postcode, in its normal form with one space."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The postcode typed in any case and spacing; raises ValueError with a sentence when it is not one."""
        squeezed = "".join(_upper(text).split())
        return cls(f"{squeezed[:-3]} {squeezed[-3:]}" if 5 <= len(squeezed) <= 7 else "")

    @property
    def outcode(self) -> "Outcode":
        """The district: the part before the space."""
        return Outcode(self.text[:-4])

    @property
    def sector(self) -> "Sector":
        """The postcode without its last 2 letters."""
        return Sector(self.text[:-2])


class Sector(_Part):
    """A postcode sector, such as `PR1 8`. The space is needed: `PR18` is a district of its own."""

    whole, example = "{}AA", "Enter a postcode sector, such as PR1 8."


class Outcode(_Part):
    """A postcode district, such as `PR1`."""

    whole, example = "{} 0AA", "Enter a postcode district, such as PR1."


class PostcodeArea(_Part):
    """A postcode area, such as `PR`: the leading letters."""

    whole, example = "{}1 0AA", "Enter a postcode area, such as PR."

    def __post_init__(self) -> None:
        if self.text != "GIR" and not (self.text.isalpha() and _FULL.fullmatch(self.whole.format(self.text))):
            raise ValueError(self.example)


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


def _upper(text: str) -> str:
    text = visible(text)
    # Some letters outside ASCII become an ASCII letter in upper case; they are not what stands on an envelope.
    return text.upper() if text.strip().isascii() or text.replace("\N{NO-BREAK SPACE}", " ").isascii() else ""
