"""Writing the audit: one entry per act, in the act's own transaction; sealing entries into blocks."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.audit.actor import Actor
from app.audit.digests import FIRST, act_digest, block_hash, entry_digest, facts_digest, set_digest
from app.audit.models import AuditBlock, AuditBlockEntry, AuditEntry, AuditFact
from app.database import db, new_id
from app.database.bulk import ReadyRows, insert_rows, ready_rows

ENTRIES_PER_BLOCK = 5000
Reason = str | Mapping[UUID, str | None] | None
"""Why something was done: the same for all that it was done to, or by the identifier of each."""


class Subject(Protocol):
    """Anything with an id and a table."""

    @property
    def id(self) -> UUID:
        """The row's identifier."""

    @property
    def __tablename__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class RowSubject:
    """A row that is still to be written, as the audit names it."""

    id: UUID
    __tablename__: str
    authority_id: UUID | None = None


def record(tag: str, subject: Subject, *, by: Actor, reason: str | None = None, **facts: object) -> None:
    """Writes one entry about `subject` into the current transaction. Facts must be JSON values."""
    for rows in entries_for(tag, [subject], by=by, reason=reason, **facts):
        rows.write()


def record_each(
    tag: str, subjects: Sequence[Subject], *, by: Actor, reason: str | None = None, **facts: object
) -> None:
    """One entry about each subject, with the same facts, in two statements whatever their number.

    Where there are several, every entry tells how many there were and the digest of the whole set.
    """
    for rows in entries_for(tag, subjects, by=by, reason=reason, **facts):
        rows.write()


def record_told(
    tag: str, told: Iterable[tuple[Subject, Mapping[str, object]]], *, by: Actor, reason: Reason = None
) -> None:
    """One entry about each subject, each with facts of its own, in two statements whatever their number."""
    for rows in entries_told(tag, told, by=by, reason=reason):
        rows.write()


def entries_told(
    tag: str, told: Iterable[tuple[Subject, Mapping[str, object]]], *, by: Actor, reason: Reason = None
) -> tuple[ReadyRows, ReadyRows]:
    """What `record_told` writes, made ready: entries, then their facts; write them in order."""
    reasons = reason if isinstance(reason, Mapping) else {}
    shared = None if isinstance(reason, Mapping) else reason
    return _ready(tag, ((subject, _salted(facts, reasons.get(subject.id, shared))) for subject, facts in told), by)


def entries_for(
    tag: str, subjects: Sequence[Subject], *, by: Actor, reason: str | None = None, **facts: object
) -> tuple[ReadyRows, ReadyRows]:
    """What `record_each` writes, made ready before the transaction: entries, then their facts; write them in order."""
    if len(subjects) > 1:
        facts |= {"set_count": len(subjects), "set_digest": set_digest(subject.id for subject in subjects)}
    salted = _salted(facts, reason)
    return _ready(tag, ((subject, salted) for subject in subjects), by)


class _Salted(NamedTuple):
    """The facts of one entry or of several and why, with the salt of their digest."""

    facts: Mapping[str, object]
    reason: str | None
    salt: str
    digest: str


def _salted(facts: Mapping[str, object], reason: str | None) -> _Salted:
    salt = secrets.token_hex(16)
    return _Salted(facts, reason, salt, facts_digest(salt, reason, facts))


def _ready(tag: str, told: Iterable[tuple[Subject, _Salted]], by: Actor) -> tuple[ReadyRows, ReadyRows]:
    shared = {
        "at": clock.now(),
        "tag": tag,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "actor_label": by.label,
        "actor_organisation_id": by.organisation_id,
    }
    done, entries, readable, acts = _done(SimpleNamespace(**shared)), [], [], dict[tuple[object, ...], str]()
    for subject, salted in told:
        # What belongs to nobody, such as a session, stands in the trail of whoever acted.
        authority_id = getattr(subject, "authority_id", None) or by.organisation_id
        key = (subject.__tablename__, authority_id, salted.digest)
        if key not in acts:  # the digest of an act is worked out once, not once per thing that it is about
            acts[key] = act_digest(done | _about(*key))
        entry_id, digests = new_id(), {"facts_digest": salted.digest}
        digests["digest"] = entry_digest(entry_id, subject.id, acts[key])
        about = {"subject_id": subject.id, "subject_type": subject.__tablename__, "authority_id": authority_id}
        entries.append({"id": entry_id, **about, **digests})
        readable.append({"entry_id": entry_id, "salt": salted.salt, "reason": salted.reason, "facts": salted.facts})
    return ready_rows(AuditEntry, entries, shared), ready_rows(AuditFact, readable)


def _done(entry: AuditEntry | SimpleNamespace) -> dict[str, object]:
    """What was done, when and by whom, as the digest of an act covers it."""
    return {
        "at": entry.at.isoformat(),
        "tag": entry.tag,
        "actor": f"{entry.actor_kind}/{entry.actor_id.hex if entry.actor_id else ''}/{entry.actor_label}",
        "organisation": entry.actor_organisation_id.hex if entry.actor_organisation_id else None,
    }


def _about(subject_type: str, authority_id: UUID | None, digest: str) -> dict[str, object]:
    """What kind of thing it was done to, whose that is, and the digest of the facts."""
    return {"subject": subject_type, "authority": authority_id.hex if authority_id else None, "facts": digest}


def digest_of(entry: AuditEntry) -> str:
    """The digest of an entry out of its columns."""
    about = _about(entry.subject_type, entry.authority_id, entry.facts_digest)
    return entry_digest(entry.id, entry.subject_id, act_digest(_done(entry) | about))


def seal() -> int:
    """Seals the unsealed entries, up to 5,000, into the next block; the number of entries sealed."""
    # Not locked: that would need the right to change blocks. Two that seal at once want the same number; one gets it.
    last = db.session.scalars(select(AuditBlock).order_by(AuditBlock.number.desc()).limit(1)).one_or_none()
    sealed = select(AuditBlockEntry.entry_id)
    waiting = db.session.execute(
        select(AuditEntry.id, AuditEntry.digest)
        .where(AuditEntry.id.not_in(sealed))
        .order_by(AuditEntry.at, AuditEntry.id)
        .limit(ENTRIES_PER_BLOCK)
    ).all()
    if not waiting:
        return 0
    number, previous = (last.number + 1, last.hash) if last else (1, FIRST)
    digest = block_hash(number, previous, [row.digest for row in waiting])
    db.session.add(
        AuditBlock(number=number, sealed_at=clock.now(), previous_hash=previous, entries=len(waiting), hash=digest)
    )
    db.session.flush()
    places = [
        {"entry_id": row.id, "block_number": number, "place": place, "digest": row.digest}
        for place, row in enumerate(waiting)
    ]
    insert_rows(AuditBlockEntry, places)
    return len(waiting)
