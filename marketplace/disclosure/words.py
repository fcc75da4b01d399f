"""The lists of names beside this module, each read once."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from marketplace.disclosure.plain import bare


def _lines(name: str) -> list[list[str]]:
    text = (files(__package__) / "words" / f"{name}.txt").read_text("utf-8")
    return [[bare(word) for word in line.split()] for line in text.splitlines() if line and not line.startswith("#")]


@cache
def listed(name: str) -> frozenset[str]:
    """The words of a list, small and bare."""
    return frozenset(word for line in _lines(name) for word in line)


@cache
def street_kinds() -> dict[str, tuple[str, ...]]:
    """What a street or house is called, in full and in short, with its other spellings."""
    return {word: tuple(line) for line in _lines("street_kinds") for word in line}


@cache
def given_names(*, also_words: bool = False) -> frozenset[str]:
    """First names; without those that are everyday words, unless these are wanted too."""
    return listed("given_names") if also_words else listed("given_names") - listed("word_names")


@cache
def _no_person() -> re.Pattern[str]:
    lines = (files(__package__) / "words" / "no_person.txt").read_text("utf-8").splitlines()
    phrases = sorted((re.escape(line) for line in lines if line and not line.startswith("#")), reverse=True)
    return re.compile(rf"(?:{'|'.join(phrases)})\b")


@cache
def _called() -> dict[str, frozenset[str]]:
    called: dict[str, set[str]] = {}
    for line in _lines("nicknames"):
        spelled = {*line, *(word[:-2] + "y" for word in line if word.endswith("ie"))}
        spelled |= {word[:-1] + "ie" for word in line if word.endswith("y") and len(word) > 3}
        short = [word for word in line if 2 < len(word) < 5 and word[-1] not in "aeiouyw"]
        spelled |= {word + more + end for word in short for more in ("", word[-1]) for end in ("y", "ie")}
        for word in spelled:
            called.setdefault(word, set()).update(spelled)
    return {word: frozenset(others) for word, others in called.items()}


def called_instead(name: str) -> frozenset[str]:
    """What somebody of this first name may be called, the name among it."""
    return _called().get(name, frozenset((name,)))


def without_no_person(text: str) -> str:
    """The text with what bears a name and is nobody blanked, every other sign in its place."""
    return _no_person().sub(lambda phrase: "#" * len(phrase[0]), text)
