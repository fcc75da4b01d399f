"""What was typed when a session had ended: kept, encrypted, for the same user alone, until they have signed in again.

A form that is sent after its session has ended is not done and not lost. It waits an hour in the database; signing in
as the same user brings it back, in any browser. Nothing of it stays in the browser in which somebody else may sign in.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Flask, request, session
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.auth.keys import closed, opened
from app.auth.models import KeptForm, UserSession
from app.auth.rules import KEEP_TYPED
from app.auth.sessions import session_with
from app.database import db, new_id, reading_only, writing
from app.http.viewer import viewer_or_none
from app.ui.forms import LOOK_AGAIN

PURPOSE = "kept form"
FIELD = "kept_form"
NOT_KEPT = frozenset({"csrf_token", "idempotency_key", FIELD, LOOK_AGAIN})
MOST_CHARACTERS = 300_000
MOST_FORMS = 10
OLD = timedelta(hours=24)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that waits for its owner: where it goes, when it was sent, and its fields in order."""

    id: UUID
    path: str
    sent_at: datetime
    fields: tuple[tuple[str, str], ...]


def prepare_kept(app: Flask) -> None:
    """Once its owner goes on with a form, it is kept no longer."""
    app.before_request(_let_go)


def keep_typed() -> bool:
    """Keeps the form of this request for the user whose session has ended; whether there was something to keep.

    Only where the browser shows the cookie of a session that has run out by itself, not one that was ended.
    """
    fields = [(name, value) for name, value in request.form.items(multi=True) if _is_kept(name)]
    content = json.dumps(fields)
    if request.method != "POST" or not any(value for _, value in fields) or len(content) > MOST_CHARACTERS:
        return False
    try:
        owner = _owner()
        if owner is None:
            return False
        row = {"id": new_id(), "user_id": owner, "path": request.full_path[:500], "content": closed(PURPOSE, content)}
        with writing(), db.engine.begin() as connection:
            waiting = select(func.count()).where(KeptForm.user_id == owner)
            if connection.execute(waiting).scalar_one() >= MOST_FORMS:
                return False
            connection.execute(insert(KeptForm).values(**row, created_at=clock.now()))
    except SQLAlchemyError:
        log.warning("what was typed could not be kept")
        return False
    return True


def _is_kept(name: str) -> bool:
    return name not in NOT_KEPT and "password" not in name


def _owner() -> UUID | None:
    """Whose session it was that has run out."""
    with reading_only():
        db.session.rollback()
        found = session_with(str(session.get("_user_id", "")))
        owner = found.user_id if found and _ran_out(found) else None
        db.session.rollback()
    return owner


def _ran_out(found: UserSession) -> bool:
    """Whether nobody ended the session, and nobody closed the account since."""
    by_itself = found.ended_at is None and found.second_factor_at is not None
    return by_itself and clock.now() - found.last_seen_at < OLD and found.user.disabled_at is None


def kept_for(user_id: UUID) -> list[Kept]:
    """What waits for this user, the newest first."""
    query = select(KeptForm).where(KeptForm.user_id == user_id, KeptForm.created_at > clock.now() - KEEP_TYPED)
    found = db.session.scalars(query.order_by(KeptForm.created_at.desc(), KeptForm.id).limit(MOST_FORMS))
    return [kept for row in found if (kept := _kept(row))]


def has_kept(user_id: UUID) -> bool:
    query = select(KeptForm.id).where(KeptForm.user_id == user_id, KeptForm.created_at > clock.now() - KEEP_TYPED)
    return db.session.scalars(query.limit(1)).first() is not None


def throw_away(user_id: UUID, kept_id: UUID) -> None:
    db.session.execute(delete(KeptForm).where(KeptForm.id == kept_id, KeptForm.user_id == user_id))


def _kept(row: KeptForm) -> Kept | None:
    content = opened(PURPOSE, row.content)
    if content is None:
        return None
    fields = tuple((str(name), str(value)) for name, value in json.loads(content))
    return Kept(row.id, row.path.removesuffix("?"), row.created_at, fields)


def _let_go() -> None:
    kept_id = request.form.get(FIELD, "") if request.method == "POST" else ""
    viewer = viewer_or_none() if kept_id else None
    if viewer is None:
        return
    try:
        wanted = UUID(kept_id)
    except ValueError:
        return
    db.session.rollback()
    with writing(), db.engine.begin() as connection:
        connection.execute(delete(KeptForm).where(KeptForm.id == wanted, KeptForm.user_id == viewer.user_id))
