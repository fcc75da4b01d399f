"""The audit: what was done, to what, by whom, when and why; in the same transaction as the change.

Entries are append-only (triggers refuse UPDATE and DELETE). They go in unchained; the leader seals them each minute
into hash-linked blocks. The readable facts sit in `audit_fact`, the one audit table retention may delete from; an
entry keeps only their salted digest. A slice lists its tags, each with who may read which facts; unlisted: auditors only.
"""

from app.audit.actor import COMMAND, SYSTEM, Actor, ActorKind
from app.audit.services import entries_for, entries_told, record, record_each, record_told
from app.audit.tags import Audience, Tag

__all__ = [
    "COMMAND",
    "SYSTEM",
    "Actor",
    "ActorKind",
    "Audience",
    "Tag",
    "entries_for",
    "entries_told",
    "record",
    "record_each",
    "record_told",
]
