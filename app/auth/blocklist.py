"""Passwords that anybody would try: the most common ones, whatever decorates them, and what is known of their owner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

SWAPPED = str.maketrans("@48(3€6!1|0$5+7", "aabceegiiiosstt")
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
)
SHORTEST_RUN = 4
SHORTEST_PATTERN = 8
FEWEST_CHARACTERS = 5
MOST_AROUND = 12
LONGEST_BEAT = 4
"""As many characters again and again are a pattern: abcabcabcabc."""
LEFT_OVER = 6
"""Letters and figures that must stand beside words about the owner; fewer would be tried one by one."""


@cache
def common() -> frozenset[str]:
    """The 30,000 most common passwords of the lists that come with zxcvbn; read when first asked for."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # takes a tenth of a second

    return frozenset(FREQUENCY_LISTS["passwords"])


def is_common(password: str) -> bool:
    """Whether it is a common password, as it stands or under what people put around it, or a pattern."""
    text = password.lower()
    if len(set(text)) < FEWEST_CHARACTERS:
        return True
    return any(core in common() for core in _cores(text)) or any(is_pattern(whole) for whole in _wholes(text))


def is_pattern(text: str) -> bool:
    """One thing again and again, or a run of the alphabet, of figures or of the keyboard."""
    return len(text) >= SHORTEST_PATTERN and (_period(text) <= LONGEST_BEAT or _runs_cover(text))


def says_too_much(password: str, words: Iterable[str]) -> str | None:
    """The word about its owner that the password leans on; None where enough else is in it."""
    for text in (password, password.lower().translate(SWAPPED)):
        bare = _letters_and_figures(text)
        for word in words:
            found = _letters_and_figures(word)
            rest = re.sub(r"[0-9]", "", bare.replace(found, ""))
            if len(found) >= SHORTEST_RUN and found in bare and len(rest) < LEFT_OVER:
                return word
    return None


def words_about(about: Iterable[str]) -> list[str]:
    """The words of names, addresses and organisations, and each whole, longest first."""
    found = {part for text in about for part in (text, *re.split(r"[^\w]+|_", text))}
    return sorted((word for word in found if len(word) >= SHORTEST_RUN), key=lambda word: (-len(word), word))


def _cores(text: str) -> Iterator[str]:
    """What may stand under decoration, with and without swapped letters, signs between, and repeats."""
    for whole in (*_wholes(text), *_wholes(text.translate(SWAPPED))):
        yield whole[: _period(whole)]
        yield from _bared(whole)


def _wholes(text: str) -> Iterator[str]:
    """The text, the text without signs, the text without figures and signs around it, its only word."""
    words = set(re.findall(r"[^\W\d_]+", text))
    joined = re.sub(r"[\W_]+", "", text)
    yield from (text, joined, re.sub(r"^[\W\d_]+|[\W\d_]+$", "", joined))
    yield from words if len(words) == 1 else ()


def _bared(text: str) -> Iterator[str]:
    """The text with more or less of the figures and signs before and behind it, which may belong to it or not."""
    lead = len(text) - len(re.sub(r"^[\W\d_]+", "", text))
    tail = len(re.sub(r"[\W\d_]+$", "", text))
    if lead == len(text):  # nothing but figures and signs
        lead, tail = 0, len(text) // 2
    for start in range(max(0, lead - MOST_AROUND), lead + 1):
        for end in range(max(tail, start + SHORTEST_RUN), min(len(text), tail + MOST_AROUND) + 1):
            yield text[start:end]


def _period(text: str) -> int:
    """The length of the shortest beginning of which the text is a repetition: 3 for abcabcab."""
    return next((size for size in range(1, len(text)) if text[size:] == text[:-size]), len(text))


def _runs_cover(text: str) -> bool:
    """Whether runs of at least four neighbours, forwards or backwards, make up the whole text."""
    rest = text
    while rest:
        length = next((size for size in range(len(rest), SHORTEST_RUN - 1, -1) if _is_run(rest[:size])), 0)
        if not length:
            return False
        rest = rest[length:]
    return bool(text)


def _is_run(text: str) -> bool:
    return any(text in row or text[::-1] in row for row in ROWS)


def _letters_and_figures(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in plain if character.isalnum())
