"""After a restore nothing leaves twice: what the backup believes unsent is held back until somebody decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, text

import wsgi
from app import clock
from app.audit import SYSTEM
from app.database import db
from app.messages.holding import release, set_aside
from app.messages.jobs import send_queued, send_summaries
from app.messages.letters import DeliveryState, MailWish
from app.messages.models import Delivery
from app.messages.queries import waiting
from app.messages.services import choose
from app.scheduler import Timekeeper, take_lease
from config import Config
from tests.app.messages.makers import TOPIC, a_letter, states

ONE, TWO = "one@provider.example", "two@provider.example"


@pytest.fixture
def keeper(house):
    """A timekeeper that only asks for the lease, as one does at its start."""
    return Timekeeper(house)


def back_after(hours, keeper):
    with clock.moved_to(clock.now() + timedelta(hours=hours)):
        keeper._renew()
        return send_queued()


def test_a_restored_night_sends_nothing_again(session, people, sink, keeper):
    """The backup is taken with one email queued; it leaves afterwards; the backup comes back next morning."""
    take_lease("the one before the restore")
    a_letter(people, ONE)
    assert back_after(8, keeper) == 0
    assert states() == {ONE: DeliveryState.HELD}
    assert waiting().held == 1


def test_what_is_written_after_the_restore_leaves_as_ever(session, people, sink, keeper):
    take_lease("the one before the restore")
    with clock.moved_to(clock.now() + timedelta(hours=7)):
        a_letter(people, TWO)
    assert back_after(8, keeper) == 1
    assert states() == {TWO: DeliveryState.SENT}


def test_a_short_stop_holds_nothing_back(session, people, sink, keeper):
    take_lease("the one before the stop")
    a_letter(people, ONE)
    assert back_after(0.9, keeper) == 1


def test_an_administrator_sends_what_is_held_or_sets_it_aside(client, people, sink, keeper):
    take_lease("before")
    a_letter(people, ONE)
    back_after(8, keeper)
    client.sign_in(people["admin"])
    assert "Emails are held back" in client.get("/").text
    assert ONE in client.get("/mail").text
    client.submit("/mail", {}, to="/mail/release")
    assert (send_queued(), states()) == (1, {ONE: DeliveryState.SENT})
    assert "Emails are held back" not in client.get("/").text
    assert client.sign_in(people["stranger"]).get("/mail").status_code == 200
    assert ONE not in client.get("/mail").text
    client.sign_in(people["broker"])
    assert client.submit("/mail", {}, to="/mail/release").status_code == 403


def test_what_is_set_aside_never_leaves_with_what_a_summary_took_along(session, people, sink, keeper):
    take_lease("before")
    choose(people.council.id, ONE, {TOPIC: MailWish.DAILY})
    a_letter(people, ONE, kind="test:summed")
    send_summaries()
    back_after(8, keeper)
    assert set_aside(people.other_council.id, by=SYSTEM) == 0
    assert set_aside(people.council.id, by=SYSTEM) == 1
    assert {row.state for row in db.session.scalars(select(Delivery))} == {DeliveryState.FAILED}
    assert (release(None, by=SYSTEM), send_queued()) == (0, 0)


def test_the_command_holds_everything_and_the_others_decide(house, session, people, sink):
    a_letter(people, ONE)
    run = house.test_cli_runner().invoke
    assert run(args=["after-restore"]).output.startswith("1 emails are held back")
    assert send_queued() == 0
    assert run(args=["release-emails"]).output == "1 emails are being sent.\n"
    assert send_queued() == 1


def test_a_copy_of_the_database_that_comes_back_a_day_later_sends_nothing(house, session, people, sink, database_url):
    """A real backup and a real restore, by the database's own means, into an application of its own."""
    take_lease("before")
    a_letter(people, ONE)
    db.session.rollback()
    copy = backed_up(database_url)
    assert send_queued() == 1
    restored = wsgi.build(Config(database_url=copy, secret_key="for tests only", testing=True))
    restored.extensions["mail_channel"] = house.extensions["mail_channel"]
    with clock.moved_to(clock.now() + timedelta(days=1)), restored.app_context():
        assert states() == {ONE: DeliveryState.QUEUED}
        db.session.rollback()
        Timekeeper(restored)._renew()
        assert (send_queued(), states()) == (0, {ONE: DeliveryState.HELD})
        db.session.remove()
        db.engine.dispose()
    assert len(sink.mails) == 1


def backed_up(url):
    """A copy of the database, made while it is in use."""
    if url.startswith("sqlite"):
        copy = f"{url}.copy"
        engine = create_engine(url)
        with engine.connect() as connection:
            connection.execute(text(f"VACUUM INTO '{copy.removeprefix('sqlite:///')}'"))
        engine.dispose()
        return copy
    db.session.remove()
    db.engine.dispose()
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    name, copy = engine.url.database, f"{engine.url.database}_copy"
    maintenance = create_engine(engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{copy}"'))
        connection.execute(text(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"'))
    maintenance.dispose()
    engine.dispose()
    return engine.url.set(database=copy).render_as_string(hide_password=False)
