"""One small write that is really kept, to learn whether the database keeps anything."""

from __future__ import annotations

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import clock
from app.database import db, writing
from app.database.saving import has_room
from app.tasks.models import Lease

NAME = "write probe"


def can_write() -> bool:
    """Whether a write is kept now. A write that is taken back would not reach the disk, so it is committed."""
    if not has_room(db.engine):
        return False
    try:
        with writing(), db.engine.begin() as connection:
            now = clock.machine_time()
            mark = {"owner": NAME, "expires_at": now, "beat_at": now}
            done = connection.execute(update(Lease).where(Lease.name == NAME).values(**mark))
            if not done.rowcount:
                connection.execute(insert(Lease).values(name=NAME, **mark))
    except IntegrityError:  # another process made the row at the same moment: it was kept
        return True
    except SQLAlchemyError:
        return False
    return True
