"""Proof of notice: per provider that was asked, what became of its messages, and whether its silence may count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from app import clock
from app.database import db
from app.messages.letters import DeliveryState
from app.messages.models import Delivery, Message
from app.parties.viewer import Viewer
from marketplace.providers.models import Provider
from marketplace.rounds.letters import NEW_OFFER
from marketplace.rounds.models import Issue, Offer, OfferLine, Response
from marketplace.rounds.rules import MessageFate, Notice, NoticeFacts, OfferState, ResponseState, notice_state

SENT_STATES = (
    ResponseState.SUBMITTED,
    ResponseState.AWARDED,
    ResponseState.NOT_AWARDED,
    ResponseState.PULLED_OUT,
)


@dataclass(frozen=True, slots=True)
class NoticeOfOffer:
    """One provider that was asked. Counts are of emails; `answered` of `packages` says nothing of what was answered."""

    offer_id: UUID
    reference: str
    provider_id: UUID
    provider_name: str
    notice: Notice
    inbox_at: datetime | None
    emails: int
    sent: int
    delivered: int
    bounced: int
    opened_at: datetime | None
    packages: int
    answered: int
    phoned_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Answers:
    packages: int = 0
    answered: int = 0
    phoned_at: datetime | None = None


def notice_of_issue(issue: Issue) -> list[NoticeOfOffer]:
    """Everybody asked in an issue, by name, with the proof that they were told; four queries."""
    offers = _offers_of(issue)
    ids = [offer.id for offer, _ in offers]
    messages, answers = _messages(ids), _answers(ids)
    return [
        _notice(issue, offer, provider, messages.get(offer.id), answers.get(offer.id, _Answers()))
        for offer, provider in offers
    ]


def _offers_of(issue: Issue) -> Sequence[tuple[Offer, str]]:
    query = select(Offer, Provider.name).join(Provider, Provider.id == Offer.provider_id)
    rows = db.session.execute(query.where(Offer.issue_id == issue.id).order_by(Provider.name, Offer.id))
    return [(row[0], row[1]) for row in rows.unique()]


def _messages(offer_ids: Iterable[UUID]) -> dict[UUID, tuple[datetime, list[Delivery]]]:
    """The inbox item of each offer, and its emails."""
    items = select(Message.id, Message.about_id, Message.created_at)
    items = items.where(Message.about_id.in_(list(offer_ids)), Message.kind == NEW_OFFER)
    rows = db.session.execute(items).all()
    emails: defaultdict[UUID, list[Delivery]] = defaultdict(list)
    for delivery in db.session.scalars(select(Delivery).where(Delivery.message_id.in_([row.id for row in rows]))):
        emails[delivery.message_id].append(delivery)
    return {row.about_id: (row.created_at, emails[row.id]) for row in rows}


def _answers(offer_ids: Iterable[UUID]) -> dict[UUID, _Answers]:
    query = (
        select(
            OfferLine.offer_id,
            func.count(),
            func.count().filter(Response.state.in_(SENT_STATES)),
            func.min(Response.spoken_at),
        )
        .outerjoin(Response, Response.line_id == OfferLine.id)
        .where(OfferLine.offer_id.in_(list(offer_ids)))
        .group_by(OfferLine.offer_id)
    )
    return {row[0]: _Answers(row[1], row[2], row[3]) for row in db.session.execute(query)}


def _notice(
    issue: Issue,
    offer: Offer,
    provider_name: str,
    message: tuple[datetime, list[Delivery]] | None,
    answers: _Answers,
) -> NoticeOfOffer:
    inbox_at, emails = message or (None, [])
    opened = [moment for moment in (offer.opened_at, *(email.opened_at for email in emails)) if moment is not None]
    facts = NoticeFacts(
        issued_at=offer.issued_at,
        deadline=issue.deadline,
        inbox_at=inbox_at,
        messages=tuple(MessageFate(email.sent_at, email.bounced_at) for email in emails),
        phoned_at=answers.phoned_at,
        withdrawn_at=issue.ended_at if issue.state is OfferState.WITHDRAWN else None,
    )
    return NoticeOfOffer(
        offer_id=offer.id,
        reference=offer.reference,
        provider_id=offer.provider_id,
        provider_name=provider_name,
        notice=notice_state(facts, clock.now()),
        inbox_at=inbox_at,
        emails=len(emails),
        sent=sum(email.sent_at is not None and email.bounced_at is None for email in emails),
        delivered=sum(email.state is DeliveryState.DELIVERED for email in emails),
        bounced=sum(email.bounced_at is not None for email in emails),
        opened_at=min(opened, default=None),
        packages=answers.packages,
        answered=answers.answered,
        phoned_at=answers.phoned_at,
    )


def bounced_offers(viewer: Viewer) -> Select[UUID, str, datetime, UUID]:
    """Open offers of the authority of which every email bounced: offer, provider's name, deadline, issue."""
    told = (
        select(Delivery.id)
        .join(Message, Message.id == Delivery.message_id)
        .where(Message.about_id == Offer.id, Message.kind == NEW_OFFER)
    )
    return (
        select(Offer.id, Provider.name, Issue.deadline, Issue.id)
        .join(Issue, Issue.id == Offer.issue_id)
        .join(Provider, Provider.id == Offer.provider_id)
        .where(
            Offer.authority_id == viewer.authority_id,
            Issue.state == OfferState.OPEN,
            told.where(Delivery.bounced_at.is_not(None)).exists(),
            ~told.where(Delivery.bounced_at.is_(None)).exists(),
        )
        .order_by(Issue.deadline, Provider.name)
    )
