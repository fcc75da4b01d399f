"""Telling every provider of its new offer: one message each, and for each contact a link of their own."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from sqlalchemy import insert

from app.database import db, new_id
from app.messages import Letter, Recipient, send_many
from marketplace.offers.addressees import Addressee, authority_name
from marketplace.offers.letters import new_offer_letter
from marketplace.offers.models import Issue, OfferLink
from marketplace.offers.reach import Reach


def tell_of_new_offers(issue: Issue, reach: Reach, offers: Sequence[Addressee]) -> None:
    """One message per provider. Each contact's e-mail has a link of its own, of which only the hash is kept."""
    council = authority_name(issue.authority_id)
    areas = {asking.package.id: asking.area_shown for asking in reach.rounds}
    holdings = reach.packages_by_provider
    post: list[tuple[Recipient, Letter]] = []
    links: list[dict[str, object]] = []
    for one in offers:
        tokens = {contact_id: secrets.token_urlsafe(32) for contact_id in one.contacts}
        links += [_link(issue, one.offer_id, contact_id, token) for contact_id, token in tokens.items()]
        shown = [areas[package.id] for package in holdings[one.provider_id]]
        letter = new_offer_letter(issue, council, one.offer_id, one.reference, shown)
        post.append((one.recipient({key: f"/offer-links/{token}" for key, token in tokens.items()}), letter))
    if links:
        db.session.execute(insert(OfferLink), links)
    send_many(post)


def _link(issue: Issue, offer_id: UUID, contact_id: UUID, token: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "authority_id": issue.authority_id,
        "offer_id": offer_id,
        "contact_id": contact_id,
        "secret_hash": sha256(token.encode()).hexdigest(),
        "spent_at": None,
    }
