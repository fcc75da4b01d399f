"""The letters about offers. They say nothing of who else was asked, or of the person."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from app.database import db, new_id
from app.messages import Letter, LetterTemplate, Recipient, Topic, send_many
from marketplace.invitations.reach import Reach
from marketplace.rounds.addressees import Addressee, authority_name
from marketplace.rounds.models import Issue, OfferLink

NEW_OFFER = "offer:new"
OFFERS = Topic(
    "offers",
    "Offers",
    "New offers, more time, offers taken back, and answers that were entered for you.",
    frozenset({"provider"}),
    notice=True,
)

_letter = partial(LetterTemplate, folder=__name__, about="offer", link="/offers/{id}", topic=OFFERS)
OFFERED = _letter("new_offer", NEW_OFFER)
EXTENDED = _letter("offer_extended", "offer:extended")
WITHDRAWN = _letter("offer_withdrawn", "offer:withdrawn")
PACKAGE_WITHDRAWN = _letter("offer_package_withdrawn", "offer:package_withdrawn")
CLOSED_EARLY = _letter("offer_closed_early", "offer:closed_early")
STOPPED = _letter("offer_stopped", "offer:stopped")
PHONED = _letter("offer_phoned", "offer:phoned")
ANSWERED = _letter("offer_answered", "offer:answered")
LETTERS = (OFFERED, EXTENDED, WITHDRAWN, PACKAGE_WITHDRAWN, CLOSED_EARLY, STOPPED, PHONED, ANSWERED)


def tell(addressees: Iterable[Addressee], template: LetterTemplate, authority_id: UUID, **values: Any) -> None:
    """The same letter to each of these, about its own offer, in the name of its council."""
    values["council"] = authority_name(authority_id)
    send_many(
        (one.recipient(), template.write(one.offer_id, authority_id, reference=one.reference, **values))
        for one in addressees
    )


def tell_of_new_offers(issue: Issue, reach: Reach, offers: Sequence[Addressee]) -> None:
    """One message per provider. Each contact's email has a link of its own, of which only the hash is kept."""
    council = authority_name(issue.authority_id)
    areas = reach.areas_by_provider()
    post: list[tuple[Recipient, Letter]] = []
    links: list[dict[str, object]] = []
    for addressee in offers:
        tokens = {contact_id: secrets.token_urlsafe(32) for contact_id in addressee.contacts}
        links += [_link(issue, addressee.offer_id, contact_id, token) for contact_id, token in tokens.items()]
        letter = _new_offer(issue, council, addressee, areas[addressee.provider_id])
        paths = {contact_id: f"/offer-links/{token}" for contact_id, token in tokens.items()}
        post.append((addressee.recipient(paths), letter))
    if links:
        db.session.execute(insert(OfferLink), links)
    send_many(post)


def _new_offer(issue: Issue, council: str, addressee: Addressee, areas: Counter[str]) -> Letter:
    """The offer itself. `areas` has the districts, or the zones, and how many packages of it lie in each."""
    return OFFERED.write(
        addressee.offer_id,
        issue.authority_id,
        council=council,
        reference=addressee.reference,
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


def _link(issue: Issue, offer_id: UUID, contact_id: UUID, token: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "authority_id": issue.authority_id,
        "offer_id": offer_id,
        "contact_id": contact_id,
        "secret_hash": sha256(token.encode()).hexdigest(),
        "spent_at": None,
    }
