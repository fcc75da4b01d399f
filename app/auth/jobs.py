"""What is forgotten by itself: failures that no limit counts any more, forms whose owner did not come back, answers
kept for requests that nobody sends again.
"""

from __future__ import annotations

from sqlalchemy import delete

from app import clock
from app.auth.models import FailedTry, KeptForm
from app.auth.rules import KEEP_ANSWERS, KEEP_FAILURES, KEEP_TYPED
from app.database import db
from app.http.models import RepeatedRequest


def forget_failures() -> int:
    """Deletes failed sign-ins of more than an hour ago; how many there were."""
    gone = db.session.execute(delete(FailedTry).where(FailedTry.at < clock.now() - KEEP_FAILURES))
    db.session.commit()
    return int(getattr(gone, "rowcount", 0))


def forget_kept_forms() -> int:
    """Deletes what has waited an hour for its owner; how many there were."""
    gone = db.session.execute(delete(KeptForm).where(KeptForm.created_at <= clock.now() - KEEP_TYPED))
    db.session.commit()
    return int(getattr(gone, "rowcount", 0))


def forget_answers() -> int:
    """Deletes answers of more than a week ago, with what stands in them; how many there were."""
    old = RepeatedRequest.created_at < clock.now() - KEEP_ANSWERS
    gone = db.session.execute(delete(RepeatedRequest).where(old).execution_options(synchronize_session=False))
    db.session.commit()
    return int(getattr(gone, "rowcount", 0))
