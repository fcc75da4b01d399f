"""The timetable's engine: APScheduler in memory, in the one process that holds the lease.

It only starts due work; the work itself locks what it takes and is safe to run twice. Waiting is measured by the
machine's steady clock and leadership by the database's, so a clock that is set forward or back stops nothing.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import or_, update
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.audit import SYSTEM
from app.database import db
from app.database.bulk import insert_unless_there
from app.database.many import rows_changed
from app.house import House, TimedJob
from app.messages.holding import hold_queued
from app.tasks.models import DailyRun, Lease

NAME = "scheduler"
NOBODY = ""
LEASE = timedelta(seconds=30)
RENEW_SECONDS = 10
DAILY_CHECK_SECONDS = 60
JUMP_SECONDS = 5
LONG_GONE = timedelta(hours=1)
"""A heart that last beat so long ago belongs to a restored backup, or to a service that was off."""

log = logging.getLogger(__name__)


class Timekeeper:
    """Runs the timetable while it leads; otherwise waits for the lease."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[-80:]
        self._leads_until = 0.0
        self._ahead = _wall_ahead()
        self._stopping = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="heart of the timetable", daemon=True)
        # A thread for each job: one that waits, such as for a mail server, never holds up another.
        threads = {"default": ThreadPoolExecutor(max(1, len(house.timetable)))}
        self._scheduler = BackgroundScheduler(timezone=str(clock.LONDON), executors=threads)

    def start(self) -> None:
        """Asks for the lease at once and then every 10 s, and starts the clocks of all timed jobs."""
        self._renew()
        defaults = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        for job in self._house.timetable:
            seconds = DAILY_CHECK_SECONDS if job.daily_at else job.every or 60
            self._scheduler.add_job(self._runner(job), "interval", seconds=seconds, **defaults, id=job.name)
        self._scheduler.start()
        self._heart.start()

    def stop(self) -> None:
        """Stops the clocks and gives the lease back."""
        self._stopping.set()
        self._heart.join()
        self._scheduler.shutdown(wait=True)
        with self._house.app_context():
            gone = clock.machine_time() - LEASE
            mine = (Lease.name == NAME) & (Lease.owner == self._owner)
            db.session.execute(update(Lease).where(mine).values(expires_at=gone))
            db.session.commit()

    @property
    def leads(self) -> bool:
        """Whether the lease still holds; a process that was stopped for a while knows by itself that it does not."""
        return time.monotonic() < self._leads_until

    def _beat(self) -> None:
        while not self._stopping.wait(RENEW_SECONDS):
            self._renew()
            self._mind_the_clock()

    def _renew(self) -> None:
        asked = time.monotonic()
        with self._house.app_context():
            try:
                leads = take_lease(self._owner, on_return=self._hold_mail)
                self._leads_until = asked + LEASE.total_seconds() if leads else 0.0
            except SQLAlchemyError:
                db.session.rollback()
                log.exception("the lease could not be renewed")

    def _hold_mail(self, last_beat: datetime) -> None:
        """What was queued when the heart last beat may have left since, where this database was restored."""
        if not self._house.extensions["config"].demo:
            hold_queued(before=last_beat + timedelta(minutes=1), by=SYSTEM)

    def _mind_the_clock(self) -> None:
        """After the machine's clock was set, every job starts anew: APScheduler waits for times on the old clock."""
        ahead = _wall_ahead()
        if abs(ahead - self._ahead) > JUMP_SECONDS:
            log.warning("the machine's clock was moved by %.0f s; the timetable goes on from now", ahead - self._ahead)
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(clock.LONDON))
        self._ahead = ahead

    def _runner(self, job: TimedJob) -> Callable[[], None]:
        def run() -> None:
            if self.leads:
                with self._house.app_context():
                    run_if_due(job, self._owner)

        return run


def take_lease(owner: str, on_return: Callable[[datetime], object] | None = None) -> bool:
    """Takes or renews the lease with one conditional update; whether this process leads now.

    `on_return` is told, in the same transaction, the last beat of a heart that had stood still for over an hour.
    """
    before = db.session.get(Lease, NAME)
    last_beat = before.beat_at if before else None
    now = clock.machine_time()
    values = {"owner": owner, "expires_at": now + LEASE, "beat_at": now}
    if last_beat is None:
        leads = insert_unless_there(Lease, {"name": NAME, **values})
        db.session.commit()
        return leads
    free = (Lease.name == NAME) & or_(Lease.owner == owner, Lease.expires_at < now)
    leads = rows_changed(update(Lease).where(free).values(**values)) == 1
    if leads and on_return and now - last_beat > LONG_GONE:
        on_return(last_beat)
    db.session.commit()
    return leads


def run_if_due(job: TimedJob, owner: str) -> int:
    """Runs a job now, or a daily one when it has not run today; the number it did."""
    if job.daily_at is None:
        return attempt(job) or 0
    if not begin_today(job.name, job.daily_at, owner):
        return 0
    done = attempt(job)
    end_today(job.name, owner, failed=done is None)
    return done or 0


def attempt(job: TimedJob) -> int | None:
    """What a job did, at one instant; None where it failed, which is logged and does not stop the others."""
    with clock.moment():
        try:
            return job.run()
        except Exception:
            log.exception("timed job %s failed", job.name)
            return None
        finally:
            db.session.remove()


# Which daily jobs have run today is kept in the database: each runs once a day, whoever leads, and none is left out.
# A leader that dies in the middle has begun and not ended; its successor does the rest, because every job does what is
# due and no more. A job that failed is begun again at the next look.


def begin_today(name: str, at: str, owner: str) -> bool:
    """Whether this process is to run the job now: its time has come today and nobody has run it."""
    now, today = clock.machine_time(), clock.machine_time().astimezone(clock.LONDON).date()
    if now < datetime.combine(today, time_of_day.fromisoformat(at), clock.LONDON):
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


def _wall_ahead() -> float:
    """How far the machine's clock is ahead of its steady one; changes only when somebody sets the clock."""
    return time.time() - time.monotonic()
