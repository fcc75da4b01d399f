"""How a membership begins: rows for lots, areas, entry assessment and capacity, for one application or a thousand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.database import db, new_id
from app.database.bulk import insert_rows
from marketplace.applications.areas import kind_of
from marketplace.applications.models import Application
from marketplace.membership.models import Capacity, Membership, MembershipArea, Standing
from marketplace.membership.rules import MEMBER_STATES, MembershipState
from marketplace.providers.coverage import CoverageKind
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme


def begin_memberships(applications: Sequence[Application], by: Actor) -> None:
    """Makes admitted applications into memberships, one per lot, with areas, entry score and declared capacity.

    A provider that was here before keeps its standing and capacity rows; they take the new figures.
    """
    memberships = [_membership(one, UUID(lot_id)) for one in applications for lot_id in one.lot_ids]
    insert_rows(Membership, memberships)
    insert_rows(MembershipArea, _areas(applications, memberships))
    known = _known(applications)
    insert_rows(Standing, [_standing(one) for one in applications if _key(one) not in known])
    insert_rows(Capacity, [_capacity(one) for one in applications if _key(one) not in known])
    for one in applications:
        if _key(one) in known:
            _renew(one)
    if len(applications) == 1:
        audit.record("membership:began", applications[0], by=by, lots=len(memberships))


def refuse_joined_lots(scheme: Scheme, provider: Provider, lot_ids: Sequence[UUID], errors: dict[str, str]) -> None:
    """Nobody applies for a lot of which they are a member now."""
    query = select(Membership.lot_id).where(
        Membership.scheme_id == scheme.id,
        Membership.provider_id == provider.id,
        Membership.state.in_(MEMBER_STATES),
    )
    joined = set(db.session.scalars(query))
    names = {lot.id: lot.name for lot in scheme.lots}
    if again := [names[lot_id] for lot_id in lot_ids if lot_id in joined and lot_id in names]:
        errors.setdefault("lots", f"This location is a member already: {', '.join(again)}.")


def _membership(application: Application, lot_id: UUID) -> dict[str, Any]:
    return {
        "id": new_id(),
        "authority_id": application.authority_id,
        "scheme_id": application.scheme_id,
        "lot_id": lot_id,
        "provider_id": application.provider_id,
        "application_id": application.id,
        "state": MembershipState.ACTIVE,
        "since": clock.today(),
    }


def _areas(applications: Sequence[Application], memberships: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    areas = {application.id: application.areas for application in applications}
    return [
        {
            "id": new_id(),
            "authority_id": row["authority_id"],
            "membership_id": row["id"],
            "kind": CoverageKind.INCLUDE,
            "area_kind": kind_of(area),
            "area": area,
        }
        for row in memberships
        for area in areas[row["application_id"]]
    ]


def _standing(application: Application) -> dict[str, Any]:
    return {
        "id": new_id(),
        "authority_id": application.authority_id,
        "scheme_id": application.scheme_id,
        "provider_id": application.provider_id,
        "entry_score": application.entry_score,
        "entry_assessed_on": clock.today(),
    }


def _capacity(application: Application) -> dict[str, Any]:
    return {
        "id": new_id(),
        "authority_id": application.authority_id,
        "scheme_id": application.scheme_id,
        "provider_id": application.provider_id,
        "declared_minutes": application.capacity_minutes,
        "committed_minutes": 0,
        "declared_at": clock.now(),
    }


def _known(applications: Sequence[Application]) -> set[tuple[UUID, UUID]]:
    schemes = {application.scheme_id for application in applications}
    query = select(Standing.scheme_id, Standing.provider_id).where(Standing.scheme_id.in_(schemes))
    return {(scheme_id, provider_id) for scheme_id, provider_id in db.session.execute(query)}


def _key(application: Application) -> tuple[UUID, UUID]:
    return application.scheme_id, application.provider_id


def _renew(application: Application) -> None:
    same = {"scheme_id": application.scheme_id, "provider_id": application.provider_id}
    standing = db.session.scalars(select(Standing).filter_by(**same)).one()
    if application.entry_score is not None:
        standing.entry_score, standing.entry_assessed_on = application.entry_score, clock.today()
    capacity = db.session.scalars(select(Capacity).filter_by(**same, zone_id=None)).one_or_none()
    if capacity is None:
        insert_rows(Capacity, [_capacity(application)])
    else:
        capacity.declared_minutes, capacity.committed_minutes = application.capacity_minutes, 0
        capacity.declared_at = clock.now()
    db.session.flush()
