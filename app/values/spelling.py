"""Text as people read it: the signs that word processors put in made plain, and two spellings compared as one reader would.

Every door (form, file, text over the API, search) uses these, so that what looks the same is the same.
"""

from __future__ import annotations

import re
import unicodedata

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_APOSTROPHES = "\u2018\u2019\u201b\u02bc\u00b4`\uff07"
_INVERTED_COMMAS = "\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_PLAIN = str.maketrans(
    {
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_INVERTED_COMMAS, '"'),
        **dict.fromkeys(_SPACES, " "),
        "\u00d7": "x",
        "\uff1a": ":",
    }
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
# Letters that decompose into no plain letter and a mark.
_STROKES = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})


def visible(text: str) -> str:
    """The text without signs that nobody sees, such as soft hyphens and marks of direction."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """Every dash a hyphen, every apostrophe and inverted comma a straight one, every space a space: sign for sign."""
    return text if text.isascii() else text.translate(_PLAIN)


def as_read(text: str) -> str:
    """The key under which names are found, compared and sorted: no case, accents, dashes or width of spaces."""
    if not text.isascii():
        bare = unicodedata.normalize("NFKD", plain(visible(text)).casefold())
        text = "".join(sign for sign in bare if not unicodedata.combining(sign)).translate(_STROKES)
    return " ".join(text.casefold().split())


def same_as_read(one: str, other: str) -> bool:
    """Whether two texts are one to a reader."""
    return as_read(one) == as_read(other)
