"""A proposal for a whole batch, in ranked order: simple, explainable, and the same for the same facts.

Packages go by planned start, then by the hash of their reference, so that nobody's package is favoured by its number.
Each takes the first ranked member with capacity left. A solver may replace `propose_batch` later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256

from app.values.hours import hours_text
from app.values.rounding import decimal_text


@dataclass(frozen=True, slots=True)
class RankedMember:
    """One awardable place of a package's ranking."""

    member: str
    name: str
    score: Fraction


@dataclass(frozen=True, slots=True)
class RankedPackage:
    """A package with its ranked members, best first; minutes of care a week."""

    reference: str
    planned_start: date
    weekly_minutes: int
    members: tuple[RankedMember, ...]


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """What is proposed for one package. `member` is None when nobody has capacity or nobody was ranked.

    `cost` is what the line gives up in score against the best of its ranking; `skipped` are members passed over.
    """

    reference: str
    member: str | None
    cost: Fraction
    skipped: tuple[str, ...]
    sentence: str


def propose_batch(packages: Sequence[RankedPackage], capacity: Mapping[str, int]) -> tuple[ProposedLine, ...]:
    """One line per package, in the order in which they were settled. Capacity in minutes a week; unknown means none."""
    left = dict(capacity)
    lines: list[ProposedLine] = []
    for package in sorted(packages, key=settling_key):
        line = _line(package, left)
        if line.member is not None:
            left[line.member] -= package.weekly_minutes
        lines.append(line)
    return tuple(lines)


def settling_key(package: RankedPackage) -> tuple[date, str]:
    """Earliest start first, then the SHA-256 of the reference."""
    return package.planned_start, sha256(package.reference.encode()).hexdigest()


def _line(package: RankedPackage, left: Mapping[str, int]) -> ProposedLine:
    full: list[RankedMember] = []
    for one in package.members:
        if left.get(one.member, 0) >= package.weekly_minutes:
            cost = package.members[0].score - one.score
            return ProposedLine(package.reference, one.member, cost, _keys(full), _sentence(one, full, cost))
        full.append(one)
    return ProposedLine(package.reference, None, Fraction(0), _keys(full), _nobody(package))


def _keys(members: Sequence[RankedMember]) -> tuple[str, ...]:
    return tuple(one.member for one in members)


def _sentence(chosen: RankedMember, full: Sequence[RankedMember], cost: Fraction) -> str:
    if not full:
        return f"{chosen.name} is first in the ranking and has capacity."
    passed = ", ".join(one.name for one in full)
    have = "has" if len(full) == 1 else "have"
    return (
        f"{passed} {have} too little capacity left. {chosen.name} is next, {decimal_text(cost)} points below the best."
    )


def _nobody(package: RankedPackage) -> str:
    if not package.members:
        return "Nobody is ranked for this package."
    return f"No ranked provider has {hours_text(package.weekly_minutes)} a week of capacity left."
