"""What is forgotten by itself: failures that no limit counts any more, forms whose owner did not come back, answers
kept for requests that nobody sends again.
"""

from __future__ import annotations

from app import clock
from app.auth.models import FailedTry, KeptForm
from app.auth.rules import KEEP_ANSWERS, KEEP_FAILURES, KEEP_TYPED
from app.database.sweep import sweep_away
from app.http.models import RepeatedRequest


def forget_failures() -> int:
    """Deletes failed sign-ins of more than an hour ago; how many there were."""
    return sweep_away(FailedTry, FailedTry.at < clock.now() - KEEP_FAILURES)


def forget_kept_forms() -> int:
    """Deletes what has waited an hour for its owner; how many there were."""
    return sweep_away(KeptForm, KeptForm.created_at <= clock.now() - KEEP_TYPED)


def forget_answers() -> int:
    """Deletes answers of more than a week ago, with what stands in them; how many there were."""
    return sweep_away(RepeatedRequest, RepeatedRequest.created_at < clock.now() - KEEP_ANSWERS)
