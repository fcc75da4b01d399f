"""A provider's answers: drafts, sending, changing and taking back, until the deadline by the server's clock.

What counts is the instant at which the request arrived. Prices are sealed until the deadline: the audit holds a digest
salted with the seed of the fair draw, which is published afterwards, so that anybody can check it then and nobody can
guess it before. A first answer, a draft included, also says that the offer was opened; reading a page never does,
because a GET writes nothing (the inbox item's own "read" is a POST).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, inspect, select, update

from app import audit, clock
from app.audit import Actor
from app.audit.moves import set_state
from app.database import Owned, db, in_bulk, new_id
from app.database.bulk import insert_unless_there, ready_rows
from app.database.many import among
from app.errors import Conflict, Invalid
from marketplace.answers.lines import LineFacts, decline_reasons, locked_open_lines, reason_against_yes, terms_of
from marketplace.answers.queries import draft_of
from marketplace.answers.rules import (
    DeclineReason,
    ResponseDraft,
    as_sent,
    reasons_against_keeping,
    reasons_against_sending,
    reasons_too_late,
)
from marketplace.rounds.models import Offer, OfferLine, Response
from marketplace.rounds.rules import ResponseKind, ResponseState

Responses = Mapping[UUID, Response]
"""What has been answered so far, by line."""
Draft = Callable[[LineFacts], ResponseDraft | None]
"""What is said of a package; None where it is left as it is."""


class LineAnswer(NamedTuple):
    """What is said about one package. `seen_version` is the one before the writer's eyes: 0 for none, None if unknown."""

    line: LineFacts
    draft: ResponseDraft
    seen_version: int | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers come: by whom, by page, api, link or phone, sent or only saved as drafts.

    An officer who enters what was heard by phone gives `entered_by` (their user id) and `spoken_at`; both stay with the
    answer when the provider changes it later.
    """

    by: Actor
    came_by: str = "page"
    submit: bool = True
    entered_by: UUID | None = None
    spoken_at: datetime | None = None

    @property
    def state(self) -> ResponseState:
        """Where it brings an answer."""
        return ResponseState.SUBMITTED if self.submit else ResponseState.DRAFT


class InvalidAnswer(Invalid):
    """One of several answers cannot be taken, so none was."""

    def __init__(self, line: LineFacts, errors: Mapping[str, str]) -> None:
        super().__init__(errors)
        self.line = line


def record(answers: Sequence[LineAnswer], manner: Manner) -> None:
    """Writes the one answer about each of these packages, all or none; what is said already stays as it is.

    They may be of several offers that one provider has from one council. The lines were read behind their lock. Raises
    InvalidAnswer by field, or Conflict: too late, closed, changed meanwhile, or a yes of somebody who may not say yes now.
    """
    if manner.submit:
        answers = [answer._replace(draft=as_sent(answer.draft)) for answer in answers]
    _refuse_late([answer.line for answer in answers])
    responses = _responses([answer.line for answer in answers])
    news = [answer for answer in answers if not _says_the_same(responses.get(answer.line.id), answer.draft, manner)]
    _judge(news, responses, manner)
    first = [answer for answer in news if answer.line.id not in responses]
    if not _insert(first, manner):
        record([answer._replace(line=answer.line._replace(is_answered=True)) for answer in answers], manner)
        return
    _note("sent" if manner.submit else "saved", [(answer, 1) for answer in first], manner)
    _change([answer for answer in news if answer.line.id in responses], responses, manner)
    _read_again(answers)


def withdraw_response(line: LineFacts, *, by: Actor, came_by: str = "page") -> None:
    """Takes back an answer that was sent. Raises Conflict when none was, or at the deadline and after."""
    _refuse_late([line])
    response = _responses([line]).get(line.id)
    if response is None or response.state is ResponseState.DRAFT:
        raise Conflict("No answer was sent for this package, so there is none to take back.")
    if response.state is ResponseState.WITHDRAWN:
        return
    now, version = clock.now(), response.version + 1
    came = {"came_by": came_by, "answered_by_label": by.label}
    values = {"withdrawn_at": now, "updated_at": now, "version": version, **came}
    set_state([response], ResponseState.WITHDRAWN, values=values)
    _note("withdrawn", [(LineAnswer(line, draft_of(response)), version)], Manner(by, came_by))


@in_bulk()
def answer_all(offer_id: UUID, draft: Draft, manner: Manner, seen_version: int | None = None) -> int:
    """Answers every package that can still be answered with what `draft` says of it; how many.

    Raises what `record` raises; an Invalid names the package where there are several.
    """
    lines = locked_open_lines(offer_id)
    answers = [LineAnswer(line, said, seen_version) for line in lines if (said := draft(line)) is not None]
    try:
        record(answers, manner)
    except InvalidAnswer as refusal:
        if len(answers) == 1:
            raise
        about = {name: f"{refusal.line.package}: {sentence}" for name, sentence in refusal.errors.items()}
        raise Invalid(about) from refusal
    return len(answers)


def accepting(price_pence: int | None, start: date | None) -> Draft:
    """A yes to each package at one price; `start` None means the start each one asks for."""
    today = clock.today()

    def draft(line: LineFacts) -> ResponseDraft:
        wanted = start or max(line.planned_start, today)
        return ResponseDraft(ResponseKind.ACCEPT, price_pence=price_pence, earliest_start=wanted)

    return draft


def declining(code: str | None, text: str | None) -> ResponseDraft:
    """A no with what was chosen and typed."""
    return ResponseDraft(ResponseKind.DECLINE, decline_code=code or "", decline_text=text or "")


def price_digest(seed: str, line_id: UUID, version: int, pence: int) -> str:
    """The digest of a sealed price that the audit holds; checked with the seed, which is shown from the deadline on."""
    return sha256(f"{seed}|{line_id.hex}|{version}|{pence}".encode()).hexdigest()


def _responses(lines: Sequence[LineFacts]) -> dict[UUID, Response]:
    """What has been answered so far, as it stands behind the lock.

    Nothing is asked about an offer that nobody has opened: the first answer says so, behind the same lock. Nor about a
    line that was read alone and had no answer: writing tells whether one came meanwhile.
    """
    if not any(line.is_answered for line in lines) and (len(lines) == 1 or all(not line.opened_at for line in lines)):
        return {}
    query = select(Response).where(among(Response.line_id, [line.id for line in lines]))
    responses = db.session.scalars(query.execution_options(populate_existing=True))
    return {response.line_id: response for response in responses}


def _refuse_late(lines: Sequence[LineFacts]) -> None:
    """Raises Conflict when nothing about one of these can be said any more."""
    for line in {(line.issue_state, line.round_state, line.deadline): line for line in lines}.values():
        if reasons := reasons_too_late(terms_of(line, ()), clock.now()):
            raise Conflict(" ".join(reasons.values()))


def _says_the_same(response: Response | None, draft: ResponseDraft, manner: Manner) -> bool:
    return response is not None and response.state is manner.state and draft_of(response) == draft


def _judge(answers: Sequence[LineAnswer], responses: Responses, manner: Manner) -> None:
    """Judges what is said of each package, and whether this provider may say yes there now.

    Packages under the same limits, from the same day, answered alike, are judged once; a yes once in each zone.
    """
    coded = any(answer.draft.decline_code for answer in answers)
    reasons = decline_reasons(answers[0].line.authority_id) if coded else ()
    alike = {}
    for answer in answers:
        line, response = answer.line, responses.get(answer.line.id)
        if answer.seen_version not in (None, response.version if response else 0):
            raise Conflict("Somebody at your organisation has changed this answer since you opened it. Check it again.")
        if response is not None:
            _check_move(response.state, manner)
        limits = line.lot_id, line.deadline, line.floor_pence, line.ceiling_pence, line.planned_start
        alike[*limits, answer.draft] = answer
    for answer in alike.values():
        _check(answer, reasons, manner.submit)
    yeses = [answer.line for answer in answers if manner.submit and answer.draft.kind is ResponseKind.ACCEPT]
    for line in {(line.lot_id, line.zone_id): line for line in yeses}.values():
        if stop := reason_against_yes(line):
            raise Conflict(stop)


def _check_move(state: ResponseState, manner: Manner) -> None:
    """An answer that was sent is changed by sending again: a draft would silently take it back."""
    if state is ResponseState.SUBMITTED and not manner.submit:
        raise Conflict("This answer has been sent. Send the change, or take the answer back first.")
    if state is not manner.state and (reason := state.reason_against(manner.state)):
        raise Conflict(reason)


def _check(answer: LineAnswer, decline_reasons: tuple[DeclineReason, ...], submit: bool) -> None:
    errors = reasons_against_keeping(answer.draft, decline_reasons)
    if submit:
        errors = reasons_against_sending(answer.draft, terms_of(answer.line, decline_reasons), clock.now()) | errors
    if errors:
        raise InvalidAnswer(answer.line, errors)


def _insert(answers: Sequence[LineAnswer], manner: Manner) -> bool:
    """The rows of first answers, with a value for every column; the first to an offer says that it was opened.

    Whether they were written: of a line that was read alone somebody's answer may have come while this one waited.
    """
    if not answers:
        return True
    shared = {"entered_by": None, "spoken_at": None, "version": 1} | _said_how(manner)
    rows = [
        {"id": new_id(), "authority_id": answer.line.authority_id, "line_id": answer.line.id} | _said(answer.draft)
        for answer in answers
    ]
    if len(rows) > 1:
        ready_rows(Response, rows, shared).write()
    elif not insert_unless_there(Response, rows[0] | shared):
        return False
    if unopened := {answer.line.offer_id for answer in answers if answer.line.opened_at is None}:
        now = clock.now()
        db.session.connection().execute(_OPENED, [{"offer": offer_id, "now": now} for offer_id in unopened])
    return True


_OFFER = cast(Table, Offer.__table__)
_OPENED = update(_OFFER).where(_OFFER.c.id == bindparam("offer")).values(opened_at=bindparam("now"))


def _change(answers: Sequence[LineAnswer], responses: Responses, manner: Manner) -> None:
    changed: defaultdict[str, list[tuple[LineAnswer, int]]] = defaultdict(list)
    for answer in answers:
        response = responses[answer.line.id]
        done = "changed" if response.state is ResponseState.SUBMITTED else "sent" if manner.submit else "saved"
        for name, value in (_said(answer.draft) | _said_how(manner)).items():
            setattr(response, name, value)
        response.version += 1
        changed[done].append((answer, response.version))
    db.session.flush()
    for done, versions in changed.items():
        _note(done, versions, manner)


_FIELDS = tuple(ResponseDraft.__dataclass_fields__)


def _said(draft: ResponseDraft) -> dict[str, Any]:
    """The columns of what is said."""
    return {name: getattr(draft, name) for name in _FIELDS} | {"decline_code": draft.decline_code or None}


def _said_how(manner: Manner) -> dict[str, Any]:
    """The columns of how and when it is said, the same for all answers of one act."""
    now = clock.now()
    by_phone = {"entered_by": manner.entered_by, "spoken_at": manner.spoken_at} if manner.entered_by else {}
    return {
        "state": manner.state,
        "submitted_at": now if manner.submit else None,
        "withdrawn_at": None,
        "updated_at": now,
        "came_by": manner.came_by,
        "answered_by_label": manner.by.label,
        **by_phone,
    }


def _note(done: str, answers: Sequence[tuple[LineAnswer, int]], manner: Manner) -> None:
    """Audits what was done to answers, each with its version now, with digests in place of prices."""
    told = [(answer.line.offer, _facts(answer, version, manner)) for answer, version in answers]
    if told:
        audit.record_told(f"response:{done}", told, by=manner.by)


def _facts(answer: LineAnswer, version: int, manner: Manner) -> dict[str, object]:
    line, draft = answer.line, answer.draft
    facts: dict[str, object] = {
        "package": line.package,
        "kind": draft.kind.value if draft.kind else None,
        "decline_code": draft.decline_code or None,
        "came_by": manner.came_by,
        "version": version,
    }
    if draft.price_pence is not None:
        facts["price"] = price_digest(line.seed, line.id, version, draft.price_pence)
    return facts


def _read_again(answers: Sequence[LineAnswer]) -> None:
    """What has been read of the offer and its answers is read again when it is asked for."""
    read: tuple[tuple[type[Owned], set[UUID], str], ...] = (
        (OfferLine, {answer.line.id for answer in answers}, "response"),
        (Offer, {answer.line.offer_id for answer in answers}, "opened_at"),
    )
    for model, ids, name in read:
        key_of = inspect(model).identity_key_from_primary_key
        for row in filter(None, [db.session.identity_map.get(key_of((row_id,))) for row_id in ids]):
            db.session.expire(row, [name])
