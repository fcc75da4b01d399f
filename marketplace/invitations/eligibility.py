"""Eligibility of many packages at once: each question is put once, not once per package and member.

Gives exactly what `eligibility.eligible_members` gives; a property test holds the two together. Members are bits of a
whole number, in the order of their ids, so that "everybody but these" is one operation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from marketplace.invitations.rules import SISTER, TESTS, MemberFacts, PackageNeed, Reason, ReasonCode, coverage_reason
from marketplace.providers.coverage import Base, CoverageRow, SisterLocation, nearest_of_sisters

Test = Callable[[PackageNeed, MemberFacts], Reason | None]


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """Members left out for one reason: as bits, and by the sentence that says why."""

    code: ReasonCode
    mask: int
    sentences: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Sifted:
    """Who is invited to one package, as bits, and who is left out, a reason each."""

    invited: int
    left_out: tuple[LeftOut, ...]


# What a question depends on, by the code of its reason: packages that agree in it get the same answer.
_DEPENDS: Mapping[ReasonCode, Callable[[PackageNeed], Hashable]] = {
    ReasonCode.NOT_A_MEMBER: lambda need: need.lot,
    ReasonCode.NOT_COVERED: lambda need: (need.lot, need.outcode, need.sector),
    ReasonCode.SUSPENDED: lambda need: (need.lot, need.zone, need.judged_on),
    ReasonCode.BELOW_GATE: lambda need: (need.minimum_rating, need.unrated_allowed),
    ReasonCode.PAUSED: lambda need: need.zone,
    ReasonCode.NO_CARER_OF_GENDER: lambda need: need.carer_gender,
    ReasonCode.SKILLS_MISSING: lambda need: need.skills,
}


class Sieve:
    """All members of a scheme, ready to be asked about any number of packages."""

    def __init__(self, members: Iterable[MemberFacts]) -> None:
        self.members: Sequence[MemberFacts] = sorted(members, key=lambda one: one.member_id)
        self.everybody = (1 << len(self.members)) - 1
        self._answers: dict[tuple[ReasonCode, Hashable], LeftOut | None] = {}
        self._covering = _rows_by_area(self.members)
        self._sisters = _sister_masks(self.members)
        self._nearest: dict[tuple[int, Base | None], int] = {}
        self._far_sisters: dict[int, LeftOut] = {}

    def sift(self, need: PackageNeed) -> Sifted:
        """Everybody eligible for the package; of one organisation's eligible locations only the nearest."""
        left_out = [found for code, test in TESTS.items() if (found := self._answer(code, test, need))]
        eligible = self.everybody
        for one in left_out:
            eligible &= ~one.mask
        farther = self._farther(eligible, need)
        if farther:
            left_out.append(self._told_sisters(farther))
        return Sifted(eligible & ~farther, tuple(left_out))

    def reasons(self, need: PackageNeed, codes: Collection[ReasonCode]) -> dict[str, tuple[Reason, ...]]:
        """Why members are not eligible, as far as these codes go, by member; nobody without a reason is there."""
        found: defaultdict[str, tuple[Reason, ...]] = defaultdict(tuple)
        for code, test in TESTS.items():
            if code in codes and (told := self._answer(code, test, need)):
                for sentence, members in told.sentences.items():
                    for member in members:
                        found[member] += (Reason(code, sentence),)
        return dict(found)

    def ids(self, mask: int) -> tuple[str, ...]:
        """The members of a set of bits, by id."""
        return tuple(self.members[place].member_id for place in places(mask))

    def _answer(self, code: ReasonCode, test: Test, need: PackageNeed) -> LeftOut | None:
        key = (code, _DEPENDS[code](need))
        if key not in self._answers:
            asked = self._coverage(need) if code is ReasonCode.NOT_COVERED else self._asked(test, need)
            self._answers[key] = self._told(code, asked) if asked else None
        return self._answers[key]

    def _asked(self, test: Test, need: PackageNeed) -> dict[str, int]:
        found: defaultdict[str, int] = defaultdict(int)
        for place, member in enumerate(self.members):
            if reason := test(need, member):
                found[reason.sentence] |= 1 << place
        return found

    def _coverage(self, need: PackageNeed) -> dict[str, int]:
        """Only members with a line for the district or the sector are asked; all others are told the same."""
        rows: defaultdict[int, list[CoverageRow]] = defaultdict(list)
        for area in {need.sector, need.outcode}:
            for place, row in self._covering.get(area, ()):
                rows[place].append(row)
        found: defaultdict[str, int] = defaultdict(int)
        silent = self.everybody
        for place, own in rows.items():
            silent &= ~(1 << place)
            if reason := coverage_reason(need, own):
                found[reason.sentence] |= 1 << place
        if silent and (nothing := coverage_reason(need, ())):
            found[nothing.sentence] |= silent
        return found

    def _told(self, code: ReasonCode, masks: Mapping[str, int]) -> LeftOut:
        together = 0
        for mask in masks.values():
            together |= mask
        return LeftOut(code, together, {sentence: self.ids(mask) for sentence, mask in masks.items()})

    def _told_sisters(self, farther: int) -> LeftOut:
        if farther not in self._far_sisters:
            self._far_sisters[farther] = self._told(ReasonCode.SISTER_NEARER, {SISTER.sentence: farther})
        return self._far_sisters[farther]

    def _farther(self, eligible: int, need: PackageNeed) -> int:
        """Those of whose organisation another eligible location is nearer."""
        farther = 0
        for mask in self._sisters:
            both = eligible & mask
            if both & (both - 1):
                farther |= both & ~self._nearest_of(both, need.place)
        return farther

    def _nearest_of(self, mask: int, place: Base | None) -> int:
        """Without a place for the package no sister is nearer than another, so the first by id stands for all."""
        key = (mask, place)
        if key not in self._nearest:
            one_by_one = {self.members[bit].member_id: bit for bit in places(mask)}
            sisters = (_sister(self.members[bit], placed=place is not None) for bit in one_by_one.values())
            (nearest,) = nearest_of_sisters(sisters, place or Base(0, 0))
            self._nearest[key] = 1 << one_by_one[nearest]
        return self._nearest[key]


def places(mask: int) -> Iterator[int]:
    """The places of the bits that are set, the lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _sister(member: MemberFacts, *, placed: bool) -> SisterLocation:
    return SisterLocation(member.member_id, member.organisation_id, member.base if placed else None)


def _rows_by_area(members: Sequence[MemberFacts]) -> dict[str, list[tuple[int, CoverageRow]]]:
    found: defaultdict[str, list[tuple[int, CoverageRow]]] = defaultdict(list)
    for place, member in enumerate(members):
        for row in member.coverage:
            found[row.area].append((place, row))
    return dict(found)


def _sister_masks(members: Sequence[MemberFacts]) -> list[int]:
    """The locations of each organisation that has more than one."""
    found: defaultdict[str, int] = defaultdict(int)
    for place, member in enumerate(members):
        found[member.organisation_id] |= 1 << place
    return [mask for mask in found.values() if mask & (mask - 1)]
