"""The letters about offers. They say nothing of who else was asked, or of the person."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from app.messages import LetterTemplate, Topic, send_many
from app.messages.templates import EXAMPLE_TIME
from marketplace.rounds.addressees import Addressee, authority_name

NEW_OFFER = "offer:new"
OFFERS = Topic(
    "offers",
    "Offers",
    "New offers, more time, offers taken back, and answers that were entered for you.",
    frozenset({"provider"}),
    notice=True,
)

_letter = partial(
    LetterTemplate,
    folder=__name__,
    about="offer",
    link="/offers/{id}",
    topic=OFFERS,
    sent_to="Every provider that was asked, and all its contacts",
    example={
        "council": "Lancashire County Council",
        "reference": "OFF-2H8KP",
        "package": "PKG-7K3M9",
        "packages": 3,
        "areas": "PR1, PR2 and PR25",
        "lot": "Home care",
        "quality_weight": 60,
        "price_weight": 40,
        "seed_hash": "5e" * 32,
        "deadline": EXAMPLE_TIME,
        "spoken_at": EXAMPLE_TIME,
        "reason": "The council's telephones were out of order on Monday.",
        "sentence": "New offers to you are suspended for every lot.",
        "accepted": 2,
        "declined": 1,
    },
)
_to_one = partial(_letter, sent_to="The provider, and all its contacts")

OFFERED = _letter(name="new_offer", kind=NEW_OFFER, sent_when="packages are offered; each email has its own link")
EXTENDED = _letter(name="offer_extended", kind="offer:extended", sent_when="the deadline is moved to a later time")
WITHDRAWN = _letter(name="offer_withdrawn", kind="offer:withdrawn", sent_when="a whole offer is taken back")
PACKAGE_WITHDRAWN = _letter(
    name="offer_package_withdrawn",
    kind="offer:package_withdrawn",
    sent_when="one package is taken back or held; why can be about the person, so it is not told",
)
CLOSED_EARLY = _letter(
    name="offer_closed_early", kind="offer:closed_early", sent_when="an offer is closed before its deadline"
)
STOPPED = _to_one(name="offer_stopped", kind="offer:stopped", sent_when="a suspension stops an offer that is open")
PHONED = _to_one(
    name="offer_phoned", kind="offer:phoned", sent_when="an officer has entered what the provider said by telephone"
)
ANSWERED = _to_one(
    name="offer_answered", kind="offer:answered", sent_when="somebody answers with the link in an email, not signed in"
)
LETTERS = (OFFERED, EXTENDED, WITHDRAWN, PACKAGE_WITHDRAWN, CLOSED_EARLY, STOPPED, PHONED, ANSWERED)


def tell(addressees: Iterable[Addressee], template: LetterTemplate, authority_id: UUID, **values: Any) -> None:
    """The same letter to each of these, about its own offer, in the name of its council."""
    values["council"] = authority_name(authority_id)
    send_many(
        (one.recipient(), template.write(one.offer_id, authority_id, reference=one.reference, **values))
        for one in addressees
    )
