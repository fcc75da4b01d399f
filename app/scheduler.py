"""The timetable's engine: APScheduler in memory, in the one process that holds the lease.

It only starts due work; the work itself locks what it takes and is safe to run twice.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import insert, or_, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import clock
from app.database import db
from app.house import House, TimedJob
from app.tasks.models import Lease

NAME = "scheduler"
LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10

log = logging.getLogger(__name__)


class Timekeeper:
    """Runs the timetable while it leads; otherwise waits for the lease."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._leads = False
        self._scheduler = BackgroundScheduler(timezone=str(clock.LONDON))

    def start(self) -> None:
        """Asks for the lease at once and then every 10 s, and starts the clocks of all timed jobs."""
        self._renew()
        defaults = {"max_instances": 1, "coalesce": True, "misfire_grace_time": 3600}
        self._scheduler.add_job(self._renew, "interval", seconds=RENEW_SECONDS, **defaults)
        for job in self._house.timetable:
            self._scheduler.add_job(self._runner(job), **_trigger(job), **defaults, id=job.name)
        self._scheduler.start()

    def stop(self) -> None:
        """Stops the clocks and gives the lease back."""
        self._scheduler.shutdown(wait=True)
        with self._house.app_context():
            gone = clock.machine_time() - LEASE
            mine = (Lease.name == NAME) & (Lease.owner == self._owner)
            db.session.execute(update(Lease).where(mine).values(expires_at=gone))
            db.session.commit()

    def _renew(self) -> None:
        with self._house.app_context():
            try:
                self._leads = take_lease(self._owner)
            except SQLAlchemyError:
                self._leads = False
                log.exception("the lease could not be renewed")

    def _runner(self, job: TimedJob) -> Callable[[], None]:
        def run() -> None:
            if self._leads:
                with self._house.app_context():
                    run_job(job)

        return run


def take_lease(owner: str) -> bool:
    """Takes or renews the lease with one conditional update; whether this process leads now."""
    now = clock.machine_time()
    values = {"owner": owner, "expires_at": now + LEASE, "beat_at": now}
    free = (Lease.name == NAME) & or_(Lease.owner == owner, Lease.expires_at < now)
    taken = db.session.execute(update(Lease).where(free).values(**values).execution_options(synchronize_session=False))
    if getattr(taken, "rowcount", 0) == 0 and db.session.get(Lease, NAME) is None:
        return _first_lease(values)
    db.session.commit()
    return bool(getattr(taken, "rowcount", 0))


def _first_lease(values: dict[str, object]) -> bool:
    try:
        db.session.execute(insert(Lease).values(name=NAME, **values))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return False
    return True


def run_job(job: TimedJob) -> int:
    """Runs one timed job at one instant; a fault is logged and does not stop the others."""
    with clock.moment():
        try:
            return job.run()
        except Exception:
            log.exception("timed job %s failed", job.name)
            return 0
        finally:
            db.session.remove()


def _trigger(job: TimedJob) -> dict[str, object]:
    if job.daily_at:
        hour, minute = job.daily_at.split(":")
        return {"trigger": "cron", "hour": int(hour), "minute": int(minute)}
    return {"trigger": "interval", "seconds": job.every or 60}
