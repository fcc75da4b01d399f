"""A disk that is full or may only be read: people go on reading, are told so, and lose nothing that they typed."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

import wsgi
from app.accounts.models import Invitation
from app.database import db
from app.database.saving import has_room, saving, trouble_with
from app.parties.models import User
from config import Config
from tests.abuse.trouble import only_reading_possible

NOTICE = "Homeward cannot save just now; you can read."
TYPED = {"reason": 'Ada "Fell" <b>', "email": "ada@testshire.example", "roles": ["broker"]}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def kept_form(page):
    """The address and the fields that a refusal gives back."""
    form = re.search(r'<form action="([^"]+)" method="post">(.*?)</form>', page[page.index("What you typed") :], re.S)
    return form[1], [(name, unescape(value)) for name, value in HIDDEN.findall(form[2])]


def test_reading_goes_on_with_a_notice_and_what_was_typed_is_sent_by_one_press_afterwards(house, people, client):
    client.sign_in(people["admin"])
    with only_reading_possible(db.engine):
        refused = client.submit("/users/invite", TYPED)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
        page = refused.get_data(as_text=True)
        assert "cannot save just now" in page
        listed = client.get("/users")
        assert listed.status_code == 200
        assert NOTICE in listed.get_data(as_text=True)
        ready = client.get("/readyz")
        assert (ready.status_code, ready.get_json()["database"]) == (503, False)
        assert ready.get_json()["trouble"] == "read-only"
    assert client.get("/readyz").get_json()["database"] is True
    assert NOTICE not in client.get("/users").get_data(as_text=True)
    address, fields = kept_form(page)
    assert (address, dict(fields)["reason"]) == ("/users/invite", TYPED["reason"])
    for _ in range(2):  # pressed twice
        data = {name: [value for named, value in fields if named == name] for name, _ in fields}
        assert client.post(address, data=data).status_code == 302
    db.session.rollback()
    assert len(db.session.scalars(select(Invitation).where(Invitation.email == TYPED["email"])).all()) == 1


def test_the_notice_goes_by_itself_with_the_next_good_write(house, people, client):
    client.sign_in(people["admin"])
    known = saving(db.engine)
    known.failed("disk full")
    assert NOTICE in client.get("/users").get_data(as_text=True)
    known._looked_at -= 60
    assert NOTICE not in client.get("/users").get_data(as_text=True)


def test_an_identity_is_not_shown_while_reads_cannot_be_logged_and_other_pages_are(house, world, client):
    person = world.packages["ready"].person
    person_id, name = person.id, person.name
    client.sign_in(world.users["broker"])
    with only_reading_possible(db.engine):
        shown = client.get(f"/people/{person_id}")
        assert shown.status_code == 503
        assert name not in shown.get_data(as_text=True)
        assert client.get("/packages").status_code == 200
    client.get("/readyz")


def test_a_form_with_a_secret_is_not_given_back(house, people, client):
    email = people["admin"].email
    with only_reading_possible(db.engine):
        page = client.submit("/sign-in", {"email": email, "password": "a long enough password"})
    assert page.status_code == 503
    assert "a long enough password" not in page.get_data(as_text=True)
    client.get("/readyz")


def test_a_form_that_another_site_sent_is_refused_before_anything_is_given_back(house, people, client):
    client.sign_in(people["admin"])
    with only_reading_possible(db.engine):
        answer = client.post("/users/invite", data=TYPED | {"idempotency_key": "theirs"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "What you typed" not in page
    client.get("/readyz")


def test_a_full_disk_refuses_the_write_whole_and_takes_it_once_there_is_room(house, people, client):
    if db.engine.dialect.name == "postgresql":
        full = type("DiskFull", (Exception,), {"sqlstate": "53100"})()
        assert trouble_with(full) == "disk full"
        return
    client.sign_in(people["admin"])
    before = db.session.scalars(select(User.id)).all()
    db.session.rollback()

    def fill(connection, _record, _proxy):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(db.engine, "checkout", fill)
    try:
        with pytest.raises(OperationalError, match="full"):
            write_too_much()
        assert saving(db.engine).trouble == "disk full"
        assert NOTICE in client.get("/users").get_data(as_text=True)
    finally:
        event.remove(db.engine, "checkout", fill)
        db.engine.dispose()
    assert client.get("/readyz").get_json()["database"] is True
    assert db.session.scalars(select(User.id)).all() == before


def write_too_much():
    """Writes more than fits into the pages that earlier tests have left empty."""
    with db.engine.begin() as connection:
        free, size = (connection.exec_driver_sql(f"PRAGMA {one}").scalar() for one in ("freelist_count", "page_size"))
        connection.exec_driver_sql(f"CREATE TABLE big AS SELECT zeroblob({(free + 100) * size}) AS filling")


def test_a_disk_with_hardly_any_room_is_known_before_a_write_fails(house):
    with house.app_context():
        assert has_room(db.engine)


def test_a_database_that_cannot_be_opened_at_all_promises_no_reading(tmp_path):
    nowhere = wsgi.build(
        Config(database_url=f"sqlite:///{tmp_path / 'gone' / 'h.sqlite'}", secret_key="x", testing=True)
    )
    refused = nowhere.test_client().get("/api/v1/packages", headers={"Authorization": "Bearer x"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert refused.get_json()["detail"] == "The database does not answer just now. Try again in a minute."
