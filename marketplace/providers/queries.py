"""Questions about the register of providers, asked on behalf of a viewer, and how providers are reached."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import selectinload

from app.database import db, names_hold, only_one
from app.http.paging import Page, paged_rows
from app.messages.letters import Address, DeliveryState, Recipient
from app.messages.models import Delivery
from app.parties.models import Organisation
from app.parties.viewer import Viewer
from app.values.spelling import plain
from marketplace.providers.known import Known, counts_for, known_anywhere, known_to
from marketplace.providers.models import CqcImport, CqcRating, Provider, ProviderContact


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact with the fate of the latest email to it; `state` None when nothing was ever sent."""

    contact: ProviderContact
    state: DeliveryState | None
    at: datetime | None

    @property
    def colour(self) -> str:
        """The tag's colour: red where the address does not take emails."""
        return self.state.colour if self.state else "grey"


def visible_providers(viewer: Viewer) -> Select[Provider]:
    """The register for commissioners; for people of a provider, the locations of their own organisation."""
    query = select(Provider).order_by(Provider.name_key, Provider.id)
    return query if viewer.is_commissioner else query.where(Provider.organisation_id == viewer.organisation_id)


def providers_named(viewer: Viewer, text: str) -> Select[Any]:
    """The visible providers whose name, organisation, reference, CQC location or base postcode holds the text."""
    query = visible_providers(viewer).join(Organisation, Organisation.id == Provider.organisation_id)
    if not text:
        return query
    columns = (Provider.reference, Provider.cqc_location_id, Provider.base_postcode)
    codes = [func.lower(column).contains(plain(text).lower(), autoescape=True) for column in columns]
    return query.where(or_(names_hold(text, Provider.name_key, Organisation.name_key), *codes))


def providers_listed(viewer: Viewer, text: str, which: ColumnElement[bool]) -> Page[Any]:
    """One page of the same as plain rows with what the register shows."""
    cqc = (Provider.cqc_rating, Provider.cqc_published_on, Provider.cqc_checked_at, Provider.vanished_at)
    query: Select[Any] = providers_named(viewer, text) if text else visible_providers(viewer)
    query = query.where(which)
    rows = query.with_only_columns(Provider.id, Provider.name, Provider.reference, *cqc, Provider.base_postcode)
    return paged_rows(rows, query.with_only_columns(Provider.id))


def provider_for(viewer: Viewer, provider_id: UUID) -> Provider:
    """One provider with skills, languages and contacts; raises NotFoundForViewer."""
    query = visible_providers(viewer).where(Provider.id == provider_id)
    return only_one(query.options(*with_lists()))


def own_providers(viewer: Viewer) -> list[Provider]:
    """The locations of the viewer's own organisation, with their lists."""
    query = select(Provider).where(Provider.organisation_id == viewer.organisation_id).options(*with_lists())
    return list(db.session.scalars(query.order_by(Provider.name_key, Provider.id)))


def with_lists() -> tuple[Any, ...]:
    """Loads a provider's skills, languages and contacts with it."""
    return selectinload(Provider.skills), selectinload(Provider.languages), selectinload(Provider.contacts)


def known_for(viewer: Viewer, providers: Sequence[Provider]) -> dict[UUID, Known]:
    """What CQC data says of locations to a viewer: what counts for the authority, or all of it to the provider itself."""
    return known_to(viewer.authority_id, providers) if viewer.is_commissioner else known_anywhere(providers)


def ratings_for(viewer: Viewer, provider: Provider) -> list[CqcRating]:
    """The ratings over time that a viewer reads: shared ones and the own authority's; a provider all about itself."""
    query = select(CqcRating).where(CqcRating.provider_id == provider.id)
    if viewer.is_commissioner:
        query = query.where(counts_for(viewer.authority_id))
    return list(db.session.scalars(query.order_by(CqcRating.published_on.desc(), CqcRating.style, CqcRating.id)))


def contact_lines(viewer: Viewer, provider: Provider) -> list[ContactLine]:
    """The present contacts that a viewer may know, each with the fate of the latest email to it.

    A council reads the provider's own contacts and those that it registered itself; a provider reads all.
    """
    known = {None, viewer.authority_id}
    present = [
        one for one in provider.contacts if one.left_at is None and (viewer.is_provider or one.authority_id in known)
    ]
    latest = _latest_deliveries([contact.id for contact in present])
    return [_contact_line(contact, latest.get(contact.id)) for contact in present]


def _contact_line(contact: ProviderContact, delivery: Delivery | None) -> ContactLine:
    if delivery is None:
        return ContactLine(contact, None, None)
    return ContactLine(contact, delivery.state, delivery.bounced_at or delivery.sent_at or delivery.due_at)


def _latest_deliveries(contact_ids: Sequence[UUID]) -> dict[UUID, Delivery]:
    place = func.row_number().over(partition_by=Delivery.contact_id, order_by=(Delivery.due_at.desc(), Delivery.id))
    ranked = select(Delivery.id, place.label("place")).where(Delivery.contact_id.in_(contact_ids)).subquery()
    newest = select(Delivery).join(ranked, ranked.c.id == Delivery.id).where(ranked.c.place == 1)
    return {delivery.contact_id: delivery for delivery in db.session.scalars(newest) if delivery.contact_id}


def recipients_of(authority_id: UUID, provider_ids: Iterable[UUID]) -> dict[UUID, Recipient]:
    """How an authority tells each provider: the inbox of its organisation, and an email to every contact for it."""
    wanted = list(provider_ids)
    contacts = contacts_of(authority_id, wanted)
    rows = db.session.execute(select(Provider.id, Provider.organisation_id).where(Provider.id.in_(wanted)))
    return {row.id: reached(row.organisation_id, contacts[row.id]) for row in rows}


def contacts_of(authority_id: UUID, provider_ids: Collection[UUID]) -> defaultdict[UUID, dict[UUID, str]]:
    """The addresses of contacts that have not left: by provider, then by contact, each address once.

    An authority tells the provider's own contacts and those that it registered itself, never another authority's.
    """
    found: defaultdict[UUID, dict[UUID, str]] = defaultdict(dict)
    own = ProviderContact.authority_id.is_(None) | (ProviderContact.authority_id == authority_id)
    query = select(ProviderContact.provider_id, ProviderContact.id, ProviderContact.email).where(
        ProviderContact.provider_id.in_(provider_ids), ProviderContact.left_at.is_(None), own
    )
    for provider_id, contact_id, email in db.session.execute(query.order_by(ProviderContact.email, ProviderContact.id)):
        if email not in found[provider_id].values():
            found[provider_id][contact_id] = email
    return found


def reached(organisation_id: UUID, contacts: Mapping[UUID, str], paths: Mapping[UUID, str] | None = None) -> Recipient:
    """An inbox and these contacts; `paths` gives a contact a link of its own."""
    own = paths or {}
    addresses = (Address(email, contact, own.get(contact)) for contact, email in contacts.items())
    return Recipient(organisation_id, addresses=tuple(addresses))


def recipient_of(authority_id: UUID, provider: Provider) -> Recipient:
    """How one provider is told."""
    return recipients_of(authority_id, [provider.id])[provider.id]


def cqc_runs(viewer: Viewer) -> Select[CqcImport]:
    """The runs of CQC data of the viewer's authority, newest first."""
    query = select(CqcImport).where(CqcImport.authority_id == viewer.authority_id)
    return query.order_by(CqcImport.imported_at.desc(), CqcImport.id)


def cqc_run_for(viewer: Viewer, run_id: UUID) -> CqcImport:
    """One run of the viewer's authority; raises NotFoundForViewer."""
    return only_one(cqc_runs(viewer).where(CqcImport.id == run_id))
