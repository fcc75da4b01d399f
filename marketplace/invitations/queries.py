"""What decides who is invited, read from the tables into the values that the rules take.

The number of queries is the same whatever the number of packages, members and areas.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from app import clock
from app.calendar.deadlines import local_date
from app.database import db
from app.database.many import among
from marketplace.invitations.eligibility import Eligibility
from marketplace.invitations.rules import MemberFacts, PackageNeed, Reason, ReasonCode
from marketplace.membership import rules as membership_rules
from marketplace.membership.models import Membership, MembershipArea, Pause, Suspension
from marketplace.membership.queries import overrides_on
from marketplace.membership.rules import MEMBER_STATES
from marketplace.packages.models import Package, PackageSkill
from marketplace.providers.coverage import CoverageRow, ProviderBase
from marketplace.providers.known import known_to
from marketplace.providers.models import Provider, ProviderSkill
from marketplace.schemes.models import Lot, Scheme, SchemePolicy, Zone
from marketplace.schemes.queries import policy_on
from marketplace.vocabulary import UnratedPolicy

Place = tuple[UUID, UUID | None]
"""A lot and a zone."""

REASONS_OF_A_PLACE = frozenset({ReasonCode.NOT_A_MEMBER, ReasonCode.SUSPENDED, ReasonCode.PAUSED})
"""Reasons that hang on a package's lot and zone alone."""


def needs_of(packages: Sequence[Package], policy: SchemePolicy, on: date) -> dict[UUID, PackageNeed]:
    """What each package needs, by its id, judged on a local date under a policy. All are of one scheme."""
    skills = _collected(select(PackageSkill.package_id, PackageSkill.skill), PackageSkill.package_id, packages)
    zones = zone_names(policy.scheme_id)
    return {
        package.id: PackageNeed(
            lot=package.lot.name,
            zone=zones.get(package.zone_id) if package.zone_id else None,
            judged_on=on,
            minimum_rating=policy.min_cqc_rating,
            unrated_allowed=policy.unrated_policy is not UnratedPolicy.REJECT,
            outcode=package.outcode,
            sector=package.sector,
            skills=frozenset(skills[package.id]),
            carer_gender=package.carer_gender,
            place=_base(package.easting, package.northing),
        )
        for package in packages
    }


def areas_of(packages: Iterable[Package]) -> frozenset[str]:
    """The districts and sectors whose coverage decides about these packages."""
    return frozenset(area for package in packages for area in (package.outcode, package.sector))


def member_facts(
    scheme_id: UUID, provider_ids: Collection[UUID] | None = None, *, areas: Collection[str] | None = None
) -> dict[UUID, MemberFacts]:
    """Every member of the scheme (or those named, members or not), by the provider's id, as things stand now.

    With `areas`, coverage is read for these outcodes and sectors alone: all that packages there need; with none, not at
    all. Providers that are named are there even if they are no members any more: the rule says so in words.
    """
    memberships = select(Membership.provider_id, Lot.name).join(Lot, Lot.id == Membership.lot_id)
    memberships = memberships.where(Membership.scheme_id == scheme_id, Membership.state.in_(sorted(MEMBER_STATES)))
    if provider_ids is not None:
        memberships = memberships.where(Membership.provider_id.in_(provider_ids))
    lots = _by_first(db.session.execute(memberships))
    wanted = lots.keys() if provider_ids is None else provider_ids
    providers = db.session.scalars(select(Provider).where(Provider.id.in_(wanted))).all()
    known = known_to(select(Scheme.authority_id).where(Scheme.id == scheme_id).scalar_subquery(), providers)
    zones = zone_names(scheme_id)
    coverage = _coverage(scheme_id, providers, areas)
    suspensions = _suspensions(scheme_id, providers, zones)
    paused = _paused_zones(scheme_id, providers)
    skills = _collected(select(ProviderSkill.provider_id, ProviderSkill.skill), ProviderSkill.provider_id, providers)
    overrides = overrides_on(scheme_id, clock.today(), [provider.id for provider in providers])
    return {
        provider.id: MemberFacts(
            member_id=str(provider.id),
            organisation_id=str(provider.organisation_id),
            lots=frozenset(lots[provider.id]),
            coverage=tuple(coverage[provider.id]),
            rating=known[provider.id].rating,
            suspensions=tuple(suspensions[provider.id]),
            paused_zones=frozenset(zones[zone_id] for zone_id in paused[provider.id] if zone_id),
            paused_everywhere=None in paused[provider.id],
            skills=frozenset(skills[provider.id]),
            carers_female=provider.carers_female,
            carers_male=provider.carers_male,
            base=_base(provider.base_easting, provider.base_northing),
            gate_override=overrides[provider.id].reason if provider.id in overrides else "",
        )
        for provider in providers
    }


def stops_in_zones(
    scheme_id: UUID, provider_ids: Collection[UUID], places: Collection[Place], codes: Collection[ReasonCode]
) -> dict[Place, dict[str, list[Reason]]]:
    """Why providers may not be awarded anything now, as far as these codes go, by lot and zone, then by member.

    Each provider is judged once per lot and zone. Only codes that hang on nothing else of a package can be asked for.
    """
    if not set(codes) <= REASONS_OF_A_PLACE:
        raise ValueError("Only membership, suspension and pause can be judged without the package.")
    today = clock.today()
    policy = policy_on(scheme_id, today)
    eligibility = Eligibility(member_facts(scheme_id, provider_ids, areas=()).values())
    lots, zones = lot_names(scheme_id), zone_names(scheme_id)
    unrated_allowed = policy.unrated_policy is not UnratedPolicy.REJECT
    stops = {}
    for lot_id, zone_id in places:
        zone = zones.get(zone_id) if zone_id else None
        need = PackageNeed(lots[lot_id], zone, today, policy.min_cqc_rating, unrated_allowed)
        stops[lot_id, zone_id] = eligibility.reasons(need, codes)
    return stops


def zone_names(scheme_id: UUID) -> dict[UUID, str]:
    """The names of a scheme's zones; a name stands once in a scheme."""
    return dict(db.session.execute(select(Zone.id, Zone.name).where(Zone.scheme_id == scheme_id)).all())


def lot_names(scheme_id: UUID) -> dict[UUID, str]:
    """The names of a scheme's lots; a name stands once in a scheme."""
    return dict(db.session.execute(select(Lot.id, Lot.name).where(Lot.scheme_id == scheme_id)).all())


def suspension_as_value(
    row: Suspension, lots: Mapping[UUID, str], zones: Mapping[UUID, str]
) -> membership_rules.SuspensionFacts:
    """A suspension as the rule takes it."""
    return membership_rules.SuspensionFacts(
        reason=row.reason,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        lot=lots.get(row.lot_id) if row.lot_id else None,
        zone=zones.get(row.zone_id) if row.zone_id else None,
        lifted_on=local_date(row.lifted_at) if row.lifted_at else None,
    )


def _coverage(
    scheme_id: UUID, providers: Sequence[Provider], areas: Collection[str] | None
) -> defaultdict[UUID, list[CoverageRow]]:
    coverage: defaultdict[UUID, list[CoverageRow]] = defaultdict(list)
    if areas is not None and not areas:
        return coverage
    query = (
        select(Membership.provider_id, MembershipArea.kind, MembershipArea.area_kind, MembershipArea.area, Lot.name)
        .join(MembershipArea, MembershipArea.membership_id == Membership.id)
        .join(Lot, Lot.id == Membership.lot_id)
        .where(
            Membership.scheme_id == scheme_id,
            Membership.state.in_(sorted(MEMBER_STATES)),
            Membership.provider_id.in_([provider.id for provider in providers]),
        )
        .order_by(MembershipArea.area)
    )
    if areas is not None:
        query = query.where(MembershipArea.area.in_(areas))
    for provider_id, kind, area_kind, area, lot in db.session.execute(query):
        coverage[provider_id].append(CoverageRow(kind, area_kind, area, lot))
    return coverage


def _suspensions(
    scheme_id: UUID, providers: Sequence[Provider], zones: Mapping[UUID, str]
) -> defaultdict[UUID, list[membership_rules.SuspensionFacts]]:
    suspensions: defaultdict[UUID, list[membership_rules.SuspensionFacts]] = defaultdict(list)
    lots, ids = lot_names(scheme_id), [provider.id for provider in providers]
    query = select(Suspension).where(Suspension.scheme_id == scheme_id, Suspension.provider_id.in_(ids))
    for row in db.session.scalars(query.order_by(Suspension.starts_on, Suspension.id)).unique():
        suspensions[row.provider_id].append(suspension_as_value(row, lots, zones))
    return suspensions


def _paused_zones(scheme_id: UUID, providers: Sequence[Provider]) -> defaultdict[UUID, list[Any]]:
    """The zones in which each provider has paused new packages; None for everywhere."""
    now = clock.now()
    query = select(Pause.provider_id, Pause.zone_id).where(
        Pause.scheme_id == scheme_id, Pause.started_at <= now, or_(Pause.ended_at.is_(None), Pause.ended_at > now)
    )
    return _collected(query, Pause.provider_id, providers)


def _collected(
    query: Select[Any, Any], owner: Any, owners: Sequence[Package] | Sequence[Provider]
) -> defaultdict[UUID, list[Any]]:
    """What a query of two columns says of these owners: the values of the second, by the first."""
    return _by_first(db.session.execute(query.where(among(owner, [row.id for row in owners]))))


def _by_first(rows: Iterable[Any]) -> defaultdict[UUID, list[Any]]:
    values: defaultdict[UUID, list[Any]] = defaultdict(list)
    for key, value in rows:
        values[key].append(value)
    return values


def _base(easting: int | None, northing: int | None) -> ProviderBase | None:
    return None if easting is None or northing is None else ProviderBase(easting, northing)
