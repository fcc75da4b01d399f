"""One answer to every package of an offer: judged once for all packages that are alike, and written set by set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from app import audit, clock
from app.audit import Actor
from app.database import db, in_bulk
from app.database.bulk import ready_rows
from app.errors import Conflict, Invalid
from marketplace.answers.asked import Asked, open_in
from marketplace.answers.draft_rules import as_sent
from marketplace.answers.rules import ResponseDraft, reasons_too_late
from marketplace.answers.services import (
    Manner,
    check,
    check_version,
    facts_of_answer,
    first_row,
    first_tag,
    lock_all,
    note_opened,
    record_answer,
)
from marketplace.answers.terms import decline_reasons, terms_of
from marketplace.rounds.models import Offer, OfferLine, Response
from marketplace.rounds.rules import ResponseKind

Draft = Callable[[Asked], ResponseDraft | None]
"""What is said of a package; None where it is left as it is."""


def decline_all(offer: Offer, code: str, text: str, *, by: Actor, came_by: str = "page") -> int:
    """Declines every package of the offer that can still be answered, replacing what was sent before; how many."""
    draft = ResponseDraft(ResponseKind.DECLINE, decline_code=code, decline_text=text)
    return answer_all(offer, lambda _asked: draft, Manner(by, came_by))


def accept_all(offer: Offer, price_pence: int | None, start: date | None, *, by: Actor, came_by: str = "page") -> int:
    """Accepts every package that can still be answered at one price; `start` None means the start each one asks for."""
    today = clock.today()

    def draft(asked: Asked) -> ResponseDraft:
        wanted = start or max(asked.planned_start, today)
        return ResponseDraft(ResponseKind.ACCEPT, price_pence=price_pence, earliest_start=wanted)

    return answer_all(offer, draft, Manner(by, came_by))


@in_bulk()
def answer_all(offer: Offer, draft: Draft, manner: Manner, expected_version: int | None = None) -> int:
    """Answers every package that can still be answered, with what `draft` says of each; how many.

    Raises what `record_answer` raises for one; an Invalid names the package where there are several.
    """
    lock_all(offer)
    answers = [(one, said) for one in open_in(offer.id) if (said := draft(one)) is not None]
    try:
        _write_first([(one, said) for one, said in answers if not one.has_answer], manner, expected_version)
        for one, said in answers:
            if one.has_answer:
                record_answer(db.session.get_one(OfferLine, one.line_id), said, manner, expected_version)
    except _Refused as refused:
        raise _about(refused.asked, refused.refusal, several=len(answers) > 1) from refused
    _forget_what_was(offer)
    return len(answers)


def _forget_what_was(offer: Offer) -> None:
    """What has been read of the offer and its answers is read again when it is asked for."""
    lines: Sequence[OfferLine] = offer.__dict__.get("lines", ())
    db.session.expire(offer, ["opened_at"])
    for line in lines:
        db.session.expire(line, ["response"])


class _Refused(Exception):
    def __init__(self, asked: Asked, refusal: Invalid) -> None:
        self.asked, self.refusal = asked, refusal


def _write_first(answers: Sequence[tuple[Asked, ResponseDraft]], manner: Manner, expected_version: int | None) -> None:
    """Answers about packages that have none yet: rows and audit entries in two statements each."""
    if not answers:
        return
    kept = [(one, as_sent(draft) if manner.submit else draft) for one, draft in answers]
    _judge(kept, manner, expected_version)
    rows = [first_row(one, draft, manner) for one, draft in kept]
    ready_rows(Response, rows).write()
    offer = kept[0][0].offer
    told = ((offer, facts_of_answer(one, row)) for (one, _), row in zip(kept, rows, strict=True))
    audit.record_told(first_tag(manner), told, by=manner.by)
    note_opened(kept[0][0])


def _judge(answers: Sequence[tuple[Asked, ResponseDraft]], manner: Manner, expected_version: int | None) -> None:
    """Packages under the same limits, from the same day, in the same zone, answered alike, are judged once."""
    judged, reasons = set(), decline_reasons(answers[0][0].authority_id)
    for one, draft in answers:
        alike = (one.floor_pence, one.ceiling_pence, one.round_state, one.planned_start, one.zone_id, draft)
        if alike in judged:
            continue
        judged.add(alike)
        terms = terms_of(one, reasons)
        if late := reasons_too_late(terms, clock.now()):
            raise Conflict(" ".join(late.values()))
        check_version(None, expected_version)
        try:
            check(one, draft, terms, manner.submit)
        except Invalid as refusal:
            raise _Refused(one, refusal) from refusal


def _about(asked: Asked, refusal: Invalid, *, several: bool) -> Invalid:
    """The same refusal, naming the package where the offer has several."""
    if not several:
        return refusal
    return Invalid({name: f"{asked.package}: {text}" for name, text in refusal.errors.items()})
