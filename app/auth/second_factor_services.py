"""The second factor: a code from an app on the telephone, or a recovery code on paper. Each is good once."""

from __future__ import annotations

import re
import secrets
from uuid import UUID

from sqlalchemy import delete, select, update

from app import audit, clock
from app.audit import Actor
from app.auth import limits
from app.auth.arrival import Arrival
from app.auth.keys import closed, keyed_digest, keyed_digests, opened
from app.auth.letters import SECOND_FACTOR_REPLACED, SECOND_FACTOR_TAKEN_AWAY, tell
from app.auth.models import RecoveryCode, SecondFactor, UserSession
from app.auth.second_factor import codes_left, step_of
from app.auth.sessions import Started, complete_session, end_sessions_of
from app.auth.tokens import end_tokens
from app.database import db, locked, new_id
from app.database.bulk import insert_rows
from app.database.many import rows_changed
from app.errors import Invalid
from app.parties.models import User
from app.parties.viewer import viewer_of

PURPOSE = "second factor"
RECOVERY_CODES = 10
FEW_CODES = 4
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and figures that nobody mistakes for one another on paper."""
WRONG = "This code is not right, or was used before. Wait for the next one and type it."


def set_up(user: User, secret: str, code: str, *, by: Actor) -> list[str]:
    """Takes a telephone whose app has shown the right code, in place of any before; the new recovery codes.

    Raises Invalid at `code`. The code that set it up cannot be used again.
    """
    step = step_of(secret, code, clock.now())
    if step is None:
        raise Invalid(
            {"code": "This is not the code that belongs to this key. Check the telephone's clock; try again."}
        )
    replaces = rows_changed(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    factor = SecondFactor(user_id=user.id, secret=closed(PURPOSE, secret), made_at=clock.now(), last_step=step)
    db.session.add(factor)
    db.session.flush()
    audit.record("second_factor:set_up", user, by=by)
    if replaces:
        tell(user, SECOND_FACTOR_REPLACED)
    return _new_codes(user.id)


def renew_recovery_codes(user: User, *, by: Actor) -> list[str]:
    """Ten new codes; the ones before are worth nothing."""
    audit.record("second_factor:codes_renewed", user, by=by)
    return _new_codes(user.id)


def _new_codes(user_id: UUID) -> list[str]:
    codes = ["-".join(_letters(4) for _ in range(3)) for _ in range(RECOVERY_CODES)]
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    rows = [{"id": new_id(), "user_id": user_id, "code_hash": keyed_digest(PURPOSE, _bare(code))} for code in codes]
    insert_rows(RecoveryCode, rows)
    return codes


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def _bare(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def pass_second_factor(half: UserSession, typed: str, arrival: Arrival) -> Started:
    """Lets a half-signed-in session in, if what was typed is the code of now or an unused recovery code.

    Raises Invalid at `code`, and TooManyTries. Ends the transaction before it; the session's row is read anew.
    """
    session_id, user_id = half.id, half.user_id
    try_id = limits.begin(limits.code_try(user_id, arrival))
    if not (_takes_step(user_id, typed) or _takes_recovery_code(user_id, typed)):
        raise Invalid({"code": WRONG})
    db.session.execute(limits.taking_back(try_id))
    return complete_session(db.session.get_one(UserSession, session_id))


def _takes_step(user_id: UUID, typed: str) -> bool:
    """Whether this is a code that is due, and of a later step than any used before: two at once, one gets in."""
    factor = db.session.scalars(locked(select(SecondFactor).where(SecondFactor.user_id == user_id))).one_or_none()
    secret = opened(PURPOSE, factor.secret) if factor else None
    step = step_of(secret, typed, clock.now()) if secret else None
    if factor is None or secret is None or step is None or step <= factor.last_step:
        return False
    factor.last_step = step
    factor.secret = closed(PURPOSE, secret)  # under the present key, if it was closed under the one before
    db.session.flush()
    return True


def _takes_recovery_code(user_id: UUID, typed: str) -> bool:
    """Whether this is an unused recovery code; it is used now."""
    fits = RecoveryCode.code_hash.in_(keyed_digests(PURPOSE, _bare(typed)))
    mine = (RecoveryCode.user_id == user_id) & RecoveryCode.used_at.is_(None) & fits
    if not rows_changed(update(RecoveryCode).where(mine).values(used_at=clock.now())):
        return False
    user = db.session.get_one(User, user_id)
    audit.record("second_factor:recovered", user, by=viewer_of(user).actor, left=codes_left(user_id))
    return True


def forget_second_factor(user: User, *, by: Actor) -> None:
    """Takes away a second factor that was lost, with its recovery codes; all the user's sessions and tokens end, and they are told."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    db.session.flush()
    audit.record("second_factor:forgotten", user, by=by)
    end_sessions_of(user, because="The second factor was taken away.", by=by)
    end_tokens(user, by=by)
    tell(user, SECOND_FACTOR_TAKEN_AWAY)
