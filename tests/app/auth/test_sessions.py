"""Sessions: how they begin, rest, end and die; the old cookie opens nothing within one request."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update

import wsgi
from app import clock
from app.audit import SYSTEM
from app.audit.models import AuditEntry
from app.auth.arrival import Arrival
from app.auth.idle import PATIENCE_MS
from app.auth.models import UserSession
from app.auth.services import change_password
from app.auth.sessions import end_sessions_of
from app.database import db
from app.messages.models import Message
from app.parties.models import UserRole
from app.parties.roles import Role
from config import Config
from tests.app.accounts.post import letters_to
from tests.app.auth.makers import cookie_of, try_to_sign_in
from tests.careful import CarefulClient
from tests.people import PASSWORD, a_user

NEW = "an even longer new password"


@pytest.fixture
def resting(settings):
    """Sessions rest as long as in use, 15 and 30 minutes; the clock stands still but where a test moves it."""
    settings(idle_minutes=15, idle_minutes_people=30)
    with clock.moved_to(clock.now()):
        yield


def is_in(client):
    return client.get("/account").status_code == 200


def after(**time):
    return clock.moved_to(clock.now() + timedelta(**time))


# ----------------------------------------------------------------------------------------------------------- resting


def test_staff_are_signed_out_after_15_minutes_and_not_before(client, people, resting):
    client.sign_in(people["broker"])
    with after(minutes=14, seconds=50):
        assert is_in(client)
    with after(minutes=31):
        assert not is_in(client)


def test_people_who_are_cared_for_are_signed_out_after_30_minutes(client, people, resting):
    user = a_user(people.council, "someone@testshire.example", Role.BROKER)
    user.roles = [UserRole(role=Role.SERVICE_USER)]
    client.sign_in(user)
    with after(minutes=29, seconds=50):
        assert is_in(client)
    with after(minutes=61):
        assert not is_in(client)


def test_somebody_at_work_is_signed_out_after_twelve_hours(client, people, resting):
    start = clock.now()
    with clock.moved_to(start):
        client.sign_in(people["broker"])
    for minutes in range(14, 12 * 60, 14):
        with clock.moved_to(start + timedelta(minutes=minutes)):
            assert is_in(client)
    with clock.moved_to(start + timedelta(hours=12)):
        assert not is_in(client)


def test_a_session_that_has_rested_too_long_does_not_come_back(client, people, resting):
    client.sign_in(people["broker"])
    with after(minutes=20):
        assert not is_in(client)
    assert is_in(client), "only because the clock went back"


def writes_of_sessions(client, path):
    """How often the table of sessions is written while the path is asked for."""
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.extend([statement] if statement.startswith("UPDATE user_session") else [])

    event.listen(db.engine, "before_cursor_execute", note)
    client.get(path)
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_the_time_last_seen_is_written_once_a_minute_at_most(client, people):
    client.sign_in(people["broker"])
    assert [writes_of_sessions(client, "/account") for _ in range(3)] == [0, 0, 0]
    with after(seconds=61):
        assert [writes_of_sessions(client, "/account") for _ in range(3)] == [1, 0, 0]


def test_a_page_that_asks_by_itself_does_not_keep_the_session(client, people, resting):
    client.sign_in(people["broker"])
    with after(minutes=10):
        assert writes_of_sessions(client, "/session") == 0
        assert client.get("/session").json == {"left": 300}
    with after(minutes=16):
        assert client.get("/session").json == {"left": 0}


def test_saying_that_one_is_still_there_keeps_the_session(client, people, resting):
    client.sign_in(people["broker"])
    with after(minutes=14):
        assert client.submit("/account", {}, to="/session/stay").json["left"] == 15 * 60
        assert client.get("/session").json["left"] == 15 * 60


def test_a_page_is_shown_at_once_although_the_time_last_seen_cannot_be_written(client, people):
    client.sign_in(people["broker"])
    with after(minutes=2), db.engine.begin() as other, cleanly(other), waits_for_locks() as waits:
        other.execute(update(UserSession).values(browser="held by somebody else"))
        assert client.get("/account").status_code == 200
    assert waits[0] == PATIENCE_MS < 500
    with after(minutes=2):
        assert writes_of_sessions(client, "/account") == 1, "it is tried again at the next request"


@contextmanager
def waits_for_locks():
    """The milliseconds for which connections that are taken meanwhile are told to wait for a lock."""
    statements, waits = [], []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    def trace(connection, *_rest):
        if db.engine.dialect.name == "sqlite":
            connection.set_trace_callback(statements.append)

    for name, listener in (("before_cursor_execute", note), ("checkout", trace)):
        event.listen(db.engine, name, listener)
    yield waits
    for name, listener in (("before_cursor_execute", note), ("checkout", trace)):
        event.remove(db.engine, name, listener)
    waits.extend(int(found[1]) for one in statements if (found := re.search(r"(?:busy|lock)_timeout ?= ?(\d+)", one)))


@contextmanager
def cleanly(connection):
    """Takes back in the end what the connection has locked."""
    yield
    connection.rollback()


# --------------------------------------------------------------------------------------------------------- old cookies


def test_an_old_cookie_opens_nothing_after_signing_out(client, people):
    client.sign_in(people["broker"])
    old = cookie_of(client)
    assert client.submit("/account", {}, to="/sign-out").status_code == 302
    client.set_cookie("homeward", old)
    assert not is_in(client)


def disabled(people):
    people["broker"].disabled_at = clock.now()


def suspended(people):
    people.council.suspended_at = clock.now()


def lowered(people):
    people["broker"].roles = [UserRole(role=Role.REFERRER)]


def ended(people):
    end_sessions_of(people["broker"], because="An administrator said so.", by=SYSTEM)


@pytest.mark.parametrize("change", [disabled, suspended, lowered, ended])
def test_a_session_dies_within_one_request_when(client, people, change):
    client.sign_in(people["broker"])
    assert is_in(client)
    change(people)
    db.session.commit()
    assert not is_in(client)


def test_a_role_that_is_added_ends_no_session(client, people):
    client.sign_in(people["broker"])
    people["broker"].roles.append(UserRole(role=Role.AUDITOR))
    db.session.commit()
    assert client.get("/audit").status_code == 200


def test_a_planted_cookie_is_worth_nothing_after_the_victim_has_signed_in(house, client, people):
    """Fixation: whatever stood in the browser before, the session begins under a secret of its own."""
    attacker = house.test_client()
    attacker.get("/sign-in")
    planted = cookie_of(attacker)
    client.set_cookie("homeward", planted)
    client.sign_in(people["broker"])
    assert cookie_of(client) != planted
    attacker.set_cookie("homeward", planted)
    assert not is_in(attacker)


# --------------------------------------------------------------------------------------------------------- the password


def test_changing_the_password_ends_all_other_sessions_and_renews_this_one(house, client, people):
    other = house.test_client()
    other.sign_in(people["broker"])
    client.sign_in(people["broker"])
    before = cookie_of(client)
    answer = client.submit("/account/password", {"password": PASSWORD, "new_password": NEW})
    assert (answer.status_code, answer.location) == (302, "/account")
    assert not is_in(other)
    assert is_in(client)
    client.set_cookie("homeward", before)
    assert not is_in(client)
    assert try_to_sign_in(client, people["broker"].email).status_code == 422
    assert try_to_sign_in(client, people["broker"].email, NEW).status_code == 302


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"password": "not mine", "new_password": NEW}, "This is not your password."),
        ({"password": PASSWORD, "new_password": "short"}, "Use at least 12 characters."),
        ({"password": PASSWORD, "new_password": "broker@testshire.example"}, "others know of you"),
        ({"password": PASSWORD, "new_password": "password1234"}, "tried first"),
        ({"password": PASSWORD, "new_password": "x" * 500}, "Use at most 200 characters."),
    ],
)
def test_a_password_is_not_changed_without_the_one_before_nor_to_a_bad_one(client, people, sent, told):
    client.sign_in(people["broker"])
    answer = client.submit("/account/password", sent)
    assert answer.status_code == 422
    assert told in answer.text
    assert try_to_sign_in(client, people["broker"].email).status_code == 302


def test_who_guesses_the_password_in_a_stolen_session_is_stopped_after_ten(client, people):
    client.sign_in(people["broker"])
    sent = {"password": "not mine", "new_password": NEW}
    assert [client.submit("/account/password", sent).status_code for _ in range(11)] == [422] * 10 + [429]


def test_a_service_that_changes_the_password_tells_the_audit_and_not_the_password(session, people, client):
    client.sign_in(people["broker"])
    row = db.session.scalars(select(UserSession)).one()
    change_password(row, PASSWORD, NEW, Arrival("192.0.2.1", ""), by=people.viewer("broker").actor)
    db.session.commit()
    tags = set(db.session.scalars(select(AuditEntry.tag)))
    assert "user:password_changed" in tags
    assert letters_to(people["broker"].email) == ["Your password was changed"]
    (told,) = db.session.scalars(select(Message.body).where(Message.subject == "Your password was changed"))
    assert f"{clock.now().astimezone(clock.LONDON):%A %-d %B %Y}" in told
    assert "If this was not you, tell your administrator" in told
    assert people["broker"].name not in told


# --------------------------------------------------------------------------------------------------- one's own sessions


def test_somebody_sees_their_sessions_and_ends_one(house, client, people):
    other = house.test_client()
    other.sign_in(people["broker"])
    windows = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36"}
    try_to_sign_in(client, people["broker"].email, headers=windows)
    page = client.get("/account/sessions").text
    assert "Chrome on Windows" in page
    assert page.count("This browser") == 1
    theirs = db.session.scalars(select(UserSession).where(UserSession.browser != "Chrome on Windows")).one()
    answer = client.submit("/account/sessions", {}, to=f"/account/sessions/{theirs.id}/end")
    assert answer.status_code == 302
    assert not is_in(other)
    assert is_in(client)


def test_nobody_ends_somebody_elses_session(house, client, people):
    other = house.test_client()
    other.sign_in(people["finance"])
    theirs = db.session.scalars(select(UserSession)).one()
    client.sign_in(people["broker"])
    answer = client.submit("/account/sessions", {}, to=f"/account/sessions/{theirs.id}/end")
    assert answer.status_code == 404
    assert is_in(other)


def test_all_others_end_at_once_and_this_one_stays(house, client, people):
    others = [house.test_client() for _ in range(3)]
    for other in others:
        other.sign_in(people["broker"])
    client.sign_in(people["broker"])
    client.submit("/account/sessions", {}, to="/account/sessions/end-others")
    assert is_in(client)
    assert [is_in(other) for other in others] == [False] * 3
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "sessions:ended")).one()
    assert entry.subject_id == people["broker"].id


# --------------------------------------------------------------------------------------------------------- the pages


def test_the_pages_of_the_account_are_well_made(house, people):
    house.test_client_class = CarefulClient
    careful = house.test_client()
    careful.sign_in(people["broker"])
    for path in ("/account", "/account/password", "/account/sessions", "/account/kept", "/account/recovery-codes"):
        assert careful.get(path).status_code == 200, path


def test_cookies_are_bound_to_the_host_and_to_https_where_that_is_set():
    config = Config(database_url="sqlite://", secret_key="for tests only", testing=True, secure_cookies=True)
    secure = wsgi.build(config)
    answer = secure.test_client().get("/accessibility", base_url="https://127.0.0.1:8000")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    settings = secure.config
    assert settings["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert settings["SESSION_COOKIE_SECURE"] is settings["SESSION_COOKIE_HTTPONLY"] is True
    assert (settings["SESSION_COOKIE_DOMAIN"], settings["SESSION_COOKIE_PATH"]) == (None, None)
    assert settings["APPLICATION_ROOT"] == "/"


def test_the_cookies_of_a_sign_in_are_out_of_reach_of_scripts(client, people):
    client.get("/sign-in")
    left = try_to_sign_in(client, people["broker"].email).headers.getlist("Set-Cookie")
    assert len(left) == 2
    for cookie in left:
        assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie
        assert "remember" not in cookie
