"""Areas as they are typed: outcodes and sectors, one to a line or split by commas, turned into rows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.values.postcode import PostcodeArea, parse_place
from marketplace.schemes.rules import AreaKind

MOST_AREAS = 2_000


def parse_areas(text: str) -> tuple[str, ...]:
    """The outcodes and sectors of a text, in normal form and without repeats; raises ValueError with a sentence."""
    typed = [part.strip() for part in re.split(r"[,;|\n\r]+", text) if part.strip()]
    if len(typed) > MOST_AREAS:
        raise ValueError(f"Give at most {MOST_AREAS:,} areas.")
    return tuple(dict.fromkeys(_parsed(part) for part in typed))


def kind_of(area: str) -> AreaKind:
    """Whether an area in normal form is a sector, such as PR1 8, or an outcode, such as PR1."""
    return AreaKind.SECTOR if " " in area else AreaKind.OUTCODE


def in_order(areas: Iterable[str]) -> list[str]:
    """Areas as a person reads them: PR1, PR1 8, PR2, PR10."""
    return sorted(areas, key=_place_in_order)


def _place_in_order(area: str) -> tuple[str, int, str, str]:
    found = re.fullmatch(r"([A-Z]+)([0-9]*)([A-Z]*)(?: ([0-9]))?", area)
    return (found[1], int(found[2] or 0), found[3], found[4] or "") if found else (area, 0, "", "")


def _parsed(text: str) -> str:
    try:
        place = parse_place(text)
    except ValueError:
        raise ValueError(f"“{text[:20]}” is no area. {EXAMPLE}") from None
    if isinstance(place, PostcodeArea):
        raise ValueError(f"“{text[:20]}” is a whole postcode area. {EXAMPLE}")
    return str(place)


EXAMPLE = "Enter postcode districts such as PR1, or sectors such as PR1 8."
