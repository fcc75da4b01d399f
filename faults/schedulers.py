"""Two schedulers on one database, and the leader killed with -9 in the middle of its work: every effect once.

The one exception is said aloud: an email that was being handed over at the kill may arrive twice, with one Message-ID.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update

from app import clock
from app.audit.models import AuditEntry
from app.database import db, reading_only
from app.house import House
from app.messages.letters import DeliveryState
from app.messages.models import Delivery, Message
from app.pages.audit_head import KIND as AUDIT_HEAD
from app.tasks.models import DailyRun, Lease
from config import ROOT
from faults.mail import write_letters
from faults.places import at_the_end, free_port, kill_group
from faults.registry import proof
from faults.report import Row, judged
from faults.server import environment
from faults.world import ground, house_on
from marketplace.packages.models import Package
from marketplace.providers.models import Provider
from marketplace.schemes.models import Scheme
from tests.app.messages.makers import Sink, serving
from tests.marketplace.makers import an_issue

T = TypeVar("T")
ISSUES = 12
MAILS = 40
TAKEN_OVER_WITHIN = 40.0
"""Seconds: a lease, and a little more."""
GIVE_UP = 240.0
SEED = 20261122


@proof("schedulers", "two schedulers, the leader killed: every timed effect once", times=5)
def schedulers(database: str, times: int) -> Iterator[Row]:
    """Each time offers reach their deadline, emails wait and the daily jobs are due."""
    began, address = time.monotonic(), ground(database, times).copy()
    with serving(Sink(), free_port()) as sink:
        yield _row(database, times, began, Pair(house_on(address), address, sink))


def _row(database: str, times: int, began: float, pair: Pair) -> Row:
    try:
        found = [text for number in range(times) for text in pair.try_once(Random(SEED + number).uniform(0, 3))]
        late = [f"nobody led for {seconds:.0f} s" for seconds in pair.taken_over if seconds > TAKEN_OVER_WITHIN]
    finally:
        pair.end()
    longest = max(pair.taken_over, default=0.0)
    seen = f"taken over after {longest:.0f} s at most; {pair.copies} copies of emails in flight, in {times} kills"
    return judged("schedulers", "leader killed", database, times, time.monotonic() - began, found, seen, late)


class Pair:
    """Two processes that run the timetable of one database. `hurry` ages leases, so that a short form need not wait."""

    def __init__(self, house: House, address: str, sink: Sink, *, hurry: bool = False) -> None:
        self._house, self._sink, self._hurry = house, sink, hurry
        self._environment = environment(address, MAIL_URL=f"smtp://127.0.0.1:{sink.port}")
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.taken_over: list[float] = []
        self.copies = 0
        self._forget = at_the_end(self.end)

    def try_once(self, delay: float) -> list[str]:
        """Prepares work, kills the leader after a while, waits until all is done, and says what was wrong."""
        self._start_missing()
        leader = self._wait_for(self._leader)
        if leader is None:
            return ["nobody took the lease"]
        issues = self._do(prepare)
        time.sleep(delay)
        kill_group(self._processes.pop(leader))
        killed = time.monotonic()
        if self._hurry:
            self._do(age)
        followed = self._wait_for(lambda: self._leader() not in {None, leader})
        self.taken_over.append(time.monotonic() - killed)
        finished = self._wait_for(lambda: self._see(lambda: is_done(issues)))
        found = [] if followed else ["nobody took over"]
        found += [] if finished else ["the work was not done in the end"]
        return found + self._see(lambda: twice(issues)) + self._mails()

    def end(self) -> None:
        """Ends both processes."""
        for process in self._processes.values():
            kill_group(process)
        self._processes = {}

    def _start_missing(self) -> None:
        """Starts as many as are missing; each is known by its process, which stands in the lease."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "run-scheduler"]
        while len(self._processes) < 2:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            self._processes[str(process.pid)] = process

    def _leader(self) -> str | None:
        """The process that holds the lease now; None when that is none of ours."""
        lease = self._see(lambda: db.session.get(Lease, "scheduler"))
        pid = lease.owner.split(":")[-2] if lease and lease.expires_at > clock.machine_time() else None
        return pid if pid in self._processes else None

    def _mails(self) -> list[str]:
        """Emails that arrived more often than there were kills can explain."""
        arrived = Counter(self._sink.message_ids)
        self.copies = arrived.total() - len(arrived)
        kills = len(self.taken_over)
        found = [f"{self.copies} copies of emails after {kills} kills"] if self.copies > kills else []
        expected = self._see(lambda: db.session.scalar(select(func.count()).select_from(Delivery)))
        return found + ([f"{len(arrived)} of {expected} emails arrived"] if len(arrived) != expected else [])

    def _wait_for(self, ask: Callable[[], T]) -> T:
        until = time.monotonic() + GIVE_UP
        while not (answer := ask()) and time.monotonic() < until:
            time.sleep(0.2)
        return answer

    def _see(self, look: Callable[[], T]) -> T:
        with self._house.app_context(), reading_only():
            try:
                return look()
            finally:
                db.session.remove()

    def _do(self, act: Callable[[], T]) -> T:
        with self._house.app_context():
            try:
                return act()
            finally:
                db.session.remove()


def prepare() -> list[UUID]:
    """Offers whose deadline comes in a second, letters to be sent, and every daily job due; the issues."""
    scheme = db.session.scalars(select(Scheme).limit(1)).one()
    providers = list(db.session.scalars(select(Provider).limit(2)).unique())
    packages = db.session.scalars(select(Package).where(Package.status == "ready").limit(ISSUES)).all()
    soon = clock.now() + timedelta(seconds=1)
    issues = [an_issue(scheme, [one], providers, deadline=soon).id for one in packages]
    db.session.execute(update(DailyRun).values(day=clock.today() - timedelta(days=1), finished_at=None, owner=""))
    db.session.commit()
    write_letters(MAILS)
    return issues


def age() -> None:
    """As if half a minute had passed for the lease, and a minute for the email in flight."""
    past = clock.machine_time() - timedelta(seconds=1)
    db.session.execute(update(Lease).values(expires_at=past))
    db.session.execute(update(Delivery).where(Delivery.state == DeliveryState.QUEUED).values(due_at=past))
    db.session.commit()


def is_done(issues: list[UUID]) -> bool:
    """Whether every round is closed, every email has left and every daily job has run."""
    closed = db.session.scalar(select(func.count()).select_from(AuditEntry).where(_closed(issues))) or 0
    waiting = db.session.scalar(
        select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.QUEUED)
    )
    return closed >= len(issues) and not waiting and not _daily_open()


def twice(issues: list[UUID]) -> list[str]:
    """Effects that happened more than once: rounds closed twice, a day's letter written twice to one auditor."""
    closings = select(AuditEntry.subject_id).where(_closed(issues)).group_by(AuditEntry.subject_id)
    heads = (
        select(Message.user_id)
        .where(Message.kind == AUDIT_HEAD, Message.created_at > clock.now() - timedelta(hours=12))
        .group_by(Message.user_id)
    )
    found = [f"issue {one} was closed twice" for one in db.session.scalars(closings.having(func.count() > 1))]
    return found + ["an auditor was told twice" for _ in db.session.scalars(heads.having(func.count() > 1))]


def _closed(issues: list[UUID]) -> ColumnElement[bool]:
    return (AuditEntry.tag == "issue:closed") & AuditEntry.subject_id.in_(issues)


def _daily_open() -> int:
    """Daily jobs whose time has come today and that have not run; not all times have come at every hour of the day."""
    begun = (DailyRun.day == clock.today()) & DailyRun.finished_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(DailyRun).where(begun)) or 0
