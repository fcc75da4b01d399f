"""Proof of notice: per provider that was asked, what became of its messages, and whether its silence may count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema
from sqlalchemy import Select, func, select

from app import clock
from app.api.shell import Given
from app.database import db
from app.messages.letters import DeliveryState
from app.messages.models import Delivery, Message
from app.parties.viewer import Viewer
from marketplace.providers.models import Provider
from marketplace.rounds.letters import NEW_OFFER
from marketplace.rounds.models import Issue, Offer, OfferLine, Response
from marketplace.rounds.rules import SENT, MessageFate, NoticeFacts, NoticeState, OfferState, notice_state


class NoticeOut(Given):
    """One provider that was asked: proof of notice, and of how many packages it has sent an answer, never which.

    Counts are of emails. `stopped` says why it may not say yes to some of it now. The override of the gate stands on the
    page alone.
    """

    offer_id: UUID
    reference: str
    provider_id: UUID
    provider_name: str
    notice: NoticeState
    sentence: str
    inbox_at: datetime | None
    emails: int
    sent: int
    delivered: int
    bounced: int
    opened_at: datetime | None
    packages: int
    answered: int
    phoned_at: datetime | None
    stopped: list[str]
    overridden: Annotated[SkipJsonSchema[str | None], Field(exclude=True)] = None


def notice_of_issue(issue: Issue) -> list[NoticeOut]:
    """Everybody asked in an issue, by name, with the proof that they were told; four queries."""
    query = select(Offer, Provider.name).join(Offer.provider).where(Offer.issue_id == issue.id)
    offers = db.session.execute(query.order_by(Provider.name_key, Offer.id)).unique().all()
    ids = [offer.id for offer, _ in offers]
    messages, answers = _messages(ids), _answers(ids)
    return [
        _notice(issue, offer, name, messages.get(offer.id, (None, [])), answers.get(offer.id, (0, 0, None)))
        for offer, name in offers
    ]


def _messages(offer_ids: Iterable[UUID]) -> dict[UUID, tuple[datetime, list[Delivery]]]:
    """The inbox item of each offer, and its emails."""
    items = select(Message.id, Message.about_id, Message.created_at)
    items = items.where(Message.about_id.in_(list(offer_ids)), Message.kind == NEW_OFFER)
    rows = db.session.execute(items).all()
    emails: defaultdict[UUID, list[Delivery]] = defaultdict(list)
    for delivery in db.session.scalars(select(Delivery).where(Delivery.message_id.in_([row.id for row in rows]))):
        emails[delivery.message_id].append(delivery)
    return {row.about_id: (row.created_at, emails[row.id]) for row in rows}


def _answers(offer_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int, datetime | None]]:
    """Per offer of how many packages it is, how many are answered, and when the first answer was heard by telephone."""
    answered = func.count().filter(Response.state.in_(SENT))
    query = (
        select(OfferLine.offer_id, func.count(), answered, func.min(Response.spoken_at))
        .outerjoin(OfferLine.response)
        .where(OfferLine.offer_id.in_(list(offer_ids)))
        .group_by(OfferLine.offer_id)
    )
    return {offer_id: (packages, sent, phoned_at) for offer_id, packages, sent, phoned_at in db.session.execute(query)}


def _notice(
    issue: Issue,
    offer: Offer,
    provider_name: str,
    message: tuple[datetime | None, Sequence[Delivery]],
    answers: tuple[int, int, datetime | None],
) -> NoticeOut:
    (inbox_at, emails), (packages, answered, phoned_at) = message, answers
    opened = [moment for moment in (offer.opened_at, *(email.opened_at for email in emails)) if moment is not None]
    facts = NoticeFacts(
        issued_at=offer.issued_at,
        deadline=issue.deadline,
        inbox_at=inbox_at,
        messages=tuple(MessageFate(email.sent_at, email.bounced_at) for email in emails),
        phoned_at=phoned_at,
        withdrawn_at=issue.ended_at if issue.state is OfferState.WITHDRAWN else None,
    )
    notice = notice_state(facts, clock.now())
    return NoticeOut(
        offer_id=offer.id,
        reference=offer.reference,
        provider_id=offer.provider_id,
        provider_name=provider_name,
        notice=notice.state,
        sentence=notice.sentence,
        inbox_at=inbox_at,
        emails=len(emails),
        sent=sum(email.sent_at is not None and email.bounced_at is None for email in emails),
        delivered=sum(email.state is DeliveryState.DELIVERED for email in emails),
        bounced=sum(email.bounced_at is not None for email in emails),
        opened_at=min(opened, default=None),
        packages=packages,
        answered=answered,
        phoned_at=phoned_at,
        stopped=[],
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
        .join(Offer.issue)
        .join(Offer.provider)
        .where(
            Offer.authority_id == viewer.authority_id,
            Issue.state == OfferState.OPEN,
            told.where(Delivery.bounced_at.is_not(None)).exists(),
            ~told.where(Delivery.bounced_at.is_(None)).exists(),
        )
        .order_by(Issue.deadline, Provider.name_key)
    )
