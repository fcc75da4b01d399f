"""Why providers may not be awarded anything in a zone just now: asked once per provider, lot and zone, not per package."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from app import clock
from marketplace.invitations.eligibility import Sieve
from marketplace.invitations.facts import lot_names, member_facts, zone_names
from marketplace.invitations.rules import PackageNeed, Reason, ReasonCode
from marketplace.schemes.models import SchemePolicy
from marketplace.schemes.queries import policy_on
from marketplace.schemes.rules import UnratedPolicy

Place = tuple[UUID, UUID | None]
"""A lot and a zone."""

ZONE_CODES = frozenset({ReasonCode.NOT_A_MEMBER, ReasonCode.SUSPENDED, ReasonCode.PAUSED})
"""Reasons that hang on a package's lot and zone alone."""


def stops_in_zones(
    scheme_id: UUID,
    provider_ids: Collection[UUID],
    places: Collection[Place],
    codes: Collection[ReasonCode],
) -> dict[Place, dict[str, tuple[Reason, ...]]]:
    """Why providers may not be awarded anything now, as far as these codes go, by lot and zone, then by member.

    Each provider is judged once per lot and zone. Only codes that hang on nothing else of a package can be asked for.
    """
    if not set(codes) <= ZONE_CODES:
        raise ValueError("Only membership, suspension and pause can be judged without the package.")
    today = clock.today()
    policy = policy_on(scheme_id, today)
    sieve = Sieve(member_facts(scheme_id, provider_ids, areas=()).values())
    lots, zones = lot_names(scheme_id), zone_names(scheme_id)
    found = {}
    for lot_id, zone_id in places:
        need = _need_in(lots[lot_id], zones.get(zone_id) if zone_id else None, policy, today)
        found[lot_id, zone_id] = sieve.reasons(need, codes)
    return found


def _need_in(lot: str, zone: str | None, policy: SchemePolicy, on: date) -> PackageNeed:
    """Any package of a lot in a zone."""
    return PackageNeed(
        reference="",
        lot=lot,
        zone=zone,
        outcode="",
        sector="",
        judged_on=on,
        minimum_rating=policy.min_cqc_rating,
        unrated_allowed=policy.unrated_policy is not UnratedPolicy.REJECT,
    )
