"""One answer to every package of an offer: judged once for all packages that are alike, and written set by set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.database.bulk import ready_rows
from app.errors import Conflict, Invalid
from marketplace.offers.asked import Asked
from marketplace.offers.draft_rules import as_sent
from marketplace.offers.models import Offer, OfferLine, Response
from marketplace.offers.response_rules import ResponseDraft, ResponseKind, reasons_too_late
from marketplace.offers.responses import (
    Manner,
    facts_of_answer,
    first_row,
    lock,
    note_opened,
    open_lines,
    reasons_to_refuse,
    submit,
)
from marketplace.offers.terms import decline_reasons, reason_against_yes, terms_of

Draft = Callable[[OfferLine], ResponseDraft]


def decline_all(offer: Offer, code: str, text: str, *, by: Actor, came_by: str = "page") -> int:
    """Declines every package of the offer that can still be answered, replacing what was sent before; how many."""
    draft = ResponseDraft(ResponseKind.DECLINE, decline_code=code, decline_text=text)
    return _answer_all(offer, lambda _line: draft, by, came_by)


def accept_all(offer: Offer, price_pence: int | None, start: date | None, *, by: Actor, came_by: str = "page") -> int:
    """Accepts every package that can still be answered at one price; `start` None means the start each one asks for."""
    today = clock.today()

    def draft(line: OfferLine) -> ResponseDraft:
        wanted = start or max(line.round.package.planned_start, today)
        return ResponseDraft(ResponseKind.ACCEPT, price_pence=price_pence, earliest_start=wanted)

    return _answer_all(offer, draft, by, came_by)


def _answer_all(offer: Offer, draft: Draft, by: Actor, came_by: str) -> int:
    lines = open_lines(offer)
    lock(lines)
    answered = _answered(offer)
    first = [line for line in lines if line.id not in answered]
    try:
        _send_first(offer, [(line, as_sent(draft(line))) for line in first], by, came_by)
        for line in lines:
            if line.id in answered:
                submit(line, draft(line), by=by, came_by=came_by)
    except _Refused as refused:
        raise _about(refused.line, refused.refusal, several=len(lines) > 1) from refused
    return len(lines)


def _answered(offer: Offer) -> set[UUID]:
    """The packages about which there is an answer, as it stands behind the lock."""
    query = select(Response.line_id).join(OfferLine, OfferLine.id == Response.line_id)
    return set(db.session.scalars(query.where(OfferLine.offer_id == offer.id)))


class _Refused(Exception):
    def __init__(self, line: OfferLine, refusal: Invalid) -> None:
        self.line, self.refusal = line, refusal


def _send_first(offer: Offer, answers: Sequence[tuple[OfferLine, ResponseDraft]], by: Actor, came_by: str) -> None:
    """Answers about packages that have none yet: rows and audit entries in two statements each."""
    if not answers:
        return
    manner = Manner(by, came_by)
    asked = [(Asked.of(line), draft) for line, draft in answers]
    _judge(answers, asked)
    rows = [first_row(one, draft, manner) for one, draft in asked]
    ready_rows(Response, rows).write()
    meant = asked[0][0].offer
    told = ((meant, facts_of_answer(one, row)) for (one, _), row in zip(asked, rows, strict=True))
    audit.record_told("response:sent", told, by=by)
    note_opened(asked[0][0])
    db.session.expire(offer, ["opened_at"])
    for line, _ in answers:
        db.session.expire(line, ["response"])


def _judge(answers: Sequence[tuple[OfferLine, ResponseDraft]], asked: Sequence[tuple[Asked, ResponseDraft]]) -> None:
    """Packages under the same limits, from the same day, in the same zone, answered alike, are judged once."""
    judged, reasons = set(), decline_reasons(asked[0][0].authority_id)
    for (line, _), (one, draft) in zip(answers, asked, strict=True):
        alike = (one.floor_pence, one.ceiling_pence, one.round_state, one.planned_start, one.zone_id, draft)
        if alike in judged:
            continue
        judged.add(alike)
        terms = terms_of(one, reasons)
        if late := reasons_too_late(terms, clock.now()):
            raise Conflict(" ".join(late.values()))
        if found := reasons_to_refuse(draft, terms):
            raise _Refused(line, Invalid(found))
        if draft.kind is ResponseKind.ACCEPT and (stop := reason_against_yes(one)):
            raise Conflict(stop)


def _about(line: OfferLine, refusal: Invalid, *, several: bool) -> Invalid:
    """The same refusal, naming the package where the offer has several."""
    if not several:
        return refusal
    return Invalid({name: f"{line.round.package.reference}: {text}" for name, text in refusal.errors.items()})
