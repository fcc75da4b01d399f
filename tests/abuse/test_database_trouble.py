"""What a person reads when the database refuses, hangs or stops one of two: 409 or 503 in words, and nothing half done."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.database import db, locked
from app.parties.models import Organisation
from tests.waiting import LONGEST


class Stopped(Exception):
    """What a driver raises, with PostgreSQL's code."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def stopped(sqlstate: str) -> OperationalError:
    """The same as SQLAlchemy hands it on."""
    return OperationalError("SELECT 1", {}, Stopped(sqlstate))


@contextmanager
def failing(house, error: Exception, start: str) -> Iterator[None]:
    """The database fails with this at every statement that begins so."""

    def fail(_connection, _cursor, statement, *_rest):
        if statement.startswith(start):
            raise error

    with house.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_deadlock_is_a_lost_race_that_can_be_tried_again(house, people, client, sqlstate):
    client.sign_in(people["admin"])
    typed = {"email": "ada@testshire.example", "roles": "broker"}
    with failing(house, stopped(sqlstate), "INSERT INTO invitation"):
        answer = client.submit("/users/invite", typed)
    assert answer.status_code == 409
    assert "Nothing of yours was done; try again." in answer.get_data(as_text=True)
    assert client.submit("/users/invite", typed).status_code == 302


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (stopped("57014"), "This took longer than one page may take, so it was stopped"),
        (stopped("55P03"), "Other work is being saved just now and holds what this needs."),
        (stopped("53300"), "The database does not answer just now."),
        (PoolTimeout("no connection"), "Homeward has more to do just now than it can at once."),
    ],
    ids=["statement", "lock", "full", "pool"],
)
def test_a_wait_that_is_over_is_503_with_the_time_to_wait_and_says_of_the_database_only_what_is_so(
    house, people, client, error, told
):
    client.sign_in(people["admin"])
    headers = client.bearer(people["broker"])
    for start in ("SELECT user_session", "SELECT api_token", "SELECT"):
        with failing(house, error, start):
            page = client.get("/users")
            said = client.get("/api/v1/packages", headers=headers)
        for answer in {"user_session": [page], "api_token": [said]}.get(start[7:], [page, said]):
            assert answer.status_code == 503
            assert answer.headers["Retry-After"] == "30"
            assert told in answer.get_data(as_text=True)
    assert client.get("/users").status_code == 200


def test_a_change_whose_answer_cannot_be_kept_is_not_made_and_can_be_sent_again(house, people, client):
    client.sign_in(people["admin"])
    typed = {"email": "ada@testshire.example", "roles": "broker", "idempotency_key": "k1"}
    with failing(house, stopped("57014"), "UPDATE repeated_request"):
        assert client.submit("/users/invite", typed).status_code == 503
    assert typed["email"] not in client.get("/users/invitations").get_data(as_text=True)
    assert client.submit("/users/invite", typed).status_code == 302
    assert client.submit("/users/invite", typed).headers["Idempotency-Replayed"] == "true"


def test_an_identity_that_cannot_be_logged_is_not_shown(house, world, client):
    person = world.packages["ready"].person
    client.sign_in(world.users["broker"])
    with failing(house, stopped("57014"), "INSERT INTO access_log"):
        answer = client.get(f"/people/{person.id}")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Content-Security-Policy"]
    assert person.name not in answer.get_data(as_text=True)


def test_of_two_who_lock_crosswise_each_is_served_or_told_to_try_again(house, people):
    ids = (people.council.id, people.icb.id)
    db.session.rollback()
    met, statuses = threading.Barrier(2), []

    def lock_both(first, second):
        with house.test_request_context("/"):
            try:
                db.session.scalars(locked(select(Organisation).where(Organisation.id == first))).one()
                if db.engine.dialect.name == "postgresql":
                    met.wait(LONGEST)
                db.session.scalars(locked(select(Organisation).where(Organisation.id == second))).one()
                statuses.append(200)
            except DBAPIError as error:
                statuses.append(house.make_response(house.handle_user_exception(error)).status_code)
            finally:
                db.session.rollback()

    threads = [threading.Thread(target=Context().run, args=(lock_both, *order)) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST)
    lost = 409 if db.engine.dialect.name == "postgresql" else 200
    assert sorted(statuses) == [200, lost]
