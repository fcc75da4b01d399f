"""One leader at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.database import db
from app.database.engine import ServerTime
from app.house import TimedJob
from app.pages.health import migrations_at_head, scheduler_alive
from app.scheduler import LEASE, Timekeeper, attempt, begin_today, end_today, run_if_due, take_lease
from tests.waiting import wait_until


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

    assert attempt(TimedJob("fails", "", fails)) is None
    assert attempt(TimedJob("works", "", lambda: 3)) == 3


def test_the_clock_really_ticks_in_the_leader(house):
    ticks = []
    keep, house.timetable = house.timetable, [TimedJob("tick", "", lambda: ticks.append(clock.now()) or 1, every=1)]
    keeper = Timekeeper(house)
    try:
        keeper.start()
        wait_until(lambda: ticks, "The clock has not ticked.")
    finally:
        keeper.stop()
        house.timetable = keep


def test_a_heart_that_stood_still_for_long_tells_whoever_takes_over(session):
    told = []
    take_lease("one", told.append)
    with clock.moved_to(clock.now() + timedelta(minutes=59)):
        take_lease("two", told.append)
    assert told == []
    with clock.moved_to(clock.now() + timedelta(hours=3)):
        take_lease("three", told.append)
    assert len(told) == 1


def test_a_daily_job_runs_once_a_day_whoever_leads_and_is_not_left_out(session):
    morning = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    runs = []
    job = TimedJob("daily", "", lambda: runs.append(clock.now().day) or 1, daily_at="07:30")
    for hours, owner in [(0, "one"), (1, "one"), (20, "one"), (24, "two"), (25, "one"), (24 * 3, "one"), (24, "late")]:
        with clock.moved_to(morning + timedelta(hours=hours)):
            run_if_due(job, owner)
    assert runs == [24, 26], (
        "not for the day of installation; then once a day, and once for days on which nobody ran it"
    )


def test_a_daily_job_whose_leader_died_in_the_middle_is_finished_by_the_next(session):
    morning = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    with clock.moved_to(morning):
        begin_today("daily", "07:30", "one")
    with clock.moved_to(morning + timedelta(days=1)):
        assert begin_today("daily", "07:30", "one")
        assert not begin_today("daily", "07:30", "one"), "it is at it"
        assert begin_today("daily", "07:30", "two"), "the first one does not lead any more"
        end_today("daily", "two", failed=False)
        assert not begin_today("daily", "07:30", "three")


def test_a_daily_job_that_failed_is_tried_again(session):
    def fails():
        raise RuntimeError("a fault of ours")

    runs, morning = [], datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    with clock.moved_to(morning):
        begin_today("daily", "07:30", "one")
    with clock.moved_to(morning + timedelta(days=1)):
        run_if_due(TimedJob("daily", "", fails, daily_at="07:30"), "one")
        run_if_due(TimedJob("daily", "", lambda: runs.append(1) or 1, daily_at="07:30"), "one")
    assert runs == [1]


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
def test_the_timetable_goes_on_after_the_machine_s_clock_was_set(house, jump):
    """APScheduler waits for times on the old clock; here every job waits as it would after such a jump."""
    ticks = []
    keep, house.timetable = house.timetable, [TimedJob("tick", "", lambda: ticks.append(1) or 1, every=3600)]
    keeper = Timekeeper(house)
    try:
        keeper.start()
        keeper._mind_the_clock()
        assert ticks == []
        keeper._ahead -= jump.total_seconds()
        keeper._mind_the_clock()
        wait_until(lambda: ticks, "The timetable has not gone on.")
    finally:
        keeper.stop()
        house.timetable = keep


def test_a_leader_that_stood_still_itself_knows_that_it_does_not_lead(house):
    keeper = Timekeeper(house)
    keeper._renew()
    assert keeper.leads
    keeper._leads_until -= LEASE.total_seconds() + 1
    assert not keeper.leads


def test_the_clock_of_the_database_server_is_followed(house, database_url):
    """With SQLite there is one machine and its clock; with PostgreSQL the server's clock is the one of all machines."""
    clock.follow(datetime.now(UTC) + timedelta(hours=9))
    try:
        assert timedelta(hours=8) < clock.machine_time() - datetime.now(UTC) < timedelta(hours=10)
        if not database_url.startswith("sqlite"):
            with house.app_context():
                raw = db.engine.raw_connection()
                ServerTime().on_checkout(raw.driver_connection, None, None)
                raw.close()
            assert abs(clock.machine_time() - datetime.now(UTC)) < timedelta(hours=1)
    finally:
        clock.forget_followed()


def test_time_runs_evenly_while_the_followed_clock_is_near(session):
    clock.forget_followed()
    try:
        clock.follow(datetime.now(UTC))
        before = clock.machine_time()
        clock.follow(before - timedelta(milliseconds=20))
        assert clock.machine_time() >= before
    finally:
        clock.forget_followed()
