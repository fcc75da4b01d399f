"""What the council may not read yet, or ever, of the audit of answers: the same seal as on every page (ADR 14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.audit.tags import Told
from app.database import db
from marketplace.packages.models import Package
from marketplace.rounds.models import Issue, Offer, OfferLine, Round
from marketplace.rounds.rules import OfferState, RoundState, is_sealed

UNTIL_CLOSED = "until the deadline"
FOR_EVER = "for ever: it was taken back before the deadline"
OF_ITS_PROVIDER = "for ever: a draft is its provider's own"


def seal_of_answers(told: Sequence[Told]) -> list[str | None]:
    """Until when each is sealed: what an entry about an offer tells is about one package of it. One query."""
    states = _states({one.subject_id for one in told}, {str(one.facts.get("package")) for one in told})
    return [states.get((one.subject_id, str(one.facts.get("package"))), UNTIL_CLOSED) for one in told]


def seal_of_drafts(told: Sequence[Told]) -> list[str | None]:
    """A draft is never the council's to read."""
    return [OF_ITS_PROVIDER] * len(told)


def _states(offer_ids: set[UUID], references: set[str]) -> dict[tuple[UUID, str], str | None]:
    query = (
        select(Offer.id, Package.reference, Issue.state, Issue.ended_at, Round.state, Round.ended_at)
        .join(Issue, Issue.id == Offer.issue_id)
        .join(OfferLine, OfferLine.offer_id == Offer.id)
        .join(Round, Round.id == OfferLine.round_id)
        .join(Package, Package.id == Round.package_id)
        .where(Offer.id.in_(offer_ids), Package.reference.in_(references))
    )
    return {
        (offer_id, reference): _until(issue, closed_at, one, ended_at)
        for offer_id, reference, issue, closed_at, one, ended_at in db.session.execute(query)
    }


def _until(issue: OfferState, closed_at: datetime | None, one: RoundState, ended_at: datetime | None) -> str | None:
    if not is_sealed(issue, closed_at, one, ended_at):
        return None
    return UNTIL_CLOSED if issue is OfferState.OPEN and one is not RoundState.WITHDRAWN else FOR_EVER
