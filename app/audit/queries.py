"""Reading the audit: the timeline of one object, as one audience may see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.audit.models import AuditEntry, AuditFact
from app.audit.tags import Audience, seen_by, tag_named
from app.database import db


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One line of a timeline: when, what, who (role and organisation), why, and the facts this audience may see."""

    at: datetime
    tag: str
    sentence: str
    who: str
    reason: str | None
    facts: dict[str, object]


def timeline(subject_id: UUID, audience: Audience, *, limit: int = 50, reasons: bool = True) -> list[TimelineItem]:
    """The newest entries about one object, newest first. The caller has checked that the viewer may see the object.

    Without `reasons` no typed words are in it: for readers who may not know of whom they could speak.
    """
    query = (
        select(AuditEntry, AuditFact)
        .outerjoin(AuditFact, AuditFact.entry_id == AuditEntry.id)
        .where(AuditEntry.subject_id == subject_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id)
        .limit(limit)
    )
    if audience is not Audience.AUDITOR:
        query = query.where(AuditEntry.tag.in_(seen_by(audience)))
    items = [_item(entry, fact, audience) for entry, fact in db.session.execute(query)]
    return items if reasons else [replace(item, reason=None) for item in items]


def _item(entry: AuditEntry, fact: AuditFact | None, audience: Audience) -> TimelineItem:
    tag = tag_named(entry.tag)
    facts = tag.facts_for(audience, dict(fact.facts)) if fact else {}
    shows_reason = audience in {Audience.COUNCIL, Audience.AUDITOR} or "reason" in tag.shown.get(audience, frozenset())
    reason = fact.reason if fact and shows_reason else None
    return TimelineItem(entry.at, entry.tag, tag.sentence, _who(entry, audience), reason, facts)


def _who(entry: AuditEntry, audience: Audience) -> str:
    """Providers and people read organisations, not which officer's role acted."""
    return entry.actor_label if audience in {Audience.COUNCIL, Audience.AUDITOR} else entry.actor_label.split(", ")[-1]
