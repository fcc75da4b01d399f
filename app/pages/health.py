"""`/healthz`: alive. `/readyz`: can write, migrations at head, the scheduler's heart beats."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.auth import anyone
from app.database import can_write, db, reading_only
from app.tasks.models import Lease

bp = Blueprint("health", __name__)

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
HEART_STOPS_AFTER = timedelta(minutes=2)


@bp.get("/healthz")
@anyone
def alive() -> Response:
    """The process answers."""
    return jsonify(status="alive")


@bp.get("/readyz")
@anyone
def ready() -> tuple[Response, int]:
    """Whether people can be sent here: 200, or 503 with what is wrong."""
    checks = {"database": can_write(), "migrations": migrations_at_head(), "scheduler": scheduler_alive()}
    return jsonify(ready=all(checks.values()), **checks), 200 if all(checks.values()) else 503


def migrations_at_head() -> bool:
    """Whether the database has every migration of this code."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    try:
        with reading_only(), db.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() == head
    except SQLAlchemyError:
        return False


def scheduler_alive() -> bool:
    """Whether a leader renewed its lease in the last two minutes."""
    try:
        lease = db.session.get(Lease, "scheduler")
    except SQLAlchemyError:
        return False
    return lease is not None and clock.machine_time() - lease.beat_at < HEART_STOPS_AFTER
