"""The letters about offers that everybody asked receives. They say nothing of who else was asked, or of the person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.calendar.deadlines import local_text
from app.messages import Letter
from app.messages.topics import Topic
from marketplace.offers.models import Issue, Offer, OfferLine

NEW_OFFER = "offer:new"

CHANGES = ("extended", "withdrawn", "package_withdrawn", "closed_early", "stopped", "phoned", "answered")
OFFERS = Topic(
    "offers",
    "Offers",
    "New offers, more time, offers taken back, and answers that were entered for you.",
    kinds=(NEW_OFFER, *(f"offer:{change}" for change in CHANGES)),
    readers=("provider",),
    notice=True,
)


def new_offer_letter(issue: Issue, council: str, offer_id: UUID, reference: str, areas: Counter[str]) -> Letter:
    """The offer itself. `areas` has the districts, or the zones, and how many packages of it lie in each."""
    total = areas.total()
    count = f"{total} packages" if total > 1 else "a package"
    body = (
        f"{council} offers you {count} of care ({issue.lot.name}) in {_listed(areas)}.\n\n"
        f"Please answer by {local_text(issue.deadline)}. At that time it is too late. You can say yes or no to each "
        "package, and change your answer until then.\n\n"
        f"Those who say yes are ranked by quality ({issue.quality_weight} of 100) and price "
        f"({issue.price_weight} of 100). Equal scores are settled by a fair draw from a secret number, which is shown "
        f"after the deadline. Its SHA-256 is {issue.seed_hash}.\n\n"
        "Opening the link below answers nothing; it shows the offer. Please do not pass it on."
    )
    subject = f"Offer {reference}: please answer by {local_text(issue.deadline)}"
    return _letter(NEW_OFFER, subject, body, issue.authority_id, offer_id)


def extended_letter(issue: Issue, council: str, offer_id: UUID, reference: str, reason: str) -> Letter:
    """The deadline is later than it was."""
    body = (
        f"{council} has extended the deadline of offer {reference}. You can now answer, or change your answer, until "
        f"{local_text(issue.deadline)}.\n\nThe reason: {reason}\n\nThe link in the first email works until then too."
    )
    subject = f"Offer {reference}: more time, until {local_text(issue.deadline)}"
    return _letter("offer:extended", subject, body, issue.authority_id, offer_id)


def withdrawn_letter(issue: Issue, council: str, offer_id: UUID, reference: str, reason: str) -> Letter:
    """The whole offer is taken back."""
    body = (
        f"{council} has taken back offer {reference}. There is nothing left to answer, and an answer you have sent does "
        f"not count.\n\nThe reason: {reason}"
    )
    return _letter("offer:withdrawn", f"Offer {reference} was taken back", body, issue.authority_id, offer_id)


def package_withdrawn_letter(issue: Issue, council: str, offer_id: UUID, reference: str, package: str) -> Letter:
    """One package is taken back. The reason can be about the person, so it is not told."""
    body = (
        f"{council} no longer asks for package {package} of offer {reference}. There is nothing left to answer about "
        "it, and an answer you have sent about it does not count. Other packages of the offer are not affected."
    )
    subject = f"Package {package} of offer {reference} was taken back"
    return _letter("offer:package_withdrawn", subject, body, issue.authority_id, offer_id)


def closed_early_letter(issue: Issue, council: str, offer_id: UUID, reference: str, was: datetime) -> Letter:
    """The rounds were closed before the deadline that had been named."""
    body = (
        f"{council} has closed offer {reference} before its deadline, which was {local_text(was)}. Answers can no "
        "longer be sent or changed. You will be told the outcome."
    )
    return _letter("offer:closed_early", f"Offer {reference} was closed early", body, issue.authority_id, offer_id)


def stopped_letter(offer: Offer, council: str, sentence: str) -> Letter:
    """A suspension stops an offer that is still open."""
    body = (
        f"Offer {offer.reference} from {council} is stopped for you in whole or in part. {sentence}\n\n"
        "While the suspension holds you cannot say yes to the packages it covers, and they cannot be awarded to you. "
        "If you think this is wrong, reply to the council's contract manager, who sent the letter about the suspension."
    )
    return _letter("offer:stopped", f"Offer {offer.reference} is stopped", body, offer.authority_id, offer.id)


def phoned_letter(line: OfferLine, council: str, spoken_at: datetime) -> Letter:
    """An officer has entered what the provider said by telephone."""
    offer, package = line.offer, line.round.package.reference
    body = (
        f"{council} has entered the answer that you gave by telephone on {local_text(spoken_at)} about package {package} "
        f"of offer {offer.reference}. Please check it. You can change it or take it back until "
        f"{local_text(offer.issue.deadline)}."
    )
    subject = f"Offer {offer.reference}: your answer by telephone was entered"
    return _letter("offer:phoned", subject, body, offer.authority_id, offer.id)


def _letter(kind: str, subject: str, body: str, authority_id: UUID, offer_id: UUID) -> Letter:
    return Letter(
        kind=kind,
        subject=subject,
        body=body,
        path=f"/offers/{offer_id}",
        about_type="offer",
        about_id=offer_id,
        authority_id=authority_id,
    )


def _listed(areas: Iterable[str]) -> str:
    """Each area once, in words: PR1, PR2 and PR25."""
    *first, last = sorted(set(areas))
    return f"{', '.join(first)} and {last}" if first else last
