"""Who is told about an offer: the inbox of each provider that was asked, and every contact that has not left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select

from app.database import db
from app.messages import Recipient
from app.parties.models import Organisation
from marketplace.providers.models import Provider
from marketplace.providers.queries import contacts_of, reached
from marketplace.rounds.models import Offer, OfferLine


@dataclass(frozen=True, slots=True)
class Addressee:
    """One provider that was asked: its offer, its organisation's inbox and its contacts' email addresses by id."""

    offer_id: UUID
    reference: str
    provider_id: UUID
    organisation_id: UUID
    contacts: Mapping[UUID, str]

    def recipient(self, paths: Mapping[UUID, str] | None = None) -> Recipient:
        """Inbox and addresses; `paths` gives a contact a link of its own."""
        return reached(self.organisation_id, self.contacts, paths)


def asked_in_issue(issue_id: UUID) -> list[Addressee]:
    """Everybody who holds an offer of this issue."""
    return _addressees(_offers().where(Offer.issue_id == issue_id))


def asked_in_round(round_id: UUID) -> list[Addressee]:
    """Everybody who was asked about the package of this round."""
    lines = select(OfferLine.offer_id).where(OfferLine.round_id == round_id)
    return _addressees(_offers().where(Offer.id.in_(lines)))


def holders_of(offer_ids: Iterable[UUID]) -> list[Addressee]:
    """The holders of these offers."""
    return _addressees(_offers().where(Offer.id.in_(list(offer_ids))))


def authority_name(authority_id: UUID) -> str:
    """The council or ICB in whose name a letter is sent."""
    return db.session.get_one(Organisation, authority_id).name


def _offers() -> Select[UUID, str, UUID, UUID]:
    query = select(Offer.id, Offer.reference, Offer.provider_id, Provider.organisation_id)
    return query.join(Provider, Provider.id == Offer.provider_id).order_by(Offer.reference)


def _addressees(query: Select[UUID, str, UUID, UUID]) -> list[Addressee]:
    rows = db.session.execute(query).all()
    contacts = contacts_of({row.provider_id for row in rows})
    return [
        Addressee(row.id, row.reference, row.provider_id, row.organisation_id, contacts[row.provider_id])
        for row in rows
    ]
