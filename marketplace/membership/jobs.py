"""What happens by itself: contract managers are written to on the day of a suspension's review, and providers before a
document of theirs expires.

Suspensions end by their dates; nothing needs to run for that.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select

from app import audit, clock
from app.audit import SYSTEM
from app.database import db
from app.database.sweep import sweep, taken
from marketplace.applications.letters import DOCUMENT_EXPIRES, tell
from marketplace.applications.models import ApplicationCheck
from marketplace.applications.rules import CHECK_NAMES, REMIND_DAYS, reminder_due
from marketplace.membership import letters
from marketplace.membership.models import Suspension
from marketplace.membership.queries import documents_of_members

REMINDED_AT_ONCE = 200


def remind_of_reviews() -> int:
    """Writes to contract managers about each suspension whose review is due."""
    due = (
        select(Suspension.id)
        .where(
            Suspension.review_on <= clock.today(),
            Suspension.ends_on >= clock.today(),
            Suspension.lifted_at.is_(None),
            Suspension.reminded_on.is_(None),
        )
        .order_by(Suspension.review_on)
        .limit(REMINDED_AT_ONCE)
    )
    return sweep(due, _remind)


def _remind(suspension_id: UUID) -> bool:
    suspension = taken(select(Suspension).where(Suspension.id == suspension_id, Suspension.reminded_on.is_(None)))
    if suspension is None:
        return False
    suspension.reminded_on = clock.today()
    letters.tell_review_due(suspension)
    return True


def remind_of_documents() -> int:
    """Writes to providers whose documents expire in 60, 30 or 7 days, once each."""
    today, sent = clock.today(), ApplicationCheck.reminded_days
    due = or_(
        *(
            and_(or_(sent.is_(None), sent > days), ApplicationCheck.expires_on <= today + timedelta(days=days))
            for days in REMIND_DAYS
        )
    )
    query = documents_of_members().where(ApplicationCheck.expires_on >= today, due)
    return sweep(query.with_only_columns(ApplicationCheck.id), _remind_of)


def _remind_of(check_id: UUID) -> bool:
    check = taken(select(ApplicationCheck).where(ApplicationCheck.id == check_id))
    days = check and check.expires_on and reminder_due(check.expires_on, clock.today(), check.reminded_days)
    if check is None or not days:
        return False
    check.reminded_days = days
    db.session.flush()
    audit.record("document:reminded", check.application, by=SYSTEM, check=check.kind.value, days=days)
    application, about_it = check.application, {"document": CHECK_NAMES[check.kind], "expires_on": check.expires_on}
    tell(application.provider, DOCUMENT_EXPIRES, application, **about_it)
    return True
