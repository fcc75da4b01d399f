"""Who would be asked about a set of packages at this moment, and who not and why: read once, then pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.database import db
from marketplace.invitations.eligibility import LeftOut, Sieve, Sifted, places
from marketplace.invitations.facts import areas_of, member_facts, needs_of, zone_names
from marketplace.invitations.rules import MemberFacts, ReasonCode
from marketplace.packages.models import Package
from marketplace.schemes.models import Scheme, SchemePolicy

LATELY = timedelta(days=365)
SOMEWHERE = "the scheme's area"

REASON_LABELS: dict[ReasonCode, str] = {
    ReasonCode.NOT_A_MEMBER: "not a member of the lot",
    ReasonCode.NOT_COVERED: "does not cover the area",
    ReasonCode.SUSPENDED: "suspended",
    ReasonCode.BELOW_GATE: "below the CQC rating asked for",
    ReasonCode.PAUSED: "has paused new packages",
    ReasonCode.NO_CARER_OF_GENDER: "no carer of the gender needed",
    ReasonCode.SKILLS_MISSING: "skills not declared",
    ReasonCode.SISTER_NEARER: "another of its locations is nearer",
}


@dataclass(frozen=True, slots=True)
class Asking:
    """One package about to be offered: whom the rule names, whom not, and the area that they are shown."""

    package: Package
    sifted: Sifted
    area_shown: str

    @property
    def asked(self) -> int:
        """How many are asked."""
        return self.sifted.invited.bit_count()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Who is not asked, a reason each."""
        return self.sifted.left_out


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything that the rule says about a set of packages of one scheme at one moment."""

    rounds: tuple[Asking, ...]
    members: tuple[MemberFacts, ...]

    @property
    def asked(self) -> tuple[tuple[int, MemberFacts], ...]:
        """The members that are asked about anything, each with its place among all."""
        together = 0
        for one in self.rounds:
            together |= one.sifted.invited
        return tuple((place, self.members[place]) for place in places(together))

    def each(self) -> list[Reach]:
        """The same for every package by itself."""
        return [Reach((one,), self.members) for one in self.rounds]


def reach_of(scheme: Scheme, policy: SchemePolicy, packages: Sequence[Package]) -> Reach:
    """Applies the rule to every package of the set and every member of the scheme."""
    sieve = Sieve(member_facts(scheme.id, areas=areas_of(packages)).values())
    needs = needs_of(packages, policy, clock.today())
    areas = areas_shown(packages, policy)
    rounds = (Asking(package, sieve.sift(needs[package.id]), areas[package.id]) for package in packages)
    return Reach(tuple(rounds), tuple(sieve.members))


def areas_shown(packages: Sequence[Package], policy: SchemePolicy) -> dict[UUID, str]:
    """What providers read of the place: the district, or the zone where so few lived lately that it would say who."""
    lately = _packages_lately(packages)
    zones = zone_names(policy.scheme_id)
    return {
        package.id: package.outcode
        if lately[package.outcode] >= policy.small_district_below
        else zones.get(package.zone_id or package.id, SOMEWHERE)
        for package in packages
    }


def unsourced_sentence(left_out: Sequence[LeftOut]) -> str:
    """Why nobody could be asked, in one sentence with the number of members each reason holds for."""
    if not left_out:
        return "Nobody could be asked: the scheme has no members."
    counts = [f"{REASON_LABELS[one.code]} ({one.mask.bit_count()})" for one in left_out]
    return f"Nobody could be asked. Members, by reason: {', '.join(counts)}."


def _packages_lately(packages: Sequence[Package]) -> Counter[str]:
    """How many packages each district had in the last 12 months, those now offered included."""
    query = (
        select(Package.outcode, func.count())
        .where(
            Package.authority_id.in_({package.authority_id for package in packages}),
            Package.outcode.in_({package.outcode for package in packages}),
            Package.created_at > clock.now() - LATELY,
        )
        .group_by(Package.outcode)
    )
    return Counter({row[0]: row[1] for row in db.session.execute(query)})
