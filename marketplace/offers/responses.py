"""A provider's answers: drafts, sending, changing and taking back, until the deadline by the server's clock.

What counts is the instant at which the request arrived. Prices are sealed until the deadline: the audit holds a digest
salted with the seed of the fair draw, which is published afterwards, so that anybody can check it then and nobody can
guess it before. A first answer, a draft included, also says that the offer was opened; reading a page never does,
because a GET writes nothing (the inbox item's own "read" is a POST).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from app import audit, clock
from app.audit import Actor
from app.database import db
from app.errors import Conflict, Invalid
from marketplace.offers import answer_tags  # noqa: F401 (declares the tags recorded here)
from marketplace.offers.draft_rules import as_sent, reasons_against_keeping, reasons_against_wording
from marketplace.offers.models import Issue, Offer, OfferLine, Response, Round
from marketplace.offers.response_rules import (
    ResponseDraft,
    ResponseKind,
    ResponseTerms,
    reasons_against,
    reasons_too_late,
)
from marketplace.offers.rules import ResponseState, RoundState, reason_against_response_move
from marketplace.offers.terms import decline_reasons, reason_against_yes, terms_of

COLUMNS = {
    "assessment_visit_needed": "needs_assessment_visit",
    "people_nearby_text": "nearby",
    "people_nearby_count": "nearby_count",
}
"""The fields of a draft whose columns have other names."""


def save_draft(
    line: OfferLine, draft: ResponseDraft, *, by: Actor, came_by: str = "page", expected_version: int | None = None
) -> Response:
    """Keeps what was typed, complete or not. It does not count until it is sent. See `record_answer`."""
    return record_answer(line, draft, by=by, came_by=came_by, submit=False, expected_version=expected_version)


def submit(
    line: OfferLine, draft: ResponseDraft, *, by: Actor, came_by: str = "page", expected_version: int | None = None
) -> Response:
    """Sends an answer, or changes one that was sent. See `record_answer`."""
    return record_answer(line, draft, by=by, came_by=came_by, submit=True, expected_version=expected_version)


def record_answer(
    line: OfferLine,
    draft: ResponseDraft,
    *,
    by: Actor,
    came_by: str,
    submit: bool,
    entered_by: UUID | None = None,
    spoken_at: datetime | None = None,
    expected_version: int | None = None,
) -> Response:
    """Writes the one answer about this package; the same answer sent again changes nothing and is given back.

    `came_by` is page, api, link or phone; an officer who enters an answer heard by phone gives `entered_by` (their
    user id) and `spoken_at`, and both stay with the answer when the provider changes it later. `expected_version` is
    the version the writer had before their eyes, 0 for none. Raises Invalid by field, or Conflict: too late, closed,
    changed meanwhile, or a yes of somebody who may not say yes now.
    """
    terms = _locked_terms(line)
    kept = as_sent(draft) if submit else draft
    response = line.response
    if response is not None and _says_the_same(response, kept, submit):
        return response
    _check_version(response, expected_version)
    _check_move(response, submit)
    _check_content(kept, terms, submit)
    if submit and kept.kind is ResponseKind.ACCEPT and (stop := reason_against_yes(line)):
        raise Conflict(stop)
    response, was_sent = _written(line, response, kept, submit)
    response.came_by, response.answered_by_label = came_by, by.label
    if entered_by is not None:
        response.entered_by, response.spoken_at = entered_by, spoken_at
    line.offer.opened_at = line.offer.opened_at or clock.now()
    db.session.flush()
    _note(line, response, "changed" if was_sent else "sent" if submit else "saved", by)
    return response


def withdraw_response(line: OfferLine, *, by: Actor, came_by: str = "page") -> Response:
    """Takes back an answer that was sent. Raises Conflict when none was, or at the deadline and after."""
    _locked_terms(line)
    response = line.response
    if response is None or response.state is ResponseState.DRAFT:
        raise Conflict("No answer was sent for this package, so there is none to take back.")
    if response.state is ResponseState.WITHDRAWN:
        return response
    if reason := reason_against_response_move(response.state, ResponseState.WITHDRAWN):
        raise Conflict(reason)
    response.state, response.withdrawn_at = ResponseState.WITHDRAWN, clock.now()
    response.version, response.updated_at = response.version + 1, clock.now()
    response.came_by, response.answered_by_label = came_by, by.label
    db.session.flush()
    _note(line, response, "withdrawn", by)
    return response


def open_lines(offer: Offer) -> list[OfferLine]:
    """The packages that can still be answered, the earliest start first; when none can, one that says why."""
    lines = sorted(offer.lines, key=lambda line: (line.round.package.planned_start, line.round.package.reference))
    return [line for line in lines if line.round.state is RoundState.OPEN] or lines[:1]


def draft_of(response: Response | None) -> ResponseDraft:
    """What an answer says, as the rules and the forms take it."""
    if response is None:
        return ResponseDraft(None)
    names = [name for name in ResponseDraft.__dataclass_fields__ if name != "decline_code"]
    values = {name: getattr(response, COLUMNS.get(name, name)) for name in names}
    return ResponseDraft(**values, decline_code=response.decline_code or "")


def price_digest(seed: str, line_id: UUID, version: int, pence: int) -> str:
    """The digest of a sealed price that the audit holds; checked with the seed, which is shown from the deadline on."""
    return sha256(f"{seed}|{line_id.hex}|{version}|{pence}".encode()).hexdigest()


def _locked_terms(line: OfferLine) -> ResponseTerms:
    """Locks what decides, reads it again and refuses when it is too late.

    The issue and the round are locked for sharing: answers do not wait for each other, but closing waits for those
    that have arrived. The offer is locked for this answer alone, so a double click makes one response, and two people
    who answer the same packages in another sequence cannot wait for each other for ever. On SQLite the transaction of
    a writer is alone from its first statement, so what it has read stands.
    """
    if db.engine.dialect.name != "sqlite":
        lock([line])
        db.session.scalars(_AGAIN, {"line_id": line.id}).one()
    terms = terms_of(line, decline_reasons(line.authority_id))
    if reasons := reasons_too_late(terms, clock.now()):
        raise Conflict(" ".join(reasons.values()))
    return terms


def lock(lines: Sequence[OfferLine]) -> None:
    """Locks what decides about these lines of one offer; see `record_answer`. Refuses a round that closed meanwhile."""
    if db.engine.dialect.name == "sqlite" or not lines:
        return
    states = db.session.execute(_SHARED, {"round_ids": [line.round_id for line in lines]}).all()
    db.session.execute(_ALONE, {"offer_id": lines[0].offer_id})
    by_round = {row.id: row for row in states}
    for line in lines:
        row = by_round[line.round_id]
        set_committed_value(line.round, "state", row.state)
        set_committed_value(line.offer.issue, "state", row.issue_state)
        set_committed_value(line.offer.issue, "deadline", row.deadline)


_SHARED = (
    select(Round.id, Round.state, Issue.state.label("issue_state"), Issue.deadline)
    .join(Round, Round.issue_id == Issue.id)
    .where(Round.id.in_(bindparam("round_ids", expanding=True)))
    .with_for_update(read=True)
)
_ALONE = select(Offer.id).where(Offer.id == bindparam("offer_id")).with_for_update()
_AGAIN = (
    select(OfferLine)
    .where(OfferLine.id == bindparam("line_id"))
    .options(joinedload(OfferLine.response), joinedload(OfferLine.offer).joinedload(Offer.issue))
    .execution_options(populate_existing=True)
)


def _says_the_same(response: Response, draft: ResponseDraft, submit: bool) -> bool:
    state = ResponseState.SUBMITTED if submit else ResponseState.DRAFT
    return response.state is state and draft_of(response) == draft


def _check_version(response: Response | None, expected: int | None) -> None:
    if expected is not None and expected != (response.version if response else 0):
        raise Conflict("Somebody at your organisation has changed this answer since you opened it. Check it again.")


def _check_move(response: Response | None, submit: bool) -> None:
    """An answer that was sent is changed by sending again: a draft would silently take it back."""
    if response is None or response.state is ResponseState.DRAFT:
        return
    if response.state is ResponseState.SUBMITTED:
        if not submit:
            raise Conflict("This answer has been sent. Send the change, or take the answer back first.")
        return
    to = ResponseState.SUBMITTED if submit else ResponseState.DRAFT
    if reason := reason_against_response_move(response.state, to):
        raise Conflict(reason)


def _check_content(draft: ResponseDraft, terms: ResponseTerms, submit: bool) -> None:
    found = reasons_to_refuse(draft, terms) if submit else reasons_against_keeping(draft, terms.decline_reasons)
    if found:
        raise Invalid(found)


def reasons_to_refuse(draft: ResponseDraft, terms: ResponseTerms) -> dict[str, str]:
    """Why an answer cannot be sent, by field."""
    sent = reasons_against_wording(draft) | reasons_against(draft, terms, clock.now())
    return sent | reasons_against_keeping(draft, terms.decline_reasons)


def _written(line: OfferLine, response: Response | None, draft: ResponseDraft, submit: bool) -> tuple[Response, bool]:
    """Fills the row; also whether this changes an answer that had been sent."""
    now = clock.now()
    was_sent = response is not None and response.state is ResponseState.SUBMITTED
    version = response.version + 1 if response else 1
    if response is None:
        response = Response(authority_id=line.authority_id, line_id=line.id)
        db.session.add(response)
        line.response = response
    for name, value in asdict(draft).items():
        setattr(response, COLUMNS.get(name, name), value)
    response.decline_code = draft.decline_code or None
    response.version, response.updated_at, response.withdrawn_at = version, now, None
    response.state = ResponseState.SUBMITTED if submit else ResponseState.DRAFT
    response.submitted_at = now if submit else None
    return response, was_sent


def _note(line: OfferLine, response: Response, done: str, by: Actor) -> None:
    """Audits what was done to an answer, with a digest in place of its price."""
    facts = facts_of_answer(
        line, response.kind, response.decline_code, response.price_pence, response.came_by, response.version
    )
    audit.record_told(f"response:{done}", [(line.offer, facts)], by=by)


def facts_of_answer(
    line: OfferLine,
    kind: ResponseKind | None,
    decline_code: str | None,
    pence: int | None,
    came_by: str,
    version: int,
) -> dict[str, object]:
    """What the audit holds of an answer."""
    sealed = {} if pence is None else {"price": price_digest(line.offer.issue.seed, line.id, version, pence)}
    said = {"kind": kind.value if kind else None, "decline_code": decline_code, "came_by": came_by, "version": version}
    return {"package": line.round.package.reference, **said, **sealed}
