"""A provider's answers: drafts, sending, changing and taking back, until the deadline by the server's clock.

What counts is the instant at which the request arrived. Prices are sealed until the deadline: the audit holds a digest
salted with the seed of the fair draw, which is published afterwards, so that anybody can check it then and nobody can
guess it before. A first answer, a draft included, also says that the offer was opened; reading a page never does,
because a GET writes nothing (the inbox item's own "read" is a POST).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import joinedload, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from app import audit, clock
from app.audit import Actor
from app.database import db, new_id
from app.database.bulk import ready_rows, write_together
from app.errors import Conflict, Invalid
from marketplace.answers.asked import Asked
from marketplace.answers.draft_rules import as_sent, reasons_against_keeping, reasons_against_wording
from marketplace.answers.queries import COLUMNS, draft_of
from marketplace.answers.rules import ResponseDraft, ResponseTerms, reasons_against, reasons_too_late
from marketplace.answers.terms import decline_reasons, reason_against_yes, terms_of
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.rules import ResponseKind, ResponseState, RoundState


def save_draft(
    line: OfferLine, draft: ResponseDraft, *, by: Actor, came_by: str = "page", expected_version: int | None = None
) -> Response:
    """Keeps what was typed, complete or not. It does not count until it is sent. See `record_answer`."""
    return record_answer(line, draft, Manner(by, came_by, submit=False), expected_version)


def submit(
    line: OfferLine, draft: ResponseDraft, *, by: Actor, came_by: str = "page", expected_version: int | None = None
) -> Response:
    """Sends an answer, or changes one that was sent. See `record_answer`."""
    return record_answer(line, draft, Manner(by, came_by), expected_version)


@dataclass(frozen=True, slots=True)
class Manner:
    """How an answer comes: by whom, by page, api, link or phone, sent or only saved as a draft.

    An officer who enters what was heard by phone gives `entered_by` (their user id) and `spoken_at`; both stay with the
    answer when the provider changes it later.
    """

    by: Actor
    came_by: str = "page"
    submit: bool = True
    entered_by: UUID | None = None
    spoken_at: datetime | None = None


def record_asked(asked: Asked, draft: ResponseDraft, manner: Manner, expected_version: int | None = None) -> None:
    """The same as `record_answer`, for what `asked_to_answer` has read and locked."""
    kept = as_sent(draft) if manner.submit else draft
    if asked.has_answer or _record_first(asked, kept, manner, expected_version) is None:
        record_answer(db.session.get_one(OfferLine, asked.line_id), draft, manner, expected_version)


def record_answer(
    line: OfferLine, draft: ResponseDraft, manner: Manner, expected_version: int | None = None
) -> Response:
    """Writes the one answer about this package; the same answer sent again changes nothing and is given back.

    `expected_version` is the version the writer had before their eyes, 0 for none. Raises Invalid by field, or
    Conflict: too late, closed, changed meanwhile, or a yes of somebody who may not say yes now.
    """
    kept = as_sent(draft) if manner.submit else draft
    lock_and_read(line)
    if line.response is not None:
        return _change(line, line.response, kept, manner, expected_version)
    row = _record_first(Asked.of(line), kept, manner, expected_version)
    if row is None:
        return record_answer(line, draft, manner, expected_version)
    response = Response(**row)
    make_transient_to_detached(response)  # it is in the database as it is here
    db.session.add(response)
    set_committed_value(line, "response", response)
    set_committed_value(line.offer, "opened_at", line.offer.opened_at or clock.now())
    return response


def _record_first(
    asked: Asked, kept: ResponseDraft, manner: Manner, expected_version: int | None
) -> dict[str, Any] | None:
    """Writes a first answer; its row, or None where somebody's came while this one waited for the lock."""
    terms = _open_terms(asked, kept.decline_code)
    check_version(None, expected_version)
    check(asked, kept, terms, manner.submit)
    row = first_row(asked, kept, manner)
    told = [(asked.offer, facts_of_answer(asked, row))]
    noted = audit.entries_told(first_tag(manner), told, by=manner.by)
    if not write_together(ready_rows(Response, [row]), *noted):
        return None
    note_opened(asked)
    return row


def first_tag(manner: Manner) -> str:
    """What the audit says of a first answer."""
    return f"response:{'sent' if manner.submit else 'saved'}"


def _change(
    line: OfferLine, response: Response, kept: ResponseDraft, manner: Manner, expected_version: int | None
) -> Response:
    asked = Asked.of(line)
    terms = _open_terms(asked, kept.decline_code)
    if _says_the_same(response, kept, manner.submit):
        return response
    check_version(response, expected_version)
    _check_move(response, manner.submit)
    check(asked, kept, terms, manner.submit)
    was_sent = response.state is ResponseState.SUBMITTED
    for name, value in _values(kept, manner).items():
        setattr(response, name, value)
    response.version += 1
    db.session.flush()
    _note(asked, _row_of(response), "changed" if was_sent else "sent" if manner.submit else "saved", manner.by)
    return response


def withdraw_response(line: OfferLine, *, by: Actor, came_by: str = "page") -> Response:
    """Takes back an answer that was sent. Raises Conflict when none was, or at the deadline and after."""
    lock_and_read(line)
    _open_terms(Asked.of(line))
    response = line.response
    if response is None or response.state is ResponseState.DRAFT:
        raise Conflict("No answer was sent for this package, so there is none to take back.")
    if response.state is ResponseState.WITHDRAWN:
        return response
    if reason := response.state.reason_against(ResponseState.WITHDRAWN):
        raise Conflict(reason)
    response.state, response.withdrawn_at = ResponseState.WITHDRAWN, clock.now()
    response.version, response.updated_at = response.version + 1, clock.now()
    response.came_by, response.answered_by_label = came_by, by.label
    db.session.flush()
    _note(Asked.of(line), _row_of(response), "withdrawn", by)
    return response


def price_digest(seed: str, line_id: UUID, version: int, pence: int) -> str:
    """The digest of a sealed price that the audit holds; checked with the seed, which is shown from the deadline on."""
    return sha256(f"{seed}|{line_id.hex}|{version}|{pence}".encode()).hexdigest()


def lock_and_read(line: OfferLine) -> None:
    """Locks what decides and reads it again.

    The issue and the round are locked for sharing: answers do not wait for each other, but closing waits for those
    that have arrived. The offer is locked for this answer alone, so a double click makes one response, and two people
    who answer the same packages in another sequence cannot wait for each other for ever. On SQLite the transaction of
    a writer is alone from its first statement, so what it has read stands.
    """
    if db.engine.dialect.name != "sqlite":
        lock([line])
        db.session.scalars(_AGAIN, {"line_id": line.id}).one()


def _open_terms(asked: Asked, decline_code: str = "") -> ResponseTerms:
    """What an answer is judged against; refuses when it is too late. Who gives no reason needs no list of reasons."""
    terms = terms_of(asked, decline_reasons(asked.authority_id) if decline_code else ())
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


def lock_all(offer: Offer) -> None:
    """Locks in the same order what decides about every open package of an offer."""
    if db.engine.dialect.name != "sqlite":
        db.session.execute(_ALL_SHARED, {"offer_id": offer.id}).all()
        db.session.execute(_ALONE, {"offer_id": offer.id})


_ALL_SHARED = (
    select(Round.id)
    .join(Issue, Issue.id == Round.issue_id)
    .join(OfferLine, OfferLine.round_id == Round.id)
    .where(OfferLine.offer_id == bindparam("offer_id"), Round.state == RoundState.OPEN)
    .with_for_update(read=True, of=(Round, Issue))
)
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


def check_version(response: Response | None, expected: int | None) -> None:
    """Raises Conflict where the answer is not the one that the writer had before their eyes, 0 for none."""
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
    if reason := response.state.reason_against(to):
        raise Conflict(reason)


def check(asked: Asked, draft: ResponseDraft, terms: ResponseTerms, submit: bool) -> None:
    """Judges what is said, and whether this provider may say yes now. Raises Invalid by field, or Conflict."""
    found = reasons_to_refuse(draft, terms) if submit else reasons_against_keeping(draft, terms.decline_reasons)
    if found:
        raise Invalid(found)
    if submit and draft.kind is ResponseKind.ACCEPT and (stop := reason_against_yes(asked)):
        raise Conflict(stop)


def reasons_to_refuse(draft: ResponseDraft, terms: ResponseTerms) -> dict[str, str]:
    """Why an answer cannot be sent, by field."""
    sent = reasons_against_wording(draft) | reasons_against(draft, terms, clock.now())
    return sent | reasons_against_keeping(draft, terms.decline_reasons)


def first_row(asked: Asked, draft: ResponseDraft, manner: Manner) -> dict[str, Any]:
    """The row of a first answer, with a value for every column."""
    own = {"id": new_id(), "authority_id": asked.authority_id, "line_id": asked.line_id, "version": 1}
    return {**own, "entered_by": None, "spoken_at": None, **_values(draft, manner)}


def _values(draft: ResponseDraft, manner: Manner) -> dict[str, Any]:
    now = clock.now()
    by_phone = {"entered_by": manner.entered_by, "spoken_at": manner.spoken_at} if manner.entered_by else {}
    return {
        **{COLUMNS.get(name, name): getattr(draft, name) for name in _SAID},
        "decline_code": draft.decline_code or None,
        "state": ResponseState.SUBMITTED if manner.submit else ResponseState.DRAFT,
        "submitted_at": now if manner.submit else None,
        "withdrawn_at": None,
        "updated_at": now,
        "came_by": manner.came_by,
        "answered_by_label": manner.by.label,
        **by_phone,
    }


_SAID = tuple(ResponseDraft.__dataclass_fields__)


def note_opened(asked: Asked) -> None:
    """A first answer, a draft included, says that the offer was opened."""
    if asked.opened_at is None:
        db.session.connection().execute(_OPENED, {"offer": asked.offer_id, "now": clock.now()})


_OFFER = cast(Table, Offer.__table__)
_OPENED = update(_OFFER).where(_OFFER.c.id == bindparam("offer")).values(opened_at=bindparam("now"))


def _note(asked: Asked, row: Mapping[str, Any], done: str, by: Actor) -> None:
    """Audits what was done to the answer, with a digest in place of its price."""
    audit.record_told(f"response:{done}", [(asked.offer, facts_of_answer(asked, row))], by=by)


def _row_of(response: Response) -> dict[str, Any]:
    return {name: getattr(response, name) for name in ("price_pence", "version", "kind", "decline_code", "came_by")}


def facts_of_answer(asked: Asked, row: Mapping[str, Any]) -> dict[str, object]:
    """What the audit holds of an answer."""
    pence, version, kind = row["price_pence"], row["version"], row["kind"]
    sealed = {} if pence is None else {"price": price_digest(asked.seed, asked.line_id, version, pence)}
    said = {"kind": kind.value if kind else None, "decline_code": row["decline_code"], "came_by": row["came_by"]}
    return {"package": asked.package, **said, "version": version, **sealed}
