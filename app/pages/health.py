"""`/healthz`: alive, whatever the database does. `/readyz`: writes are kept, migrations at head, the timetable ticks."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.auth import anyone
from app.database import db, patience, reading_only
from app.database.saving import saving
from app.messages.queries import mail_sentence
from app.tasks.models import Lease
from app.tasks.probe import can_write

bp = Blueprint("health", __name__)

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
HEART_STOPS_AFTER = timedelta(minutes=2)
CHECK_SECONDS = 2.0


@bp.get("/healthz")
@anyone
def alive() -> Response:
    return jsonify(status="alive")


@bp.get("/readyz")
@anyone
def ready() -> tuple[Response, int]:
    """Whether people can be sent here: 200, or 503 with what is wrong. A silent database is found out in 7 s."""
    with patience(CHECK_SECONDS):
        can_save = can_write()
        migrated = can_save and migrations_at_head()
        checks = {"database": can_save, "migrations": migrated, "scheduler": migrated and scheduler_alive()}
        mail = mail_sentence() if migrated else None  # said for whoever looks; it sends nobody away
    known = saving(db.engine)
    if can_save:
        known.worked()
    given = {"ready": all(checks.values()), **checks, "mail": mail, "trouble": known.trouble}
    return jsonify(given), 200 if given["ready"] else 503


def migrations_at_head() -> bool:
    """Whether the database has every migration of this code."""
    try:
        with reading_only(), db.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == _head()
    except SQLAlchemyError:
        return False


@cache
def _head() -> str | None:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


def scheduler_alive() -> bool:
    """Whether a leader renewed its lease in the last two minutes."""
    try:
        lease = db.session.get(Lease, "scheduler")
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return lease is not None and clock.machine_time() - lease.beat_at < HEART_STOPS_AFTER
