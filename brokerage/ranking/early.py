"""Closing a round before its deadline: when everybody invited has answered, or with a reason and a second person."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Exists, exists, select
from sqlalchemy.orm import aliased

from app import audit, clock
from app.audit import Actor
from app.database import db, locked
from app.errors import Conflict, NotAllowed, reason_given
from brokerage.ranking.access import HAS_CONFLICT, Declared, declared_by
from brokerage.ranking.models import EarlyClosing
from marketplace.rounds.models import Issue, Offer, OfferLine, Response, Round
from marketplace.rounds.queries import all_have_answered, officer_entered_any, sealed_sentence
from marketplace.rounds.rules import OfferState, ResponseState
from marketplace.rounds.services import close_early

ALL_ANSWERED = "Everybody who was invited has answered."
ENTERED_BY_PHONE = (
    "You entered an answer to this by phone, so you cannot close it early alone. Somebody else can, "
    "or you give a reason and a second person agrees."
)


def unanswered_lines(issue_id: UUID | ColumnElement[UUID]) -> Exists:
    """An EXISTS over the issue's lines without a sent answer; `issue_id` is a value or a column."""
    line, offer, response = aliased(OfferLine), aliased(Offer), aliased(Response)
    sent = exists().where(response.line_id == line.id, response.state == ResponseState.SUBMITTED)
    return exists().where(offer.issue_id == issue_id, line.offer_id == offer.id, ~sent)


def open_request(issue: Issue) -> EarlyClosing | None:
    """The request to close this issue early that waits for a second person."""
    query = select(EarlyClosing).where(EarlyClosing.issue_id == issue.id, EarlyClosing.agreed_at.is_(None))
    return db.session.scalars(query.order_by(EarlyClosing.asked_at.desc()).limit(1)).one_or_none()


def ask_to_close_early(issue: Issue, reason: str, *, by: Actor) -> EarlyClosing:
    """Asks a second person to agree. Raises Invalid without a reason, Conflict when one waits already."""
    asker = _person(issue, by)
    reason = reason_given(reason, "reason", what="Say why the round must close early")
    _lock_open(issue)
    if open_request(issue) is not None:
        raise Conflict("Somebody has asked to close this early already. A second person can agree.")
    asked = EarlyClosing(authority_id=issue.authority_id, issue_id=issue.id, reason=reason, asked_by=asker)
    db.session.add(asked)
    db.session.flush()
    audit.record("ranking:early_closing_asked", issue, by=by, reason=reason)
    return asked


def agree_to_close_early(asked: EarlyClosing, issue: Issue, *, by: Actor) -> None:
    """Closes the rounds now and tells everybody invited. Raises NotAllowed for whoever asked."""
    agreeing = _person(issue, by)
    _lock_open(issue)
    db.session.refresh(asked)
    if asked.agreed_at is not None:
        raise Conflict("Somebody has agreed to this already.")
    if asked.asked_by == agreeing:
        raise NotAllowed("You asked for this, so a second person must agree.")
    asked.agreed_by, asked.agreed_at = agreeing, clock.now()
    db.session.flush()
    audit.record("ranking:early_closing_agreed", issue, by=by, reason=asked.reason)
    close_early(issue, asked.reason, by=by)


def close_when_answered(issue: Issue, *, by: Actor) -> None:
    """Closes the rounds now, for everybody invited has answered; they are told. Raises Conflict while one has not.

    Raises NotAllowed for whoever entered one of the answers by telephone: nobody completes a round and closes it alone.
    """
    person = _person(issue, by)
    _lock_open(issue)
    if entered_by_phone(issue, person):
        raise NotAllowed(ENTERED_BY_PHONE)
    if not all_have_answered(issue):
        raise Conflict("Not everybody who was invited has answered. Give a reason and ask a second person.")
    audit.record("ranking:closed_early", issue, by=by, reason=ALL_ANSWERED)
    close_early(issue, ALL_ANSWERED, by=by)


def entered_by_phone(issue: Issue, user_id: UUID) -> bool:
    """Whether this user entered an answer to any round of the issue by telephone."""
    return officer_entered_any(select(Round.id).where(Round.issue_id == issue.id), user_id)


def _person(issue: Issue, by: Actor) -> UUID:
    if by.id is None:
        raise NotAllowed("Only a person can close a round early.")
    if declared_by(by.id, issue) is Declared.CONFLICT:
        raise NotAllowed(HAS_CONFLICT)
    return by.id


def refuse_unless_open(issue: Issue) -> None:
    """Raises Conflict where there is nothing to close early."""
    if issue.state is OfferState.CLOSED:
        raise Conflict("This round is closed already. Its answers can be ranked.")
    if issue.state is not OfferState.OPEN:
        raise Conflict(sealed_sentence(issue))


def _lock_open(issue: Issue) -> None:
    db.session.execute(locked(select(Issue.id).where(Issue.id == issue.id)))
    db.session.refresh(issue, ["state", "deadline", "ended_at"])
    refuse_unless_open(issue)
    if clock.now() >= issue.deadline:
        raise Conflict("The deadline has passed already. The round is being closed.")
