"""Telling every provider of its new offer: one message each, and for each contact a link of their own."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from uuid import UUID

from sqlalchemy import insert

from app.database import db, new_id
from app.messages import Letter, Recipient, send_many
from marketplace.invitations.eligibility import places
from marketplace.invitations.reach import Reach
from marketplace.rounds.addressees import Addressee, authority_name
from marketplace.rounds.letters import OFFERED
from marketplace.rounds.models import Issue, OfferLink


def tell_of_new_offers(issue: Issue, reach: Reach, offers: Sequence[Addressee]) -> None:
    """One message per provider. Each contact's email has a link of its own, of which only the hash is kept."""
    council = authority_name(issue.authority_id)
    areas = areas_by_provider(reach)
    post: list[tuple[Recipient, Letter]] = []
    links: list[dict[str, object]] = []
    for one in offers:
        tokens = {contact_id: secrets.token_urlsafe(32) for contact_id in one.contacts}
        links += [_link(issue, one.offer_id, contact_id, token) for contact_id, token in tokens.items()]
        letter = _letter(issue, council, one, areas[one.provider_id])
        post.append((one.recipient({key: f"/offer-links/{token}" for key, token in tokens.items()}), letter))
    if links:
        db.session.execute(insert(OfferLink), links)
    send_many(post)


def _letter(issue: Issue, council: str, one: Addressee, areas: Counter[str]) -> Letter:
    """The offer itself. `areas` has the districts, or the zones, and how many packages of it lie in each."""
    return OFFERED.write(
        one.offer_id,
        issue.authority_id,
        council=council,
        reference=one.reference,
        packages=areas.total(),
        areas=_listed(areas),
        lot=issue.lot.name,
        deadline=issue.deadline,
        quality_weight=issue.quality_weight,
        price_weight=issue.price_weight,
        seed_hash=issue.seed_hash,
    )


def _listed(areas: Iterable[str]) -> str:
    """Each area once, in words: PR1, PR2 and PR25."""
    *first, last = sorted(set(areas))
    return f"{', '.join(first)} and {last}" if first else last


def areas_by_provider(reach: Reach) -> dict[UUID, Counter[str]]:
    """The areas of each provider's offer, and how many of its packages lie in each."""
    found: dict[UUID, Counter[str]] = {UUID(member.member_id): Counter() for _, member in reach.asked}
    by_area: defaultdict[tuple[str, int], int] = defaultdict(int)
    for asking in reach.rounds:
        by_area[asking.area_shown, asking.sifted.invited] += 1
    ids = {place: UUID(member.member_id) for place, member in reach.asked}
    for (area, mask), packages in by_area.items():
        for place in places(mask):
            found[ids[place]][area] += packages
    return found


def _link(issue: Issue, offer_id: UUID, contact_id: UUID, token: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "authority_id": issue.authority_id,
        "offer_id": offer_id,
        "contact_id": contact_id,
        "secret_hash": sha256(token.encode()).hexdigest(),
        "spent_at": None,
    }
