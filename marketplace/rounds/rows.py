"""The rows of one act of offering, written set by set: rounds, who was not asked, offers and their lines."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app import clock
from app.database import db, new_id
from app.database.bulk import ready_rows, write_identifiers
from app.database.many import among
from app.database.pairs import Pairs, write_pairs
from marketplace.invitations.eligibility import places
from marketplace.invitations.reach import Asking, Reach
from marketplace.packages.models import Package
from marketplace.providers.queries import contacts_of
from marketplace.rounds.addressees import Addressee
from marketplace.rounds.models import Exclusion, Issue, NotInvited, Offer, OfferLine, Round
from marketplace.rounds.references import free_references
from marketplace.rounds.rules import RoundState
from marketplace.schemes.price_rules import Limits
from marketplace.schemes.queries import limits_for

NOBODY = "Nobody could be asked."
NOTHING = "Nothing"


def insert_rounds(issue: Issue, reach: Reach, changed_since: str) -> dict[UUID, UUID]:
    """A round per package, and per round and reason who was not asked; the rounds' ids by package."""
    packages = [asking.package for asking in reach.rounds]
    numbers, limits = _next_numbers(packages), _limits(issue, packages)
    ids = {package.id: new_id() for package in packages}
    shared = {"authority_id": issue.authority_id, "issue_id": issue.id}
    rows = []
    for asking in reach.rounds:
        package, number = asking.package, numbers[asking.package.id]
        band = limits[package.zone_id]
        rows.append(
            {
                "id": ids[package.id],
                "package_id": package.id,
                "number": number,
                "floor_pence": band.floor_pence,
                "ceiling_pence": band.ceiling_pence,
                "area_shown": asking.area_shown,
                "changed_since": (changed_since or NOTHING) if number > 1 else None,
            }
            | _state(issue, asking)
        )
    ready_rows(Round, rows, shared).write()
    _insert_not_invited(issue, reach, ids)
    return ids


def _state(issue: Issue, asking: Asking) -> dict[str, object]:
    if asking.asked:
        return {"state": RoundState.OPEN, "ended_at": None, "ended_because": None}
    return {"state": RoundState.NONE_ACCEPTED, "ended_at": issue.issued_at, "ended_because": NOBODY}


def _next_numbers(packages: Sequence[Package]) -> dict[UUID, int]:
    query = select(Round.package_id, func.max(Round.number)).where(
        among(Round.package_id, [one.id for one in packages])
    )
    last = {row[0]: row[1] for row in db.session.execute(query.group_by(Round.package_id))}
    return {package.id: last.get(package.id, 0) + 1 for package in packages}


def _limits(issue: Issue, packages: Sequence[Package]) -> dict[UUID | None, Limits]:
    """Floor and ceiling on the day of issue, by zone: the limits under which these answers are judged for good."""
    zones = {package.zone_id for package in packages}
    return {zone_id: limits_for(issue.lot_id, zone_id, clock.today()) for zone_id in zones}


def _insert_not_invited(issue: Issue, reach: Reach, rounds: dict[UUID, UUID]) -> None:
    """Each list of members once, and per round which lists hold for it: thousands of packages share a few hundred."""
    lists = {id(one): one for asking in reach.rounds for one in asking.left_out}
    keys = {place: new_id() for place in lists}
    authority, owned = issue.authority_id.hex, {"authority_id": issue.authority_id}
    kept = [
        owned | {"id": keys[place], "code": one.code.value, "providers": one.sentences} for place, one in lists.items()
    ]
    ready_rows(Exclusion, kept).write()
    named = {place: key.hex for place, key in keys.items()}
    by_round = sorted((rounds[asking.package.id].hex, asking.left_out) for asking in reach.rounds)
    rows = ((authority, round_id, named[id(one)]) for round_id, left_out in by_round for one in left_out)
    write_identifiers(NotInvited, ("authority_id", "round_id", "exclusion_id"), rows)


def insert_offers(issue: Issue, reach: Reach, rounds: dict[UUID, UUID]) -> list[Addressee]:
    """An offer per provider with a ticket of its own for the draw, and a line per package it is eligible for."""
    asked = reach.asked
    if not asked:
        return []
    offers = _offer_rows(issue, [UUID(member.member_id) for _, member in asked])
    ready_rows(Offer, offers).write()
    by_place = {place: offer["id"].hex for (place, _), offer in zip(asked, offers, strict=True)}
    write_pairs(OfferLine, _lines(issue, reach, rounds, by_place))
    return _addressees(offers, reach)


def _lines(issue: Issue, reach: Reach, rounds: dict[UUID, UUID], offers: Mapping[int, str]) -> Pairs:
    """Every round with each of the offers of those who are invited to it; rounds with the same guests share their list."""
    invited = {one.sifted.invited for one in reach.rounds}
    groups = {mask: sorted(offers[place] for place in places(mask)) for mask in invited}
    ones = sorted((rounds[one.package.id].hex, one.sifted.invited) for one in reach.rounds)
    return Pairs("round_id", "offer_id", {"authority_id": issue.authority_id.hex}, ones, groups)


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
    organisations = {UUID(member.member_id): UUID(member.organisation_id) for _, member in reach.asked}
    return [
        Addressee(
            offer_id=offer["id"],
            reference=offer["reference"],
            provider_id=offer["provider_id"],
            organisation_id=organisations[offer["provider_id"]],
            contacts=contacts.get(offer["provider_id"], {}),
        )
        for offer in offers
    ]
