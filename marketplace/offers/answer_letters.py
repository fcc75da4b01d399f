"""Telling everybody at a provider that one of them has answered with the link in an email."""

from __future__ import annotations

from collections.abc import Sequence

from app.calendar.deadlines import local_text
from app.messages import Letter, send
from app.values.words import counted
from marketplace.offers.addressees import holders_of
from marketplace.offers.models import Offer, Response
from marketplace.offers.response_rules import ResponseKind


def tell_of_answers(offer: Offer, sent: Sequence[Response]) -> None:
    """One message to the provider and all its contacts: how many packages were accepted and declined. No price."""
    yes = sum(one.kind is ResponseKind.ACCEPT for one in sent)
    body = (
        f"Somebody has answered offer {offer.reference} for you with the link in an email, without signing in: "
        f"{counted(yes, 'package')} accepted, {counted(len(sent) - yes, 'package')} declined.\n\nIf that is not what you want, sign in and change the answer. You can "
        f"do so until {local_text(offer.issue.deadline)}."
    )
    letter = Letter(
        kind="offer:answered",
        subject=f"Offer {offer.reference} was answered for you",
        body=body,
        path=f"/offers/{offer.id}",
        about_type="offer",
        about_id=offer.id,
        authority_id=offer.authority_id,
    )
    for one in holders_of([offer.id]):
        send(one.recipient(), letter)
