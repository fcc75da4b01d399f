"""Who is eligible for packages: each question is put once for all packages that agree in what it depends on.

Members are bits of a whole number, in the order of their ids, so that "everybody but these" is one operation. A county
has hundreds of members and thousands of packages; put one by one, the questions would be millions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from marketplace.invitations.rules import (
    LEFT_BY,
    QUESTIONS,
    SISTER_NEARER,
    MemberFacts,
    PackageNeed,
    Reason,
    ReasonCode,
    coverage_reason,
)
from marketplace.providers.coverage import CoverageRow, ProviderBase, SisterLocation, nearest_of_sisters


@dataclass(frozen=True, slots=True, eq=False)
class Excluded:
    """Members that are not asked for one reason: as bits, and their ids by the sentence that says why."""

    code: ReasonCode
    members: int
    sentences: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is asked about one package, as bits, and who is not, a reason each."""

    members: int
    excluded: tuple[Excluded, ...]


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


class Eligibility:
    """All members of a scheme, ready to be judged for any number of packages."""

    def __init__(self, members: Iterable[MemberFacts]) -> None:
        self.members: Sequence[MemberFacts] = sorted(members, key=lambda member: member.member_id)
        self.everybody = (1 << len(self.members)) - 1
        self._answers: dict[tuple[ReasonCode, Hashable], Excluded | None] = {}
        self._coverage = _coverage_by_area(self.members)
        self._sisters = _sisters(self.members)
        self._nearest: dict[tuple[int, ProviderBase | None], int] = {}
        self._farther: dict[int, Excluded] = {}

    def invited(self, need: PackageNeed) -> Invited:
        """Everybody eligible for the package; of one organisation's eligible locations only the nearest."""
        excluded = [answer for code in QUESTIONS if (answer := self._answer(code, need))]
        eligible = self.everybody
        for answer in excluded:
            eligible &= ~answer.members
        if farther := self._farther_sisters(eligible, need.place):
            if farther not in self._farther:
                self._farther[farther] = self._excluded(ReasonCode.SISTER_NEARER, {SISTER_NEARER: farther})
            excluded.append(self._farther[farther])
        return Invited(eligible & ~farther, tuple(excluded))

    def reasons(self, need: PackageNeed, codes: Collection[ReasonCode] = tuple(QUESTIONS)) -> dict[str, list[Reason]]:
        """Why members are not eligible, as far as these codes go, by member; none for who is."""
        found: defaultdict[str, list[Reason]] = defaultdict(list)
        for code in QUESTIONS:
            if code in codes and (answer := self._answer(code, need)):
                for sentence, member_ids in answer.sentences.items():
                    for member_id in member_ids:
                        found[member_id].append(Reason(code, sentence))
        return found

    def left_by_need(self, need: PackageNeed) -> list[tuple[str, int]]:
        """How many members are left by each need, one after the other; skills one by one."""
        left, counts = self.everybody, []
        alone = ((skill, replace(need, skills=frozenset({skill}))) for skill in sorted(need.skills))
        skills = [(f"with {skill} declared", ReasonCode.SKILLS_MISSING, asked) for skill, asked in alone]
        for words, code, asked in [*((LEFT_BY[code], code, need) for code in LEFT_BY), *skills]:
            answer = self._answer(code, asked)
            left &= ~(answer.members if answer else 0)
            counts.append((words, left.bit_count()))
        return counts

    def ids(self, members: int) -> tuple[str, ...]:
        """The ids of a set of members."""
        return tuple(self.members[place].member_id for place in places(members))

    def _answer(self, code: ReasonCode, need: PackageNeed) -> Excluded | None:
        key = (code, _DEPENDS[code](need))
        if key not in self._answers:
            by_sentence = self._not_covering(need) if code is ReasonCode.NOT_COVERED else self._put(code, need)
            self._answers[key] = self._excluded(code, by_sentence) if by_sentence else None
        return self._answers[key]

    def _put(self, code: ReasonCode, need: PackageNeed) -> dict[str, int]:
        """Puts a question to every member; those that it keeps out, by sentence."""
        by_sentence: defaultdict[str, int] = defaultdict(int)
        for place, member in enumerate(self.members):
            if sentence := QUESTIONS[code](need, member):
                by_sentence[sentence] |= 1 << place
        return by_sentence

    def _not_covering(self, need: PackageNeed) -> dict[str, int]:
        """The question of coverage, put only to members with a line for the district or the sector.

        All others get the same sentence.
        """
        rows: defaultdict[int, list[CoverageRow]] = defaultdict(list)
        for area in {need.sector, need.outcode}:
            for place, row in self._coverage.get(area, ()):
                rows[place].append(row)
        by_sentence: defaultdict[str, int] = defaultdict(int)
        without_a_line = self.everybody
        for place, own in rows.items():
            without_a_line &= ~(1 << place)
            if sentence := coverage_reason(need, own):
                by_sentence[sentence] |= 1 << place
        if without_a_line and (sentence := coverage_reason(need, ())):
            by_sentence[sentence] |= without_a_line
        return by_sentence

    def _excluded(self, code: ReasonCode, by_sentence: Mapping[str, int]) -> Excluded:
        everyone = 0
        for members in by_sentence.values():
            everyone |= members
        return Excluded(code, everyone, {sentence: self.ids(members) for sentence, members in by_sentence.items()})

    def _farther_sisters(self, eligible: int, to: ProviderBase | None) -> int:
        """Those of whose organisation another eligible location is nearer."""
        farther = 0
        for locations in self._sisters:
            both = eligible & locations
            if both & (both - 1):
                farther |= both & ~self._nearest_of(both, to)
        return farther

    def _nearest_of(self, sisters: int, to: ProviderBase | None) -> int:
        """Without a place for the package no sister is nearer than another, so the first by id stands for all."""
        key = (sisters, to)
        if key not in self._nearest:
            place_of = {self.members[place].member_id: place for place in places(sisters)}
            locations = (_location(self.members[place], placed=to is not None) for place in place_of.values())
            (nearest,) = nearest_of_sisters(locations, to or ProviderBase(0, 0))
            self._nearest[key] = 1 << place_of[nearest]
        return self._nearest[key]


def places(members: int) -> list[int]:
    """The places of a set of members among all, the lowest first."""
    return [place for place, bit in enumerate(reversed(f"{members:b}")) if bit == "1"]


def _location(member: MemberFacts, *, placed: bool) -> SisterLocation:
    return SisterLocation(member.member_id, member.organisation_id, member.base if placed else None)


def _coverage_by_area(members: Sequence[MemberFacts]) -> dict[str, list[tuple[int, CoverageRow]]]:
    rows: defaultdict[str, list[tuple[int, CoverageRow]]] = defaultdict(list)
    for place, member in enumerate(members):
        for row in member.coverage:
            rows[row.area].append((place, row))
    return rows


def _sisters(members: Sequence[MemberFacts]) -> list[int]:
    """The locations of each organisation that has more than one."""
    locations: defaultdict[str, int] = defaultdict(int)
    for place, member in enumerate(members):
        locations[member.organisation_id] |= 1 << place
    return [sisters for sisters in locations.values() if sisters & (sisters - 1)]
