"""The end of the audit, told daily to the auditors: a copy outside the database that shows whether its end was cut off."""

from __future__ import annotations

import logging
from datetime import datetime, time

from sqlalchemy import Select, select

from app import clock
from app.audit.verify import head
from app.database import db
from app.messages import LetterTemplate, send
from app.messages.models import Message
from app.parties.models import User, UserRole
from app.parties.queries import to_user
from app.parties.roles import Role

KIND = "audit_head"
AUDIT_HEAD = LetterTemplate("audit_head", KIND, folder="app.pages.letters", about="user_account", link="/audit")

log = logging.getLogger(__name__)


def tell_the_head() -> int:
    """Tells every auditor who has not been told today; the number told. It also stands in the log."""
    last = head()
    auditors = list(db.session.scalars(_not_told_today())) if last else []
    if last is None or not auditors:
        db.session.rollback()
        return 0
    log.info("the audit's last block is %s", last)
    for auditor in auditors:
        letter = AUDIT_HEAD.write(auditor.id, auditor.organisation_id, blocks=last.number, head=last)
        send(to_user(auditor), letter)
    db.session.commit()
    return len(auditors)


def _not_told_today() -> Select[User]:
    told = select(Message.user_id).where(
        Message.kind == KIND,
        Message.user_id == User.id,
        Message.created_at >= datetime.combine(clock.today(), time.min, clock.LONDON),
    )
    auditor = select(UserRole.user_id).where(UserRole.role == Role.AUDITOR)
    return select(User).where(User.id.in_(auditor), User.disabled_at.is_(None), ~told.exists()).order_by(User.id)
