"""Which daily jobs have run today, kept in the database: each runs once a day, whoever leads, and none is left out.

A leader that dies in the middle has begun and not ended; its successor does the rest, because every job does what is
due and no more. A job that failed is begun again at the next look.
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import update

from app import clock
from app.database import db
from app.database.bulk import insert_unless_there
from app.database.many import rows_changed
from app.tasks.models import DailyRun

NOBODY = ""


def begin_today(name: str, at: str, owner: str) -> bool:
    """Whether this process is to run the job now: its time has come today and nobody has run it."""
    now, today = clock.machine_time(), clock.machine_time().astimezone(clock.LONDON).date()
    if now < datetime.combine(today, time.fromisoformat(at), clock.LONDON):
        return False
    row = db.session.get(DailyRun, name)
    begins = _first_day(name, today) if row is None else _take(row, today, owner)
    db.session.remove()
    return begins


def end_today(name: str, owner: str, *, failed: bool) -> None:
    """Notes that the job is done; or, when it failed, that it is to be run again."""
    values = {"owner": NOBODY} if failed else {"finished_at": clock.machine_time()}
    mine = (DailyRun.name == name) & (DailyRun.owner == owner)
    db.session.execute(update(DailyRun).where(mine).values(**values))
    db.session.commit()


def _take(row: DailyRun, today: date, owner: str) -> bool:
    """One conditional update: of two who ask, one runs it."""
    unfinished = row.day == today and row.finished_at is None and row.owner != owner
    if not (row.day < today or unfinished):
        return False
    as_seen = (DailyRun.name == row.name) & (DailyRun.day == row.day) & (DailyRun.owner == row.owner)
    values = {"day": today, "owner": owner, "finished_at": None}
    taken = rows_changed(update(DailyRun).where(as_seen).values(**values))
    db.session.commit()
    return taken == 1


def _first_day(name: str, today: date) -> bool:
    """On a new installation nothing is due from before; the job runs from tomorrow."""
    done = {"name": name, "day": today, "owner": NOBODY, "finished_at": clock.machine_time()}
    insert_unless_there(DailyRun, done)
    db.session.commit()
    return False
