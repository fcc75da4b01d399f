"""What offering packages at this moment would do: who would be asked about each, who not and why, and until when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.database import db
from app.parties.viewer import Viewer
from marketplace.holidays.queries import calendar_of
from marketplace.invitations.eligibility import Eligibility, Excluded, Invited, places
from marketplace.invitations.queries import areas_of, member_facts, needs_of, zone_names
from marketplace.invitations.rules import MemberFacts, nobody_sentence
from marketplace.packages.listing import confirmed_since
from marketplace.packages.models import NeedConfirmation, Package
from marketplace.packages.rules import PackageStatus, reasons_too_soon
from marketplace.schemes.models import Scheme, SchemePolicy
from marketplace.schemes.queries import deadline_of, first_start, hours_end, policy_in_force, policy_on
from marketplace.vocabulary import Window

LATELY = timedelta(days=365)
SOMEWHERE = "the scheme's area"
BEFORE_OFFER = (PackageStatus.DRAFT, PackageStatus.READY, PackageStatus.IN_BATCH, PackageStatus.UNSOURCED)


@dataclass(frozen=True, slots=True)
class PackageReach:
    """One package: whom the rule names, whom not, and the area that they are shown."""

    package: Package
    invited: Invited
    area_shown: str

    @property
    def invited_count(self) -> int:
        """How many are invited."""
        return self.invited.members.bit_count()

    @property
    def excluded(self) -> tuple[Excluded, ...]:
        """Who is not asked, a reason each."""
        return self.invited.excluded

    @property
    def exclusion_counts(self) -> list[tuple[str, int]]:
        """How many members are not asked, by reason."""
        return [(excluded.code.label, excluded.members.bit_count()) for excluded in self.excluded]

    @property
    def unsourced_sentence(self) -> str:
        """Why nobody could be asked, in one sentence with the number of members each reason holds for."""
        if not self.excluded:
            return "Nobody could be asked: the scheme has no members."
        counts = [f"{label} ({count})" for label, count in self.exclusion_counts]
        return f"Nobody could be asked. Members, by reason: {', '.join(counts)}."


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything that the rule says about a set of packages of one scheme at one moment."""

    packages: tuple[PackageReach, ...]
    members: tuple[MemberFacts, ...]

    @property
    def invited(self) -> tuple[tuple[int, MemberFacts], ...]:
        """The members that are asked about anything, each with its place among all."""
        anybody = 0
        for package in self.packages:
            anybody |= package.invited.members
        return tuple((place, self.members[place]) for place in places(anybody))

    def each(self) -> list[Reach]:
        """The same for every package by itself."""
        return [Reach((package,), self.members) for package in self.packages]

    def areas_by_provider(self) -> dict[UUID, Counter[str]]:
        """The areas in which each provider is asked, and about how many packages in each."""
        by_area: defaultdict[tuple[str, int], int] = defaultdict(int)
        for package in self.packages:
            by_area[package.area_shown, package.invited.members] += 1
        provider_ids = {place: UUID(member.member_id) for place, member in self.invited}
        areas: dict[UUID, Counter[str]] = {provider_id: Counter() for provider_id in provider_ids.values()}
        for (area, members), packages in by_area.items():
            for place in places(members):
                areas[provider_ids[place]][area] += packages
        return areas


@dataclass(frozen=True, slots=True)
class OfferPreview:
    """What would happen if packages were offered now. `providers` is how many would get an offer.

    `unconfirmed` are packages older than the scheme's number of days that nobody has confirmed as still needed since.
    """

    packages: tuple[PackageReach, ...]
    providers: int
    deadline: datetime
    hours_end: datetime | None
    """Where hours to answer end by themselves; the deadline is later where too few people are at work then."""
    unconfirmed: frozenset[UUID]
    too_soon: list[str]
    """Why packages cannot be offered now, each with its sentence: care would have to begin before it can."""


def reach_of(scheme: Scheme, policy: SchemePolicy, packages: Sequence[Package]) -> Reach:
    """Applies the rule to every package of the set and every member of the scheme."""
    eligibility = Eligibility(member_facts(scheme.id, areas=areas_of(packages)).values())
    needs = needs_of(packages, policy, clock.today())
    areas = _areas_shown(packages, policy)
    reached = (PackageReach(package, eligibility.invited(needs[package.id]), areas[package.id]) for package in packages)
    return Reach(tuple(reached), tuple(eligibility.members))


def notes_of_nobody(viewer: Viewer, package_ids: Collection[UUID]) -> dict[UUID, str]:
    """Of packages of the viewer's authority not offered yet: that nobody could take one now, with what each need leaves."""
    which = Package.id.in_(package_ids), Package.authority_id == viewer.authority_id, Package.status.in_(BEFORE_OFFER)
    by_scheme: defaultdict[UUID, list[Package]] = defaultdict(list)
    for package in db.session.scalars(select(Package).where(*which)).unique():
        by_scheme[package.scheme_id].append(package)
    found = {}
    for scheme_id, packages in by_scheme.items():
        if (policy := policy_in_force(scheme_id, clock.today())) is None:
            continue
        eligibility = Eligibility(member_facts(scheme_id, areas=areas_of(packages)).values())
        for package_id, need in needs_of(packages, policy, clock.today()).items():
            if not eligibility.invited(need).members:
                found[package_id] = nobody_sentence(len(eligibility.members), eligibility.left_by_need(need))
    return found


def preview_of(scheme: Scheme, packages: Sequence[Package], window: Window) -> OfferPreview:
    """What would happen if these packages were offered now; nothing is written."""
    policy = policy_on(scheme.id, clock.today())
    reach = reach_of(scheme, policy, packages)
    unconfirmed = _unconfirmed(packages, timedelta(days=policy.still_needed_after_days))
    now = clock.now()
    deadline = deadline_of(policy, window, now, calendar_of(scheme.authority_id))
    too_soon = reasons_too_soon(packages, first_start(policy, window, now))
    told = reach.packages, len(reach.invited), deadline, hours_end(policy, window, now), unconfirmed
    return OfferPreview(*told, too_soon)


def _areas_shown(packages: Sequence[Package], policy: SchemePolicy) -> dict[UUID, str]:
    """What providers read of the place: the district, or the zone where so few lived lately that it would say who.

    Lately is the last 12 months; the packages that are now offered count too.
    """
    query = (
        select(Package.outcode, func.count())
        .where(
            Package.authority_id.in_({package.authority_id for package in packages}),
            Package.outcode.in_({package.outcode for package in packages}),
            Package.created_at > clock.now() - LATELY,
        )
        .group_by(Package.outcode)
    )
    lately = Counter(dict(db.session.execute(query).all()))
    zones = zone_names(policy.scheme_id)
    return {
        package.id: package.outcode
        if lately[package.outcode] >= policy.small_district_below
        else zones.get(package.zone_id or package.id, SOMEWHERE)
        for package in packages
    }


def _unconfirmed(packages: Sequence[Package], after: timedelta) -> frozenset[UUID]:
    since = clock.now() - after
    ids = [package.id for package in packages]
    confirmed = set(db.session.scalars(confirmed_since(since).where(NeedConfirmation.package_id.in_(ids))))
    return frozenset(package.id for package in packages if package.created_at < since and package.id not in confirmed)
