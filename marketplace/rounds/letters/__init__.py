"""The letters about offers: to whom, and the telling. They say nothing of who else was asked, or of the person."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.database import db
from app.database.bulk import insert_rows
from app.messages import Letter, LetterTemplate, Recipient, Topic, send_many
from app.parties.models import Organisation
from marketplace.invitations.reach import Reach
from marketplace.providers.models import Provider
from marketplace.providers.queries import contacts_of, reached
from marketplace.rounds.models import Issue, Offer, OfferLink


@dataclass(frozen=True, slots=True)
class Addressee:
    """One provider that was asked: its offer, its organisation's inbox and its contacts' email addresses by id."""

    issue_id: UUID
    offer_id: UUID
    reference: str
    provider_id: UUID
    organisation_id: UUID
    contacts: Mapping[UUID, str]

    def recipient(self, paths: Mapping[UUID, str] | None = None) -> Recipient:
        """Inbox and addresses; `paths` gives a contact a link of its own."""
        return reached(self.organisation_id, self.contacts, paths)


def asked_in(*issues: Issue) -> list[Addressee]:
    """Everybody who holds an offer of these issues."""
    return _addressees(Offer.issue_id.in_([issue.id for issue in issues]))


def holders_of(offer_ids: Collection[UUID] | Select[UUID]) -> list[Addressee]:
    """The holders of these offers."""
    return _addressees(Offer.id.in_(offer_ids))


def authority_name(authority_id: UUID) -> str:
    """The council or ICB in whose name a letter is sent."""
    return db.session.get_one(Organisation, authority_id).name


def _addressees(which: ColumnElement[bool]) -> list[Addressee]:
    of_offer = (Offer.issue_id, Offer.id, Offer.reference, Offer.provider_id)
    query = select(Offer.authority_id, *of_offer, Provider.organisation_id).join(Offer.provider)
    rows = db.session.execute(query.where(which).order_by(Offer.reference)).all()
    asked: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for row in rows:
        asked[row.authority_id].add(row.provider_id)
    contacts = {authority_id: contacts_of(authority_id, ids) for authority_id, ids in asked.items()}
    return [Addressee(*row[1:], contacts[row.authority_id][row.provider_id]) for row in rows]


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
        (to.recipient(), template.write(to.offer_id, authority_id, reference=to.reference, **values))
        for to in addressees
    )


def tell_of_new_offers(made: Sequence[tuple[Issue, Reach]]) -> None:
    """One message per offer of one council. Each contact's email has a link of its own, of which only the hash is kept."""
    issues, areas = (
        {issue.id: issue for issue, _ in made},
        {issue.id: reach.areas_by_provider() for issue, reach in made},
    )
    council = authority_name(made[0][0].authority_id)
    post: list[tuple[Recipient, Letter]] = []
    links: list[dict[str, object]] = []
    for addressee in asked_in(*issues.values()):
        issue = issues[addressee.issue_id]
        tokens = {contact_id: secrets.token_urlsafe(32) for contact_id in addressee.contacts}
        links += [
            {
                "authority_id": issue.authority_id,
                "offer_id": addressee.offer_id,
                "contact_id": contact_id,
                "secret_hash": sha256(token.encode()).hexdigest(),
            }
            for contact_id, token in tokens.items()
        ]
        letter = _new_offer(issue, council, addressee, areas[issue.id][addressee.provider_id])
        paths = {contact_id: f"/offer-links/{token}" for contact_id, token in tokens.items()}
        post.append((addressee.recipient(paths), letter))
    insert_rows(OfferLink, links)
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
