"""What the providers of the journey answer, fixed by a seed: the same in every run and on both databases.

Prices stand on a coarse grid, so that many totals are equal and the tie-break has work to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.journeys import naive

GRID = 2
CODES = ("no_staff_at_times", "travel", "at_capacity", "other")
MANY_DISTRICTS = 20
SILENT = 9
"""So many members never answer; the other 60 do."""


@dataclass(frozen=True)
class Script:
    """What one provider does about one package: steps in order, and the answer that stands at the end."""

    steps: tuple[dict[str, Any], ...]
    taken_back: bool
    final: naive.Answer | None


def silent_members() -> list[str]:
    """The members that do not answer: large ones, which are offered many packages anyway."""
    return sorted(naive.MEMBERS, key=lambda name: (-len(naive.MEMBERS[name]["outcodes"]), name))[:SILENT]


def scripts(provider: str, packages: dict[str, str]) -> dict[str, Script]:
    """What the provider does about the packages of one offer; large providers leave some offers lie altogether."""
    large = is_large(provider)
    if large and Random(f"{provider}:{min(packages)}:whole").random() < 0.7:
        return {}
    return {
        one: script(provider, one, own)
        for one, own in packages.items()
        if not large or Random(f"{provider}:{one}:left out").random() > 0.1
    }


def is_large(provider: str) -> bool:
    """Whether it covers many districts and so is offered many packages."""
    return len(naive.cell(naive.MEMBERS[provider]["outcodes"])) > MANY_DISTRICTS


def script(provider: str, package: str, own_reference: str) -> Script:
    """What the provider does about one package."""
    chance = Random(f"{provider}:{package}")
    if chance.random() < 0.45 or nobody_wants(package):
        return _no(chance, own_reference)
    return _yes(chance, package, own_reference, may_take_back=is_large(provider))


def nobody_wants(package: str) -> bool:
    """A few packages get only noes."""
    return int(package[-2:]) % 10 == 4


def _no(chance: Random, own_reference: str) -> Script:
    code = chance.choice(CODES)
    words = "We are moving our office that week." if code == "other" else ""
    sent = {"package": own_reference, "answer": "decline", "decline_code": code, "decline_text": words}
    return Script((sent,), False, naive.Answer(False))


def _yes(chance: Random, package: str, own_reference: str, *, may_take_back: bool) -> Script:
    final = _an_answer(chance, package)
    sent = yes(own_reference, package, final)
    manner = chance.random()
    if manner < 0.08 and may_take_back:
        return Script((sent,), True, None)
    if manner < 0.2:
        first = yes(own_reference, package, _an_answer(chance, package))
        return Script((first, sent), False, final)
    return Script((sent,), False, final)


def _an_answer(chance: Random, package: str) -> naive.Answer:
    floor, ceiling = naive.band(package)
    wanted = date.fromisoformat(naive.PACKAGES[package]["planned_start"])
    pence = floor + (ceiling - floor) * chance.randint(0, GRID) // GRID
    late = timedelta(days=chance.choice((0, 0, 0, 0, 0, 0, 0, 7)))
    return naive.Answer(True, pence, wanted + late, chance.choice(("", "", "", "", "", "", "", "", "After ten.")))


def yes(own_reference: str, package: str, said: naive.Answer) -> dict[str, Any]:
    """A yes as the API takes it."""
    start = said.start.isoformat() if said.start else None
    sent = {"package": own_reference, "answer": "accept", "price_pence": said.pence, "earliest_start": start}
    other = naive.PACKAGES[package]["weekly_visits"] if said.times else ""
    return {**sent, "alternative_times": said.times, "other_weekly_visits": other, "people_nearby_count": 2}
