"""What decides whether a member is asked about a package: what is known of both, and the question behind each reason."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from app.values.spelling import as_read
from marketplace.membership.rules import SuspensionFacts, suspended_now, suspension_sentence
from marketplace.providers.coverage import CoverageRow, ProviderBase, covers
from marketplace.providers.ratings import meets
from marketplace.vocabulary import CarerGender, Rating


class ReasonCode(StrEnum):
    """Why a member is not offered a package, each with its label in a list of reasons."""

    label: str

    NOT_A_MEMBER = "not_a_member", "not a member of the lot"
    NOT_COVERED = "not_covered", "does not cover the area"
    SUSPENDED = "suspended", "suspended"
    BELOW_GATE = "below_gate", "below the CQC rating asked for"
    PAUSED = "paused", "has paused new packages"
    NO_CARER_OF_GENDER = "no_carer_of_gender", "no carer of the gender needed"
    SKILLS_MISSING = "skills_missing", "skills not declared"
    SISTER_NEARER = "sister_nearer", "another of its locations is nearer"

    def __new__(cls, value: str, label: str = "") -> Self:
        """A code from its line in the class; `ReasonCode("paused")` looks one up."""
        code = str.__new__(cls, value)
        code._value_, code.label = value, label
        return code


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason as a code to count and a sentence to read."""

    code: ReasonCode
    sentence: str


@dataclass(frozen=True, slots=True)
class PackageNeed:
    """What decides who is invited. `zone` is None when the sector lies in none of the scheme's zones.

    `judged_on` is the local date of the decision; suspensions are read on it. `minimum_rating` and `unrated_allowed`
    are the scheme's CQC gate: an unrated member was admitted by the policy or by a person, or must be left out.
    """

    lot: str
    zone: str | None
    judged_on: date
    minimum_rating: Rating
    unrated_allowed: bool
    outcode: str = ""
    sector: str = ""
    skills: frozenset[str] = frozenset()
    carer_gender: CarerGender = CarerGender.ANY
    place: ProviderBase | None = None


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """One location of a provider as a member of the scheme. `lots` are those of memberships in force."""

    member_id: str
    organisation_id: str
    lots: frozenset[str]
    coverage: tuple[CoverageRow, ...]
    rating: Rating
    suspensions: tuple[SuspensionFacts, ...] = ()
    paused_zones: frozenset[str] = frozenset()
    paused_everywhere: bool = False
    skills: frozenset[str] = frozenset()
    carers_female: int = 0
    carers_male: int = 0
    base: ProviderBase | None = None
    gate_override: str = ""


LEFT_BY: Mapping[ReasonCode, str] = {
    ReasonCode.NOT_A_MEMBER: "for the lot",
    ReasonCode.NOT_COVERED: "that cover the area",
    ReasonCode.SUSPENDED: "not suspended there",
    ReasonCode.BELOW_GATE: "with the CQC rating asked for",
    ReasonCode.PAUSED: "that have not paused",
    ReasonCode.NO_CARER_OF_GENDER: "with a carer of the gender needed",
}
"""What is said of the members that a need leaves, one need after another; skills are said one by one."""


def nobody_sentence(members: int, left: Iterable[tuple[str, int]]) -> str:
    """That nobody could take a package, with the number of members that each need leaves."""
    if not members:
        return "Nobody could take this package as it stands: the scheme has no members."
    counts = ", ".join(f"{words} {count}" for words, count in left)
    return f"Nobody could take this package as it stands. Of {members} members are left: {counts}."


SISTER_NEARER = "Another location of the same organisation is nearer and is invited."


def _membership(need: PackageNeed, member: MemberFacts) -> str | None:
    return None if need.lot in member.lots else f"It is not a member for {need.lot}."


def _coverage(need: PackageNeed, member: MemberFacts) -> str | None:
    return coverage_reason(need, member.coverage)


def coverage_reason(need: PackageNeed, rows: Iterable[CoverageRow]) -> str | None:
    """Why a member with these lines of coverage is not asked; None when it covers the place."""
    answer = covers(rows, need.lot, need.outcode, need.sector)
    return None if answer.yes else answer.reason


def _suspension(need: PackageNeed, member: MemberFacts) -> str | None:
    found = suspended_now(member.suspensions, need.lot, need.zone, need.judged_on)
    return suspension_sentence(found) if found else None


def _gate(need: PackageNeed, member: MemberFacts) -> str | None:
    if member.gate_override.strip() or meets(member.rating, need.minimum_rating):
        return None
    if member.rating is Rating.UNRATED:
        return None if need.unrated_allowed else "CQC has not rated it, and the scheme asks for a rating."
    return f"CQC rates it {member.rating.value}; the scheme asks for {need.minimum_rating.value} or better."


def _pause(need: PackageNeed, member: MemberFacts) -> str | None:
    if member.paused_everywhere:
        return "It has paused new packages everywhere."
    return f"It has paused new packages in {need.zone}." if need.zone in member.paused_zones else None


def _gender(need: PackageNeed, member: MemberFacts) -> str | None:
    carers = {CarerGender.FEMALE: member.carers_female, CarerGender.MALE: member.carers_male}
    return None if carers.get(need.carer_gender, 1) > 0 else f"It has no {need.carer_gender.value} carer."


def _skills(need: PackageNeed, member: MemberFacts) -> str | None:
    declared = {as_read(skill) for skill in member.skills}
    missing = sorted(skill for skill in need.skills if as_read(skill) not in declared)
    return f"It has not declared: {', '.join(missing)}." if missing else None


QUESTIONS: Mapping[ReasonCode, Callable[[PackageNeed, MemberFacts], str | None]] = {
    ReasonCode.NOT_A_MEMBER: _membership,
    ReasonCode.NOT_COVERED: _coverage,
    ReasonCode.SUSPENDED: _suspension,
    ReasonCode.BELOW_GATE: _gate,
    ReasonCode.PAUSED: _pause,
    ReasonCode.NO_CARER_OF_GENDER: _gender,
    ReasonCode.SKILLS_MISSING: _skills,
}
"""Put to one package and one member: the sentence that keeps it out, or None.

One location of several being nearer is judged last, among those left.
"""
