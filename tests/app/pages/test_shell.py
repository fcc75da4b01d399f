"""The house stands: it starts, signs people in, seals its audit, and repeats nothing."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.audit.jobs import seal_entries
from app.audit.models import AuditBlock, AuditEntry
from app.audit.verify import verify
from app.database import db, new_id
from app.pages.context import urls_of
from tests.people import PASSWORD


def test_the_house_is_alive(client):
    assert client.get("/healthz").json == {"status": "alive"}


def test_nobody_sees_the_home_page_without_signing_in(client):
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/?")


def test_an_officer_signs_in_and_out(client, people):
    client.sign_in(people["navigator"])
    assert client.get("/").status_code == 200
    assert client.submit("/", {}, to="/sign-out").status_code == 302
    assert client.get("/").status_code == 302


def test_an_old_cookie_dies_with_its_session(client, people):
    client.sign_in(people["navigator"])
    cookie = client.get_cookie("homeward")
    client.submit("/", {}, to="/sign-out")
    client.set_cookie("homeward", cookie.value)
    assert client.get("/").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, people):
    wrong = client.submit("/sign-in", {"email": "navigator@testshire.example", "password": "wrong"})
    unknown = client.submit("/sign-in", {"email": "nobody@testshire.example", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 422
    assert "is not right" in wrong.text
    assert "is not right" in unknown.text


def test_the_audit_holds_and_a_forged_entry_is_found(session, people):
    assert seal_entries() > 10
    assert verify().fault is None
    true = db.session.scalars(select(AuditEntry).where(AuditEntry.tag == "user:created").limit(1)).one()
    columns = {column.name: getattr(true, column.name) for column in AuditEntry.__table__.columns}
    db.session.add(AuditEntry(**columns | {"id": new_id(), "actor_label": "Somebody else"}))
    db.session.commit()
    assert "was changed" in verify().fault


def test_an_entry_that_is_missing_from_its_block_is_found(session, people):
    seal_entries()
    block = db.session.scalars(select(AuditBlock)).one()
    forged = AuditBlock(number=2, sealed_at=block.sealed_at, previous_hash=block.hash, entries=1, hash=block.hash)
    db.session.add(forged)
    db.session.commit()
    assert verify().fault == "block 2 has lost or changed an entry."


@pytest.mark.parametrize("statement", ["DELETE FROM audit_entry", "UPDATE audit_fact SET reason = 'another'"])
def test_the_database_itself_refuses_to_change_the_audit(session, people, statement):
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_the_api_knows_bearers_only(client, people):
    assert client.get("/api/v1/tasks/7c9e6679-7425-40de-944b-e07fc1f90ae7").status_code == 401
    headers = client.bearer(people["navigator"])
    answer = client.get("/api/v1/tasks/7c9e6679-7425-40de-944b-e07fc1f90ae7", headers=headers)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


def test_the_address_of_one_of_many_is_that_of_its_page(house):
    with house.test_request_context("/", base_url="http://localhost/care"):
        wanted = new_id()
        assert urls_of("batches.show", "batch_id")(wanted) == url_for("batches.show", batch_id=wanted)
