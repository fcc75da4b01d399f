"""What happens by itself: on the day of a suspension's review the contract managers are written to, once.

Suspensions end by their dates; nothing needs to run for that.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app import clock
from app.database import db, locked
from app.messages.letters import Address, Letter, Recipient
from app.messages.services import send_many
from app.parties.models import User, UserRole
from app.parties.roles import Role
from marketplace.vetting.models import Suspension

REMINDED_AT_ONCE = 200


def remind_of_reviews() -> int:
    """Writes to contract managers about each suspension whose review is due; commits per suspension."""
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
    ids = list(db.session.scalars(due))
    db.session.rollback()
    return sum(_remind(suspension_id) for suspension_id in ids)


def _remind(suspension_id: UUID) -> bool:
    query = select(Suspension).where(Suspension.id == suspension_id, Suspension.reminded_on.is_(None))
    suspension = db.session.scalars(locked(query, skip=True)).one_or_none()
    if suspension is None:
        db.session.rollback()
        return False
    suspension.reminded_on = clock.today()
    letter = Letter(
        "suspension_review_due",
        "A suspension is to be looked at again",
        f"The review of the suspension of {suspension.provider.name} is due. Keep it with a reason, or lift it.",
        f"/suspensions/{suspension.id}",
        suspension.__tablename__,
        suspension.id,
        suspension.authority_id,
    )
    send_many((recipient, letter) for recipient in _contract_managers(suspension.authority_id))
    db.session.commit()
    return True


def _contract_managers(authority_id: UUID) -> list[Recipient]:
    query = (
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            User.organisation_id == authority_id,
            UserRole.role == Role.CONTRACT_MANAGER,
            User.disabled_at.is_(None),
        )
        .order_by(User.email)
    )
    users = db.session.scalars(query).unique()
    return [Recipient(authority_id, user.id, (Address(user.email),)) for user in users]
