"""Reading the audit: the timeline of one object, and the facts of entries, as one audience may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select

from app.audit.models import AuditEntry, AuditFact
from app.audit.tags import OF_THE_COUNCIL, Audience, Seal, Told, seen_by, tag_named
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
    actor_id: UUID | None = None

    def told_by(self, names: Mapping[UUID, str]) -> TimelineItem:
        """The same with the name of who acted, for readers who may know it."""
        name = names.get(self.actor_id) if self.actor_id else None
        return replace(self, who=f"{name}, {self.who}") if name else self


def timeline(
    subject_id: UUID,
    audience: Audience,
    *,
    limit: int = 50,
    reasons: bool = True,
    of: Collection[UUID] | None = None,
) -> list[TimelineItem]:
    """The newest entries about one object, newest first. The caller has checked that the viewer may see the object.

    Without `reasons` no typed words are in it: for readers who may not know of whom they could speak. Of a thing that
    several authorities share, `of` names the organisations in whose audit the entries stand that the viewer may read.
    """
    query = (
        select(AuditEntry, AuditFact)
        .outerjoin(AuditFact, AuditFact.entry_id == AuditEntry.id)
        .where(AuditEntry.subject_id == subject_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id)
        .limit(limit)
    )
    if of is not None:
        query = query.where(AuditEntry.authority_id.in_(of))
    if audience is not Audience.AUDITOR:
        query = query.where(AuditEntry.tag.in_(seen_by(audience)))
    items = [_item(*read, audience) for read in as_read(db.session.execute(query).all(), audience)]
    return items if reasons else [replace(item, reason=None) for item in items]


def as_read(
    rows: Sequence[Row[AuditEntry, AuditFact]], audience: Audience
) -> Iterator[tuple[AuditEntry, AuditFact | None, dict[str, object]]]:
    """Entries with the facts that this audience may read of them; where they are sealed, until when instead."""
    sealed = _sealed(rows) if audience in OF_THE_COUNCIL else {}
    for entry, fact in rows:
        until, known = sealed.get(entry.id), dict(fact.facts) if fact else {}
        yield entry, fact, {"sealed": until} if until else tag_named(entry.tag).facts_for(audience, known)


def _sealed(rows: Sequence[Row[AuditEntry, AuditFact]]) -> dict[UUID, str]:
    """Until when the facts of entries are sealed, by the entry's id: one question for all entries under one seal."""
    under: defaultdict[Seal, list[tuple[UUID, Told]]] = defaultdict(list)
    for entry, fact in rows:
        if fact and (seal := tag_named(entry.tag).seal):
            under[seal].append((entry.id, Told(entry.subject_id, fact.facts)))
    found: dict[UUID, str] = {}
    for seal, told in under.items():
        answers = zip(told, seal([entry for _, entry in told]), strict=True)
        found |= {entry_id: until for (entry_id, _), until in answers if until}
    return found


def _item(entry: AuditEntry, fact: AuditFact | None, facts: dict[str, object], audience: Audience) -> TimelineItem:
    tag = tag_named(entry.tag)
    shows_reason = audience in OF_THE_COUNCIL or "reason" in tag.shown.get(audience, frozenset())
    reason = fact.reason if fact and shows_reason else None
    return TimelineItem(entry.at, entry.tag, tag.sentence, _who(entry, audience), reason, facts, entry.actor_id)


def _who(entry: AuditEntry, audience: Audience) -> str:
    """Providers and people read organisations, not which officer's role acted."""
    return entry.actor_label if audience in OF_THE_COUNCIL else entry.actor_label.split(", ")[-1]
