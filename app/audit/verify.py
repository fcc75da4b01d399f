"""Checking the audit: every entry against its digest, every block against its hash and its link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from sqlalchemy import func, or_, select

from app.audit.digests import FIRST, block_hash, facts_digest
from app.audit.models import AuditBlock, AuditBlockEntry, AuditEntry, AuditFact
from app.audit.services import digest_of
from app.database import db

FACTS_DELETED = "audit:facts_deleted"
"""The tag under which retention says whose facts it deleted: `entries` holds their ids."""


@dataclass(frozen=True, slots=True)
class ChainVerdict:
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


@dataclass(frozen=True, slots=True)
class Head:
    """The last block at some moment, as it was told to somebody outside: what the audit must still contain."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def head() -> Head | None:
    """The last sealed block, or None before the first."""
    row = db.session.execute(select(AuditBlock.number, AuditBlock.hash).order_by(AuditBlock.number.desc()).limit(1))
    return next((Head(number, digest) for number, digest in row), None)


def verify(remembered: Head | None = None) -> ChainVerdict:
    """Checks all entries and blocks, oldest first, and names the first fault.

    With a head that was noted earlier outside the database, an audit whose end was cut off is found too.
    """
    entries = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    blocks = db.session.scalar(select(func.count()).select_from(AuditBlock)) or 0
    sealed = db.session.scalar(select(func.count()).select_from(AuditBlockEntry)) or 0
    fault = _entry_fault() or _sealed_fault() or next(_block_faults(), None) or _cut(remembered)
    return ChainVerdict(entries, blocks, entries - sealed, fault)


def _cut(remembered: Head | None) -> str | None:
    if remembered is None or db.session.scalar(
        select(AuditBlock.number).where(AuditBlock.number == remembered.number, AuditBlock.hash == remembered.hash)
    ):
        return None
    return f"block {remembered.number} is not the one that was noted: the audit was cut off or written anew."


def _entry_fault() -> str | None:
    gone = _deleted_by_retention()
    query = select(AuditEntry, AuditFact).outerjoin(AuditFact, AuditFact.entry_id == AuditEntry.id)
    oldest_first = query.order_by(AuditEntry.at, AuditEntry.id).execution_options(yield_per=1000)
    with db.session.execute(oldest_first) as rows:
        return next((fault for entry, fact in rows if (fault := _fault_of(entry, fact, gone))), None)


def _sealed_fault() -> str | None:
    """The first sealed entry that is gone, or that was written anew with a digest of its own."""
    query = (
        select(AuditBlockEntry.block_number, AuditBlockEntry.place, AuditBlockEntry.entry_id, AuditEntry.id)
        .outerjoin(AuditEntry, AuditEntry.id == AuditBlockEntry.entry_id)
        .where(or_(AuditEntry.id.is_(None), AuditEntry.digest != AuditBlockEntry.digest))
        .order_by(AuditBlockEntry.block_number, AuditBlockEntry.place)
    )
    for block, place, entry_id, found in db.session.execute(query.limit(1)):
        what = "was written anew after it was sealed" if found else "is missing"
        return f"entry {entry_id}, number {place + 1} of block {block}, {what}."
    return None


def _deleted_by_retention() -> set[str]:
    """The entries whose facts were deleted when their time was over, as sealed entries name them."""
    query = select(AuditFact.facts).join(AuditEntry, AuditEntry.id == AuditFact.entry_id)
    sealed = query.join(AuditBlockEntry, AuditBlockEntry.entry_id == AuditEntry.id)
    named = db.session.scalars(sealed.where(AuditEntry.tag == FACTS_DELETED))
    return {str(entry_id) for facts in named for entry_id in cast(list[object], facts.get("entries", []))}


def _fault_of(entry: AuditEntry, fact: AuditFact | None, gone: set[str]) -> str | None:
    which = f"entry {entry.id} of {entry.at:%d %B %Y %H:%M}"
    if digest_of(entry) != entry.digest:
        return f"{which} was changed."
    if fact is None and str(entry.id) not in gone:
        return f"the facts of {which} are missing, and no retention entry names them."
    if fact and facts_digest(fact.salt, fact.reason, fact.facts) != entry.facts_digest:
        return f"the facts of {which} were changed."
    return None


def _block_faults() -> Iterator[str]:
    previous, expected = FIRST, 1
    for block in db.session.scalars(select(AuditBlock).order_by(AuditBlock.number)):
        digests = db.session.scalars(
            select(AuditBlockEntry.digest)
            .where(AuditBlockEntry.block_number == block.number)
            .order_by(AuditBlockEntry.place)
        ).all()
        if block.number != expected or block.previous_hash != previous:
            yield f"block {expected} is missing or not linked to the one before."
        if len(digests) != block.entries or block_hash(block.number, previous, digests) != block.hash:
            yield f"block {block.number} has lost or changed an entry."
        previous, expected = block.hash, block.number + 1
