"""The rows of one act of offering, written set by set: rounds, who was not asked, offers and their lines."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from app import clock
from app.database import db, new_id
from marketplace.offers.addressees import Addressee, contacts_of
from marketplace.offers.models import Issue, NotInvited, Offer, OfferLine, Round
from marketplace.offers.reach import Asking, Reach
from marketplace.offers.references import free_references
from marketplace.offers.rules import RoundState
from marketplace.packages.models import Package
from marketplace.schemes.price_rules import Limits
from marketplace.schemes.queries import limits_for

NOBODY = "Nobody could be asked."
NOTHING = "Nothing"


def insert_rounds(issue: Issue, reach: Reach, changed_since: str) -> dict[UUID, UUID]:
    """A round per package, and per round who was not asked, by reason; the rounds' ids by package."""
    packages = [asking.package for asking in reach.rounds]
    numbers, limits = _next_numbers(packages), _limits(issue, packages)
    ids = {package.id: new_id() for package in packages}
    owned = {"authority_id": issue.authority_id}
    rows = []
    for asking in reach.rounds:
        package, number = asking.package, numbers[asking.package.id]
        band = limits[package.zone_id]
        rows.append(
            owned
            | {
                "id": ids[package.id],
                "package_id": package.id,
                "issue_id": issue.id,
                "number": number,
                "floor_pence": band.floor_pence,
                "ceiling_pence": band.ceiling_pence,
                "area_shown": asking.area_shown,
                "changed_since": (changed_since or NOTHING) if number > 1 else None,
            }
            | _state(issue, asking)
        )
    db.session.execute(insert(Round), rows)
    _insert_not_invited(issue, reach, ids)
    return ids


def _state(issue: Issue, asking: Asking) -> dict[str, object]:
    if asking.asked:
        return {"state": RoundState.OPEN, "ended_at": None, "ended_because": None}
    return {"state": RoundState.NONE_ACCEPTED, "ended_at": issue.issued_at, "ended_because": NOBODY}


def _next_numbers(packages: Sequence[Package]) -> dict[UUID, int]:
    query = select(Round.package_id, func.max(Round.number)).where(Round.package_id.in_([one.id for one in packages]))
    last = {row[0]: row[1] for row in db.session.execute(query.group_by(Round.package_id))}
    return {package.id: last.get(package.id, 0) + 1 for package in packages}


def _limits(issue: Issue, packages: Sequence[Package]) -> dict[UUID | None, Limits]:
    """Floor and ceiling on the day of issue, by zone: the limits under which these answers are judged for good."""
    zones = {package.zone_id for package in packages}
    return {zone_id: limits_for(issue.lot_id, zone_id, clock.today()) for zone_id in zones}


def _insert_not_invited(issue: Issue, reach: Reach, rounds: dict[UUID, UUID]) -> None:
    rows = [
        {
            "id": new_id(),
            "authority_id": issue.authority_id,
            "round_id": rounds[asking.package.id],
            "code": code.value,
            "providers": members,
        }
        for asking in reach.rounds
        for code, members in asking.left_out.items()
    ]
    if rows:
        db.session.execute(insert(NotInvited), rows)


def insert_offers(issue: Issue, reach: Reach, rounds: dict[UUID, UUID]) -> list[Addressee]:
    """An offer per provider with a ticket of its own for the draw, and a line per package it is eligible for."""
    holdings = reach.packages_by_provider
    if not holdings:
        return []
    offers = _offer_rows(issue, list(holdings))
    lines = [
        {
            "id": new_id(),
            "authority_id": issue.authority_id,
            "offer_id": offer["id"],
            "round_id": rounds[package.id],
        }
        for offer in offers
        for package in holdings[offer["provider_id"]]
    ]
    db.session.execute(insert(Offer), offers)
    db.session.execute(insert(OfferLine), lines)
    return _addressees(offers, reach)


def _offer_rows(issue: Issue, provider_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    references = free_references("OFF", Offer.reference, len(provider_ids))
    return [
        {
            "id": new_id(),
            "authority_id": issue.authority_id,
            "reference": reference,
            "issue_id": issue.id,
            "provider_id": provider_id,
            "ticket": secrets.token_hex(16),
            "issued_at": issue.issued_at,
            "opened_at": None,
        }
        for provider_id, reference in zip(provider_ids, references, strict=True)
    ]


def _addressees(offers: Sequence[dict[str, Any]], reach: Reach) -> list[Addressee]:
    contacts = contacts_of([offer["provider_id"] for offer in offers])
    return [
        Addressee(
            offer_id=offer["id"],
            reference=offer["reference"],
            provider_id=offer["provider_id"],
            organisation_id=UUID(reach.members[offer["provider_id"]].organisation_id),
            contacts=contacts.get(offer["provider_id"], {}),
        )
        for offer in offers
    ]
