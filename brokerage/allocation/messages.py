"""The letters of awards. None says who the person is, who else answered, or what anybody asked."""

from __future__ import annotations

from uuid import UUID

from app.calendar.deadlines import date_text
from app.database import db
from app.messages import Address, Letter, Recipient, send
from app.messages.topics import Topic
from app.parties.models import User
from brokerage.allocation.models import Award
from contracts.agreements.models import Agreement
from marketplace.offers.addressees import authority_name, contacts_of
from marketplace.providers.models import Provider

NO_NAMES_HERE = "Who the person is and where they live is shown after signing in; it is never sent by email."

AWARDS = Topic(
    "awards",
    "Awards",
    "Packages awarded to you, and awards that were cancelled.",
    kinds=("award:made", "award:cancelled"),
    readers=("provider",),
    notice=True,
)
OWN_AWARDS = Topic(
    "own_awards",
    "Awards that you made",
    "A provider that withdraws before care begins, and what became of an award you proposed.",
    kinds=("award:proposal_ended", "award:pulled_out"),
    readers=("council", "icb"),
)


def tell_winner(award: Award, agreement: Agreement) -> None:
    """The one message that tells a provider of its award."""
    council, package = authority_name(award.authority_id), award.round.package.reference
    body = (
        f"{council} has awarded package {package} to you.\n\n"
        f"Agreement {agreement.reference} binds both sides from now on. Care begins on "
        f"{date_text(agreement.starts_on)}.\n\n{NO_NAMES_HERE}\n\n"
        "If you cannot take it after all, say so on the award's page before care begins."
    )
    letter = Letter(
        kind="award:made",
        subject=f"You have been awarded package {package}",
        body=body,
        path=f"/agreements/{agreement.id}",
        about_type="agreement",
        about_id=agreement.id,
        authority_id=award.authority_id,
    )
    send(_provider(award.provider), letter)


def tell_cancelled(award: Award) -> None:
    """The package was withdrawn after the award. The reason can be about the person, so it is not told."""
    council, package = authority_name(award.authority_id), award.round.package.reference
    body = (
        f"{council} no longer asks for package {package}, which it had awarded to you. The agreement is cancelled and "
        "care does not begin. The hours that it held are free again."
    )
    subject = f"Package {package} was withdrawn after its award"
    send(_provider(award.provider), _about(award, "award:cancelled", subject, body, f"/awards/{award.id}"))


def tell_proposer(award: Award, sentence: str) -> None:
    """The broker who proposed an award reads what became of it."""
    if award.made_by is None:
        return
    subject = f"Proposed award {award.reference}: {sentence}"
    body = f"{subject} The package still waits for an award, and the hours held are free again."
    send(_user(award, award.made_by), _about(award, "award:proposal_ended", subject, body, f"/awards/{award.id}"))


def tell_of_step_back(award: Award) -> None:
    """Whoever awarded reads that the ranking is open again."""
    if award.made_by is None:
        return
    package = award.round.package.reference
    subject = f"Package {package}: the provider awarded has withdrawn"
    body = f"{award.provider.name} withdrew before care began. The ranking of package {package} is open again."
    send(_user(award, award.made_by), _about(award, "award:pulled_out", subject, body, f"/awards/{award.id}"))


def _about(award: Award, kind: str, subject: str, body: str, path: str) -> Letter:
    return Letter(kind, subject[:200], body, path, "award", award.id, award.authority_id)


def _user(award: Award, user_id: UUID) -> Recipient:
    """One officer's inbox, and an email to them while they can sign in."""
    user = db.session.get_one(User, user_id)
    return Recipient(award.authority_id, user_id, () if user.disabled_at else (Address(user.email),))


def _provider(provider: Provider) -> Recipient:
    contacts = contacts_of([provider.id])[provider.id]
    addresses = tuple(Address(email, contact_id) for contact_id, email in contacts.items())
    return Recipient(provider.organisation_id, addresses=addresses)
