"""Sealing the audit, each minute, by the leader."""

from __future__ import annotations

from app.audit.services import seal
from app.database import db


def seal_entries() -> int:
    """Seals everything that waits, block by block; the number of entries sealed."""
    total = 0
    while count := seal():
        db.session.commit()
        total += count
    db.session.rollback()
    return total
