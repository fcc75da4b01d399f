"""Answers that a provider gives by telephone: an officer enters them, they are marked, and the provider is told."""

from __future__ import annotations

from datetime import datetime

from app import clock
from app.audit import Actor
from app.calendar.deadlines import local_text
from app.errors import Invalid, NotAllowed
from app.messages import send_many
from marketplace.offers.addressees import authority_name, holders_of
from marketplace.offers.letters import phoned_letter
from marketplace.offers.models import OfferLine, Response
from marketplace.offers.response_rules import ResponseDraft
from marketplace.offers.responses import Manner, record_answer


def enter_by_phone(line: OfferLine, draft: ResponseDraft, spoken_at: datetime, *, by: Actor) -> Response:
    """Enters an answer heard by telephone at `spoken_at`, before the deadline; it counts from the instant of entry.

    The officer may then neither rank nor award this round. Raises Invalid by field, or Conflict when it is too late.
    """
    if by.id is None:
        raise NotAllowed("Only a person can enter what was said by telephone.")
    if not line.offer.issued_at <= spoken_at <= clock.now():
        raise Invalid({"spoken_at": f"Enter a time between the offer, {local_text(line.offer.issued_at)}, and now."})
    response = record_answer(line, draft, Manner(by, "phone", entered_by=by.id, spoken_at=spoken_at))
    council = authority_name(line.authority_id)
    send_many((one.recipient(), phoned_letter(line, council, spoken_at)) for one in holders_of([line.offer_id]))
    return response
