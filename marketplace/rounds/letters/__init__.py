"""The letters about offers. They say nothing of who else was asked, or of the person."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from app.messages import LetterTemplate, Topic, send_many
from marketplace.rounds.addressees import Addressee, authority_name

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
