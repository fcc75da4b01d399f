"""Commands on a provider's own facts: who its carers are and who is told of offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.database.bulk import insert_rows
from app.errors import Conflict, Invalid, Reading
from app.values.email import read_email
from app.values.spelling import as_read
from marketplace.providers.models import Provider, ProviderContact, ProviderLanguage, ProviderSkill
from marketplace.providers.rules import Branch, names_apart

MOST_CARERS = 100_000
MOST_ITEMS = 60


@dataclass(frozen=True, slots=True)
class Carers:
    """How many carers of each gender a location has, and what at least one of them can do and speak."""

    female: int
    male: int
    skills: Sequence[str]
    languages: Sequence[str]


def tell_carers(provider: Provider, carers: Carers, *, by: Actor) -> None:
    """Replaces what is known of a location's carers; raises Invalid by field."""
    if errors := _reasons_against(carers):
        raise Invalid(errors)
    provider.carers_female, provider.carers_male = carers.female, carers.male
    db.session.execute(delete(ProviderSkill).where(ProviderSkill.provider_id == provider.id))
    db.session.execute(delete(ProviderLanguage).where(ProviderLanguage.provider_id == provider.id))
    own = {"provider_id": provider.id}
    insert_rows(ProviderSkill, [{**own, "skill": skill} for skill in _without_repeats(carers.skills)])
    insert_rows(ProviderLanguage, [{**own, "language": name} for name in _without_repeats(carers.languages)])
    db.session.flush()
    db.session.expire(provider, ["skills", "languages"])
    audit.record("provider:carers_told", provider, by=by, female=carers.female, male=carers.male)


def register_contacts(authority_id: UUID, contacts: Sequence[Mapping[str, Any]]) -> None:
    """Adds those whom one council tells of its own offers; an address that hears it already stays as it is."""
    own = ProviderContact.authority_id.is_(None) | (ProviderContact.authority_id == authority_id)
    ids = {contact["provider_id"] for contact in contacts}
    query = select(ProviderContact.provider_id, ProviderContact.email).where(ProviderContact.provider_id.in_(ids), own)
    known = {(row.provider_id, row.email) for row in db.session.execute(query)}
    new = [contact for contact in contacts if (contact["provider_id"], contact["email"]) not in known]
    insert_rows(ProviderContact, [{**contact, "authority_id": authority_id} for contact in new])


def add_contact(provider: Provider, name: str, email: str, telephone: str = "", *, by: Actor) -> ProviderContact:
    """Adds somebody who is told of offers, or takes a former contact on again; raises Invalid by field."""
    read, name = Reading(), name.strip()
    if not name:
        read.errors["name"] = "Enter the contact's name."
    email = read.value("email", read_email, email) or ""
    read.finish()
    contact = next((one for one in provider.contacts if one.email == email), None)
    if contact and contact.left_at is None:
        raise Invalid({"email": "There is already a contact with this email address."})
    contact = contact or ProviderContact(provider_id=provider.id, email=email)
    contact.name, contact.telephone, contact.left_at = name[:200], telephone.strip()[:30] or None, None
    db.session.add(contact)
    db.session.flush()
    db.session.expire(provider, ["contacts"])
    audit.record("provider:contact_added", provider, by=by)
    return contact


def take_off_contact(provider: Provider, contact: ProviderContact, *, by: Actor) -> None:
    """Tells a contact nothing more; raises Conflict when it is the last, for offers must reach somebody."""
    present = [one for one in provider.contacts if one.left_at is None]
    if contact not in present:
        raise Conflict("This contact has been taken off already.")
    if not any(reaches_for(one, contact) for one in present if one is not contact):
        raise Conflict("This is the last contact. Add another one first, so that offers reach somebody.")
    contact.left_at = clock.now()
    db.session.flush()
    audit.record("provider:contact_left", provider, by=by)


def reaches_for(other: ProviderContact, contact: ProviderContact) -> bool:
    """Is whoever writes to this contact still heard by the other one? A council's contact hears that council alone."""
    return contact.authority_id is None or other.authority_id in {None, contact.authority_id}


def tell_branches_apart() -> None:
    """Gives every location the name by which it is shown: the registered one, longer where another one has it too."""
    query = select(Provider.id, Provider.name, Provider.registered_name, Provider.base_postcode)
    rows = db.session.execute(query.add_columns(Provider.cqc_location_id)).all()
    shown = names_apart((row.id, Branch(row.registered_name, row.base_postcode, row.cqc_location_id)) for row in rows)
    names = {row.id: shown[row.id] for row in rows if row.name != shown[row.id]}
    for provider in db.session.scalars(select(Provider).where(Provider.id.in_(names))):
        provider.name = names[provider.id]
    db.session.flush()


def _reasons_against(carers: Carers) -> dict[str, str]:
    counts = {"carers_female": carers.female, "carers_male": carers.male}
    found = {
        name: f"Enter a number of carers from 0 to {MOST_CARERS:,}."
        for name, count in counts.items()
        if not 0 <= count <= MOST_CARERS
    }
    for name, items, longest in (("skills", carers.skills, 80), ("languages", carers.languages, 60)):
        if len(items) > MOST_ITEMS or any(len(item.strip()) > longest for item in items):
            found[name] = f"Give at most {MOST_ITEMS} of them, each of at most {longest} characters."
    return found


def _without_repeats(items: Sequence[str]) -> list[str]:
    """In the order given; two spellings that read the same are one, because packages ask for either."""
    return list({as_read(item): item.strip() for item in reversed(items) if item.strip()}.values())[::-1]
