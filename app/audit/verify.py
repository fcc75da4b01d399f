"""Checking the audit: every entry against its digest, every block against its hash and its link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from app.audit.digests import FIRST, block_hash, entry_digest, facts_digest
from app.audit.models import AuditBlock, AuditBlockEntry, AuditEntry, AuditFact
from app.audit.services import digested
from app.database import db


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the whole audit found: the first fault as a sentence, or none."""

    entries: int
    blocks: int
    unsealed: int
    fault: str | None

    @property
    def sentence(self) -> str:
        """The verdict as a person reads it."""
        counts = f"{self.entries} entries, {self.blocks} blocks, {self.unsealed} not sealed yet"
        return f"The audit does not hold: {self.fault} ({counts})" if self.fault else f"The audit holds: {counts}."


def verify() -> Verdict:
    """Checks all entries and blocks, oldest first, and names the first fault."""
    entries = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    blocks = db.session.scalar(select(func.count()).select_from(AuditBlock)) or 0
    sealed = db.session.scalar(select(func.count()).select_from(AuditBlockEntry)) or 0
    fault = _entry_fault() or next(_block_faults(), None)
    return Verdict(entries, blocks, entries - sealed, fault)


def _entry_fault() -> str | None:
    query = select(AuditEntry, AuditFact).outerjoin(AuditFact, AuditFact.entry_id == AuditEntry.id)
    oldest_first = query.order_by(AuditEntry.at, AuditEntry.id).execution_options(yield_per=1000)
    with db.session.execute(oldest_first) as rows:
        return next((fault for entry, fact in rows if (fault := _fault_of(entry, fact))), None)


def _fault_of(entry: AuditEntry, fact: AuditFact | None) -> str | None:
    which = f"entry {entry.id} of {entry.at:%d %B %Y %H:%M}"
    if entry_digest(digested(entry)) != entry.digest:
        return f"{which} was changed."
    if fact and facts_digest(fact.salt, fact.reason, fact.facts) != entry.facts_digest:
        return f"the facts of {which} were changed."
    return None


def _block_faults() -> Iterator[str]:
    previous, expected = FIRST, 1
    for block in db.session.scalars(select(AuditBlock).order_by(AuditBlock.number)):
        digests = db.session.scalars(
            select(AuditEntry.digest)
            .join(AuditBlockEntry, AuditBlockEntry.entry_id == AuditEntry.id)
            .where(AuditBlockEntry.block_number == block.number)
            .order_by(AuditBlockEntry.place)
        ).all()
        if block.number != expected or block.previous_hash != previous:
            yield f"block {expected} is missing or not linked to the one before."
        if len(digests) != block.entries or block_hash(block.number, previous, digests) != block.hash:
            yield f"block {block.number} has lost or changed an entry."
        previous, expected = block.hash, block.number + 1
