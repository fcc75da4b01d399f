"""One leader at a time."""

from __future__ import annotations

import time
from datetime import timedelta

from app import clock
from app.house import TimedJob
from app.pages.health import migrations_at_head, scheduler_alive
from app.scheduler import LEASE, Timekeeper, run_job, take_lease


def test_the_first_to_ask_leads_and_the_second_waits(session):
    assert take_lease("one")
    assert not take_lease("two")
    assert take_lease("one"), "a leader renews its own lease"


def test_a_dead_leader_is_followed_when_its_lease_ends(session):
    take_lease("one")
    with clock.moved_to(clock.now() + LEASE + timedelta(seconds=1)):
        assert take_lease("two")
        assert not take_lease("one")


def test_readiness_knows_the_heartbeat_and_the_migrations(session):
    assert not scheduler_alive()
    take_lease("one")
    assert scheduler_alive()
    assert migrations_at_head()
    with clock.moved_to(clock.now() + timedelta(minutes=3)):
        assert not scheduler_alive()


def test_a_failing_job_does_not_stop_the_others(session):
    def fails():
        raise RuntimeError("a fault of ours")

    assert run_job(TimedJob("fails", "", fails)) == 0
    assert run_job(TimedJob("works", "", lambda: 3)) == 3


def test_the_clock_really_ticks_in_the_leader(house):
    ticks = []
    keep, house.timetable = house.timetable, [TimedJob("tick", "", lambda: ticks.append(clock.now()) or 1, every=1)]
    keeper = Timekeeper(house)
    try:
        keeper.start()
        until = time.monotonic() + 5
        while not ticks and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        keeper.stop()
        house.timetable = keep
    assert ticks
