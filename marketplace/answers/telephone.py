"""Answers that a provider gives by telephone: an officer enters them, they are marked, and the provider is told.

What a provider has sent itself no officer replaces: it can change that on its own page until the deadline.
"""

from __future__ import annotations

from datetime import datetime

from app import clock
from app.audit import Actor
from app.calendar.deadlines import local_text
from app.database import db
from app.errors import Conflict, Invalid, NotAllowed
from marketplace.answers.lines import locked_lines
from marketplace.answers.rules import ResponseDraft
from marketplace.answers.services import LineAnswer, Manner, record
from marketplace.rounds import letters
from marketplace.rounds.letters import holders_of
from marketplace.rounds.models import OfferLine, Response
from marketplace.rounds.rules import ResponseState

BY_PHONE = "phone"
ANSWERED_ITSELF = (
    "The provider has answered this package itself, so no answer by telephone is taken. "
    "It can change its answer on its own page until the deadline."
)


def enter_by_phone(
    line: OfferLine, draft: ResponseDraft, spoken_at: datetime, *, by: Actor, expected_version: int | None = None
) -> None:
    """Enters an answer heard by telephone at `spoken_at`, before the deadline; it counts from the instant of entry.

    The officer may then neither rank nor award this round. It replaces an answer that came by telephone too, of which
    `expected_version` is what the officer has seen (see `heard_version`), and never one that the provider sent itself.
    Raises Invalid by field, or Conflict: too late, answered by the provider itself, or entered by somebody meanwhile.
    """
    if by.id is None:
        raise NotAllowed("Only a person can enter what was said by telephone.")
    if not line.offer.issued_at <= spoken_at <= clock.now():
        raise Invalid({"spoken_at": f"Enter a time between the offer, {local_text(line.offer.issued_at)}, and now."})
    locked = locked_lines([line.offer_id], [line.id])
    db.session.expire(line, ["response"])
    if reason := reason_against_entering(line):
        raise Conflict(reason)
    if expected_version is not None and expected_version != heard_version(line):
        raise Conflict("Somebody has entered an answer by telephone since you opened this page. Speak to them first.")
    manner = Manner(by, BY_PHONE, entered_by=by.id, spoken_at=spoken_at)
    record([LineAnswer(facts, draft) for facts in locked], manner)
    told = {"package": line.round.package.reference, "spoken_at": spoken_at, "deadline": line.offer.issue.deadline}
    letters.tell(holders_of([line.offer_id]), letters.PHONED, line.authority_id, **told)


def heard_version(line: OfferLine) -> int:
    """The version of the answer by telephone that stands, 0 where none does: of drafts the council learns nothing."""
    answer = _sent_answer(line)
    return answer.version if answer is not None and answer.came_by == BY_PHONE else 0


def reason_against_entering(line: OfferLine) -> str | None:
    """Why no answer by telephone is taken about this package: its provider has sent one itself. None when one is."""
    answer = _sent_answer(line)
    return ANSWERED_ITSELF if answer is not None and answer.came_by != BY_PHONE else None


def _sent_answer(line: OfferLine) -> Response | None:
    answer = line.response
    return answer if answer is not None and answer.state is ResponseState.SUBMITTED else None
