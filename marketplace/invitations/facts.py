"""What decides who is invited, read from the tables into the values that the rule takes.

The number of queries is the same whatever the number of packages, members and areas.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from app import clock
from app.calendar.deadlines import local_date
from app.database import db
from app.database.many import among
from marketplace.invitations.rules import CarerGender, MemberFacts, PackageNeed
from marketplace.membership import rules as membership_rules
from marketplace.membership.models import Membership, MembershipArea, Pause, Suspension
from marketplace.membership.queries import overrides_on
from marketplace.membership.rules import MEMBER_STATES
from marketplace.packages.models import Package, PackageSkill
from marketplace.providers.coverage import Base, CoverageRow
from marketplace.providers.models import Provider, ProviderSkill
from marketplace.schemes.models import Lot, SchemePolicy, Zone
from marketplace.schemes.rules import UnratedPolicy


@dataclass(slots=True)
class _Gathered:
    """What the queries found about one provider."""

    provider: Provider
    lots: set[str] = field(default_factory=set)
    coverage: list[CoverageRow] = field(default_factory=list)
    suspensions: list[membership_rules.Suspension] = field(default_factory=list)
    skills: set[str] = field(default_factory=set)
    paused_zones: set[str] = field(default_factory=set)
    paused_everywhere: bool = False
    gate_override: str = ""


def needs_of(packages: Sequence[Package], policy: SchemePolicy, on: date) -> dict[UUID, PackageNeed]:
    """What each package needs, by its id, judged on a local date under a policy. All are of one scheme."""
    skills = _skills_of_packages([package.id for package in packages])
    zones = zone_names(policy.scheme_id)
    return {package.id: _need(package, policy, on, zones, skills[package.id]) for package in packages}


def areas_of(packages: Iterable[Package]) -> frozenset[str]:
    """The districts and sectors whose coverage decides about these packages."""
    return frozenset(area for package in packages for area in (package.outcode, package.sector))


def member_facts(
    scheme_id: UUID, provider_ids: Collection[UUID] | None = None, *, areas: Collection[str] | None = None
) -> dict[UUID, MemberFacts]:
    """Every member of the scheme (or those named, members or not), by the provider's id, as things stand now.

    With `areas`, coverage is read for these outcodes and sectors alone: all that packages there need; with none, not at all.
    """
    found = _members(scheme_id, provider_ids)
    names, lots = zone_names(scheme_id), lot_names(scheme_id)
    _add_coverage(scheme_id, found, areas)
    _add_suspensions(scheme_id, found, lots, names)
    _add_pauses(scheme_id, found, names)
    _add_skills(found)
    _add_overrides(scheme_id, found)
    return {key: _facts(one) for key, one in found.items()}


def zone_names(scheme_id: UUID) -> dict[UUID, str]:
    """The names of a scheme's zones; a name stands once in a scheme."""
    rows = db.session.execute(select(Zone.id, Zone.name).where(Zone.scheme_id == scheme_id))
    return {row.id: row.name for row in rows}


def lot_names(scheme_id: UUID) -> dict[UUID, str]:
    """The names of a scheme's lots; a name stands once in a scheme."""
    rows = db.session.execute(select(Lot.id, Lot.name).where(Lot.scheme_id == scheme_id))
    return {row.id: row.name for row in rows}


def _need(
    package: Package, policy: SchemePolicy, on: date, zones: dict[UUID, str], skills: frozenset[str]
) -> PackageNeed:
    placed = package.easting is not None and package.northing is not None
    return PackageNeed(
        reference=package.reference,
        lot=package.lot.name,
        zone=zones.get(package.zone_id) if package.zone_id else None,
        outcode=package.outcode,
        sector=package.sector,
        judged_on=on,
        minimum_rating=policy.min_cqc_rating,
        unrated_allowed=policy.unrated_policy is not UnratedPolicy.REJECT,
        skills=skills,
        carer_gender=CarerGender(package.carer_gender.value),
        place=_base(package.easting, package.northing) if placed else None,
    )


def _skills_of_packages(package_ids: Collection[UUID]) -> defaultdict[UUID, frozenset[str]]:
    found: defaultdict[UUID, frozenset[str]] = defaultdict(frozenset)
    query = select(PackageSkill.package_id, PackageSkill.skill).where(among(PackageSkill.package_id, package_ids))
    for package_id, skill in db.session.execute(query):
        found[package_id] |= {skill}
    return found


def _members(scheme_id: UUID, provider_ids: Collection[UUID] | None) -> dict[UUID, _Gathered]:
    """Providers that are named are there even if they are no members any more: the rule says so in words."""
    memberships = select(Membership.provider_id, Lot.name).join(Lot, Lot.id == Membership.lot_id)
    memberships = memberships.where(Membership.scheme_id == scheme_id, Membership.state.in_(sorted(MEMBER_STATES)))
    if provider_ids is not None:
        memberships = memberships.where(Membership.provider_id.in_(provider_ids))
    rows = db.session.execute(memberships).all()
    wanted = {row.provider_id for row in rows} if provider_ids is None else set(provider_ids)
    providers = db.session.scalars(select(Provider).where(Provider.id.in_(wanted))).all()
    found = {provider.id: _Gathered(provider) for provider in providers}
    for provider_id, lot in rows:
        found[provider_id].lots.add(lot)
    return found


def _add_coverage(scheme_id: UUID, found: dict[UUID, _Gathered], areas: Collection[str] | None) -> None:
    if areas is not None and not areas:
        return
    query = (
        select(Membership.provider_id, Lot.name, MembershipArea.kind, MembershipArea.area_kind, MembershipArea.area)
        .join(MembershipArea, MembershipArea.membership_id == Membership.id)
        .join(Lot, Lot.id == Membership.lot_id)
        .where(Membership.scheme_id == scheme_id, Membership.state.in_(sorted(MEMBER_STATES)))
        .order_by(MembershipArea.area)
    )
    if areas is not None:
        query = query.where(MembershipArea.area.in_(areas))
    for provider_id, lot, kind, area_kind, area in _about(found, query, Membership.provider_id):
        found[provider_id].coverage.append(CoverageRow(kind, area_kind, area, lot))


def _add_suspensions(
    scheme_id: UUID, found: dict[UUID, _Gathered], lots: dict[UUID, str], zones: dict[UUID, str]
) -> None:
    query = select(Suspension).where(Suspension.scheme_id == scheme_id, Suspension.provider_id.in_(found))
    for row in db.session.scalars(query.order_by(Suspension.starts_on, Suspension.id)).unique():
        found[row.provider_id].suspensions.append(suspension_as_value(row, lots, zones))


def suspension_as_value(row: Suspension, lots: dict[UUID, str], zones: dict[UUID, str]) -> membership_rules.Suspension:
    """A suspension as the rule takes it."""
    return membership_rules.Suspension(
        reason=row.reason,
        starts_on=row.starts_on,
        review_on=row.review_on,
        ends_on=row.ends_on,
        lot=lots.get(row.lot_id) if row.lot_id else None,
        zone=zones.get(row.zone_id) if row.zone_id else None,
        new_offers_only=row.new_offers_only,
        lifted_on=local_date(row.lifted_at) if row.lifted_at else None,
    )


def _add_pauses(scheme_id: UUID, found: dict[UUID, _Gathered], zones: dict[UUID, str]) -> None:
    now = clock.now()
    query = select(Pause.provider_id, Pause.zone_id).where(
        Pause.scheme_id == scheme_id,
        Pause.started_at <= now,
        or_(Pause.ended_at.is_(None), Pause.ended_at > now),
    )
    for provider_id, zone_id in _about(found, query, Pause.provider_id):
        if zone_id is None:
            found[provider_id].paused_everywhere = True
        else:
            found[provider_id].paused_zones.add(zones[zone_id])


def _add_skills(found: dict[UUID, _Gathered]) -> None:
    query = select(ProviderSkill.provider_id, ProviderSkill.skill)
    for provider_id, skill in _about(found, query, ProviderSkill.provider_id):
        found[provider_id].skills.add(skill)


def _add_overrides(scheme_id: UUID, found: dict[UUID, _Gathered]) -> None:
    for provider_id, override in overrides_on(scheme_id, clock.today(), found).items():
        found[provider_id].gate_override = override.reason


def _about(found: dict[UUID, _Gathered], query: Any, provider_id: Any) -> Iterable[Any]:
    return db.session.execute(query.where(provider_id.in_(found)))


def _facts(one: _Gathered) -> MemberFacts:
    provider = one.provider
    return MemberFacts(
        member_id=str(provider.id),
        organisation_id=str(provider.organisation_id),
        name=provider.name,
        lots=frozenset(one.lots),
        coverage=tuple(one.coverage),
        rating=provider.cqc_rating,
        suspensions=tuple(one.suspensions),
        paused_zones=frozenset(one.paused_zones),
        paused_everywhere=one.paused_everywhere,
        skills=frozenset(one.skills),
        carers_female=provider.carers_female,
        carers_male=provider.carers_male,
        base=_base(provider.base_easting, provider.base_northing),
        gate_override=one.gate_override,
    )


def _base(easting: int | None, northing: int | None) -> Base | None:
    return None if easting is None or northing is None else Base(easting, northing)
