"""Who a session's secret lets in: asked with every request, so in one statement that makes no rows into objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import request
from sqlalchemy import Row, Select, Table, bindparam, select

from app.auth.keys import hashed
from app.auth.models import UserSession
from app.auth.sessions import SessionInUse, lets_live, resting
from app.database import db, reading_only
from app.http.viewer import SAFE
from app.parties.models import Organisation, User, UserRole
from app.parties.viewer import Viewer


class SignedInWith(NamedTuple):
    """Whom a session lets in, and what is kept of it: plain values."""

    viewer: Viewer
    session: SessionInUse


def signed_in_with(secret: str) -> SignedInWith | None:
    """Who comes with this secret while it opens anything; half-signed-in sessions open nothing."""
    rows = _rows(hashed(secret))
    if not rows or rows[0].second_factor_at is None:
        return None
    first, viewer = rows[0], _viewer(rows)
    if not lets_live(first, viewer.roles, first.disabled_at or first.suspended_at):
        return None
    rests_for = resting().of({role.value for role in viewer.roles})
    held = SessionInUse(first.session_id, first.expires_at, first.last_seen_at, first.password_at, rests_for)
    return SignedInWith(viewer, held)


def _rows(secret_hash: str) -> Sequence[Row[Any]]:
    """One row per role. On SQLite a request that changes something takes the one lock only after this."""
    if db.engine.dialect.name != "sqlite" or request.method in SAFE:
        return db.session.connection().execute(_ASKED, {"hashed": secret_hash}).all()
    with reading_only():
        rows = db.session.connection().execute(_ASKED, {"hashed": secret_hash}).all()
        db.session.rollback()
    return rows


def _viewer(rows: Sequence[Row[Any]]) -> Viewer:
    first = rows[0]
    return Viewer(
        user_id=first.user_id,
        name=first.user_name,
        email=first.email,
        organisation_id=first.organisation_id,
        organisation_name=first.organisation_name,
        organisation_kind=first.kind,
        roles=frozenset(row.role for row in rows if row.role),
        team_ids=frozenset(row.team_id for row in rows if row.team_id),
    )


def _statement() -> Select[Any]:
    tables: list[Table] = [one.__table__ for one in (UserSession, User, Organisation, UserRole)]  # type: ignore[misc]
    session, user, organisation, role = (one.c for one in tables)
    columns = (
        session.id.label("session_id"),
        *(session.expires_at, session.ended_at, session.last_seen_at, session.password_at, session.second_factor_at),
        *(session.roles, session.user_id, user.name.label("user_name"), user.email, user.disabled_at),
        *(user.organisation_id, organisation.name.label("organisation_name"), organisation.kind),
        *(organisation.suspended_at, role.role, role.team_id),
    )
    joined = (
        tables[0]
        .join(tables[1], user.id == session.user_id)
        .join(tables[2], organisation.id == user.organisation_id)
        .outerjoin(tables[3], role.user_id == user.id)
    )
    return select(*columns).select_from(joined).where(session.secret_hash == bindparam("hashed"))


_ASKED = _statement()
"""Made once, asked with every request."""
