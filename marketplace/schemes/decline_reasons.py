"""The reasons for declining that an authority starts with: data, which it can change."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from app.database import db
from marketplace.schemes.models import DeclineCode

DEFAULT_DECLINE_CODES: tuple[tuple[str, str, bool], ...] = (
    ("no_staff_at_times", "No carers at the times asked", False),
    ("no_carer_of_gender", "No carer of the gender asked", False),
    ("area_not_covered", "Area not covered", False),
    ("travel", "Too much travel between visits", False),
    ("skills", "Skills or training", False),
    ("double_up", "Two carers at once not possible", False),
    ("start_date", "Start date", False),
    ("price_below_cost", "Price below cost", False),
    ("risk", "Risk or safety", False),
    ("at_capacity", "At capacity", False),
    ("unclear", "The package is unclear", False),
    ("other", "Other", True),
)
"""Code, what a page says, and whether words of one's own are needed too."""


def list_decline_codes(authority_id: UUID) -> int:
    """Gives an authority that has no list the usual one; the number of reasons added."""
    query = select(func.count()).select_from(DeclineCode).where(DeclineCode.authority_id == authority_id)
    if db.session.scalar(query):
        return 0
    for position, (code, label, text_required) in enumerate(DEFAULT_DECLINE_CODES):
        row = {"code": code, "label": label, "text_required": text_required, "position": position}
        db.session.add(DeclineCode(authority_id=authority_id, **row))
    db.session.flush()
    return len(DEFAULT_DECLINE_CODES)
