"""Questions about members of a scheme that other slices ask: who they are and what they can still take."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import selectinload

from app.database import db
from marketplace.providers.models import Provider
from marketplace.vetting.membership_rules import MEMBER_STATES
from marketplace.vetting.models import Capacity, GateOverride, Membership, Suspension


def members_of(scheme_id: UUID, lot_id: UUID | None = None) -> list[Membership]:
    """The memberships of a scheme that stand, with provider, lot and areas; of one lot when it is given."""
    query = (
        select(Membership)
        .where(Membership.scheme_id == scheme_id, Membership.state.in_(MEMBER_STATES))
        .options(selectinload(Membership.areas))
        .join(Provider, Provider.id == Membership.provider_id)
        .order_by(Provider.name, Membership.id)
    )
    if lot_id is not None:
        query = query.where(Membership.lot_id == lot_id)
    return list(db.session.scalars(query))


def capacity_left(scheme_id: UUID, provider_ids: Iterable[UUID], *zone_ids: UUID | None) -> dict[UUID, int]:
    """Minutes a week each provider can still take in any one of these zones, 0 undeclared.

    That is the least of what is left of its whole and of each zone for which it declared some.
    """
    wanted = list(provider_ids)
    left = Capacity.declared_minutes - Capacity.committed_minutes
    query = (
        select(Capacity.provider_id, func.min(left))
        .where(Capacity.scheme_id == scheme_id, Capacity.provider_id.in_(wanted), reaches_zones(*zone_ids))
        .group_by(Capacity.provider_id)
    )
    found = {provider_id: int(minutes) for provider_id, minutes in db.session.execute(query)}
    return {provider_id: found.get(provider_id, 0) for provider_id in wanted}


def suspensions_on(scheme_id: UUID, day: date, provider_ids: Iterable[UUID] | None = None) -> list[Suspension]:
    """The suspensions of a scheme that hold on this day, longest first."""
    query = holding_on(select(Suspension).where(Suspension.scheme_id == scheme_id), day)
    if provider_ids is not None:
        query = query.where(Suspension.provider_id.in_(list(provider_ids)))
    return list(db.session.scalars(query.order_by(Suspension.ends_on.desc(), Suspension.id)))


def overrides_on(scheme_id: UUID, day: date, provider_ids: Iterable[UUID]) -> dict[UUID, GateOverride]:
    """The overrides of the CQC gate that hold on this day, by the provider's id."""
    query = select(GateOverride).where(
        GateOverride.scheme_id == scheme_id,
        GateOverride.provider_id.in_(list(provider_ids)),
        GateOverride.starts_on <= day,
        GateOverride.ends_on >= day,
        GateOverride.ended_at.is_(None),
    )
    return {one.provider_id: one for one in db.session.scalars(query)}


def holding_on(query: Select[Any], day: date) -> Select[Any]:
    """Narrows a query on suspensions to those that hold on a day. A lifted one no longer holds, at once."""
    return query.where(Suspension.starts_on <= day, Suspension.ends_on >= day, Suspension.lifted_at.is_(None))


def reaches_zones(*zone_ids: UUID | None) -> ColumnElement[bool]:
    """The capacity rows that count in these zones: the whole scheme's row and, if declared, each zone's own."""
    return or_(Capacity.zone_id.is_(None), Capacity.zone_id.in_([zone_id for zone_id in zone_ids if zone_id]))
