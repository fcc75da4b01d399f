"""The rules of the main job a second time, written straight on the rows of the files: slow, short and independent.

Nothing of the project is imported here, so that a mistake of its rules cannot be repeated by the reference.
"""

from __future__ import annotations

import csv
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "demo" / "lancashire"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
GOOD_ENOUGH = {"Good": 75, "Outstanding": 100}
ENTRY_WEIGHT, CQC_WEIGHT = 30, 20
FAIRNESS = timedelta(days=28)

Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    """The rows of one of the files."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PACKAGES = {row["reference"]: row for row in rows_of("packages.csv")}
PROVIDERS = {row["name"]: row for row in rows_of("providers.csv")}
SCHEME: dict[str, Any] = tomllib.loads((FOLDER / "scheme.toml").read_text(encoding="utf-8"))
MEMBERS = {name: row for name, row in PROVIDERS.items() if row["cqc_overall"] in GOOD_ENOUGH}


@dataclass(frozen=True)
class Answer:
    """The answer of one provider about one package that stood at the deadline."""

    yes: bool
    pence: int = 0
    start: date | None = None
    times: str = ""


@dataclass(frozen=True)
class Scored:
    """One yes with its exact figures; `order` is what the places are sorted by."""

    provider: str
    firm: bool
    quality: Fraction
    price_score: Fraction
    total: Fraction
    share: Fraction
    draw: str

    @property
    def order(self) -> tuple[bool, Fraction, Fraction, str]:
        """Firm yeses first, then the highest total, the fewest hours for the capacity, the draw."""
        return not self.firm, -self.total, self.share, self.draw


@dataclass(frozen=True)
class Terms:
    """What a round's ranking needs besides the answers: the package's own reference, the draw, the cut-off."""

    own_reference: str
    seed: str
    tickets: dict[str, str]
    cut_off: datetime


@cache
def cell(text: str) -> frozenset[str]:
    """The items of a cell."""
    return frozenset(item.strip() for item in text.split("|") if item.strip())


@cache
def eligible(reference: str) -> frozenset[str]:
    """The members that must be offered a package, by name."""
    package = PACKAGES[reference]
    district = package["postcode"].split(" ")[0]
    gender = package["carer_gender"]
    return frozenset(
        name
        for name, member in MEMBERS.items()
        if package["lot"] in cell(member["lots"])
        and district in cell(member["outcodes"])
        and cell(package["skills"]) <= cell(member["skills"])
        and (gender == "any" or int(member[f"carers_{gender}"]) > 0)
    )


def offers(references: Iterable[str]) -> dict[str, set[str]]:
    """What each member's offer of these packages must hold; members that get none are not named."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for reference in references:
        for name in eligible(reference):
            found[name].add(reference)
    return dict(found)


def week(reference: str) -> Counter[tuple[int, int]]:
    """How many visits a week there are of each length in minutes and number of carers."""
    counted: Counter[tuple[int, int]] = Counter()
    for clause in PACKAGES[reference]["weekly_visits"].split(";"):
        days, _, length = clause.split()
        minutes, carers = length.split("x")
        counted[int(minutes), int(carers)] += number_of_days(days)
    return counted


def number_of_days(text: str) -> int:
    """Mon-Fri are 5, Mon,Wed,Fri are 3."""
    total = 0
    for part in text.split(","):
        first, _, last = part.partition("-")
        total += DAYS.index(last or first) - DAYS.index(first) + 1
    return total


def weekly_minutes(reference: str) -> int:
    """Paid minutes a week, carers counted."""
    return sum(count * minutes * carers for (minutes, carers), count in week(reference).items())


def weekly_cost(reference: str, pence: int) -> int:
    """Pence a week at a price per hour, rounded half up once for each kind of visit."""
    lines = [Fraction(count * minutes * carers * pence, 60) for (minutes, carers), count in week(reference).items()]
    return sum((2 * line.numerator + line.denominator) // (2 * line.denominator) for line in lines)


def band(reference: str) -> tuple[int, int]:
    """Floor and ceiling of the package's lot in pence."""
    lot = next(lot for lot in SCHEME["lots"] if lot["name"] == PACKAGES[reference]["lot"])
    return round(lot["floor"] * 100), round(lot["ceiling"] * 100)


def capacity(provider: str) -> int:
    """Declared minutes a week."""
    return int(Fraction(PROVIDERS[provider]["capacity_hours_per_week"]) * 60)


def quality(provider: str) -> Fraction:
    """Entry assessment and CQC rating, weighted anew because nothing else is known yet."""
    row = PROVIDERS[provider]
    points = ENTRY_WEIGHT * Fraction(row["entry_assessment_score"]) + CQC_WEIGHT * GOOD_ENOUGH[row["cqc_overall"]]
    return points / (ENTRY_WEIGHT + CQC_WEIGHT)


def ranking(
    reference: str, answers: dict[str, Answer], terms: Terms, won: Iterable[tuple[str, str, datetime]]
) -> list[Scored]:
    """The places of one package: firm yeses, then the changed ones. `won` are (provider, package, instant)."""
    lately = [(who, what) for who, what, when in won if terms.cut_off - FAIRNESS < when <= terms.cut_off]
    scored = [_scored(reference, who, said, terms, lately) for who, said in answers.items() if said.yes]
    return sorted(scored, key=lambda one: one.order)


def _scored(reference: str, who: str, said: Answer, terms: Terms, lately: list[tuple[str, str]]) -> Scored:
    floor, ceiling = band(reference)
    wanted = date.fromisoformat(PACKAGES[reference]["planned_start"])
    price_score = Fraction(100 * (ceiling - said.pence), ceiling - floor)
    minutes = sum(weekly_minutes(what) for winner, what in lately if winner == who)
    weights = SCHEME["quality_weight"], SCHEME["price_weight"]
    return Scored(
        provider=who,
        firm=said.start is not None and said.start <= wanted and not said.times,
        quality=quality(who),
        price_score=price_score,
        total=(weights[0] * quality(who) + weights[1] * price_score) / 100,
        share=Fraction(minutes, capacity(who)),
        draw=sha256(f"{terms.own_reference}{terms.tickets[who]}{terms.seed}".encode()).hexdigest(),
    )


def winner(reference: str, places: Iterable[Scored], left: dict[str, int]) -> str | None:
    """The first in the ranking that can still take the hours; None when nobody can."""
    return next((one.provider for one in places if left[one.provider] >= weekly_minutes(reference)), None)
