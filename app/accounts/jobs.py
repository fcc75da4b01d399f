"""What happens to requests for new passwords: answered within seconds, forgotten after a day."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app import clock
from app.accounts.models import PasswordRequest, PasswordReset
from app.accounts.reset_services import BOX, send_way
from app.auth.keys import opened
from app.database.sweep import sweep, sweep_away, taken

AT_ONCE = 200
KEPT = timedelta(days=1)


def answer_requests() -> int:
    """Answers what was asked in turn, whether there is such an account or not; how many were."""
    query = select(PasswordRequest.id).where(PasswordRequest.email_box.is_not(None))
    return sweep(query.order_by(PasswordRequest.at, PasswordRequest.id).limit(AT_ONCE), _answer)


def _answer(request_id: UUID) -> bool:
    query = select(PasswordRequest).where(PasswordRequest.id == request_id, PasswordRequest.email_box.is_not(None))
    asked = taken(query)
    if asked is None or asked.email_box is None:
        return False
    email = opened(BOX, asked.email_box)
    asked.email_box = None
    if email:
        send_way(email)
    return True


def forget_old() -> int:
    """Deletes requests and links of more than a day ago; how many requests there were."""
    before = clock.now() - KEPT
    sweep_away(PasswordReset, PasswordReset.expires_at < before)
    return sweep_away(PasswordRequest, PasswordRequest.at < before)
