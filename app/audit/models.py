"""Tables of the audit. Triggers, made by a migration, refuse UPDATE and DELETE on all but `audit_fact`."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.actor import ActorKind
from app.database import Json, Model, Retention, Row, one_of


class AuditEntry(Row):
    """One thing that was done. `facts_digest` is salted, so facts can be deleted and the chain still holds."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_id", "at"),
        Index("ix_audit_entry_tag_at", "tag", "at"),
        Index("ix_audit_entry_authority", "authority_id", "at", "id"),
    )
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.AUDIT

    at: Mapped[datetime]
    tag: Mapped[str] = mapped_column(String(80))
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[UUID] = mapped_column(Uuid())
    authority_id: Mapped[UUID | None] = mapped_column(Uuid())
    actor_kind: Mapped[ActorKind] = one_of(ActorKind, "actor_kind")
    actor_id: Mapped[UUID | None] = mapped_column(Uuid())
    actor_label: Mapped[str] = mapped_column(String(300))
    actor_organisation_id: Mapped[UUID | None] = mapped_column(Uuid())
    facts_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AuditFact(Model):
    """The readable facts and the reason of one entry, with the salt of their digest.

    Entries of one act have their facts and their salt in common, so they are deleted together or not at all.
    """

    __tablename__ = "audit_fact"
    personal: ClassVar = frozenset({"facts", "reason"})
    retention: ClassVar = Retention.AUDIT

    entry_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("audit_entry.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str | None] = mapped_column(Text())
    facts: Mapped[dict[str, object]] = mapped_column(Json)


class AuditBlock(Model):
    """A sealed run of entries, linked to the block before by its hash."""

    __tablename__ = "audit_block"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.AUDIT

    number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    sealed_at: Mapped[datetime]
    previous_hash: Mapped[str] = mapped_column(String(64))
    entries: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class AuditBlockEntry(Model):
    """Which entry stands at which place of which block, and the digest it had when it was sealed."""

    __tablename__ = "audit_block_entry"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.AUDIT

    entry_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("audit_entry.id"), primary_key=True)
    block_number: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), ForeignKey("audit_block.number"), index=True
    )
    place: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class AccessLog(Row):
    """One read of a person's identity: who, in which role, of whom, on which page."""

    __tablename__ = "access_log"
    personal: ClassVar = frozenset()
    retention: ClassVar = Retention.AUDIT

    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column(Uuid(), index=True)
    actor_kind: Mapped[ActorKind] = one_of(ActorKind, "actor_kind")
    actor_id: Mapped[UUID | None] = mapped_column(Uuid())
    actor_label: Mapped[str] = mapped_column(String(300))
    page: Mapped[str] = mapped_column(String(120))
