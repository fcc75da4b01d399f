"""A POST sent twice has one effect, and its second answer is the first one again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import clock
from app.accounts.models import Invitation
from app.auth.jobs import forget_answers
from app.database import db
from app.http import transaction
from app.http.models import RepeatedRequest
from tests.people import PASSWORD

NEW = {"email": "ada@testshire.example", "roles": "navigator"}


def invitations():
    return db.session.scalar(select(func.count()).where(Invitation.email == NEW["email"]))


def test_the_same_key_and_body_get_the_first_answer_again(client, people):
    client.sign_in(people["admin"])
    first = client.submit("/users/invite", NEW | {"idempotency_key": "k1"})
    second = client.submit("/users/invite", NEW | {"idempotency_key": "k1"})
    assert (first.status_code, second.status_code) == (302, 302)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert invitations() == 1


def test_the_same_key_with_another_body_is_refused(client, people):
    client.sign_in(people["admin"])
    client.submit("/users/invite", NEW | {"idempotency_key": "k1"})
    other = client.submit("/users/invite", NEW | {"idempotency_key": "k1", "email": "eve@testshire.example"})
    assert other.status_code == 422


def test_a_refused_post_can_be_corrected_under_the_same_key(client, people):
    client.sign_in(people["admin"])
    assert client.submit("/users/invite", NEW | {"idempotency_key": "k1", "email": "nothing"}).status_code == 422
    assert client.submit("/users/invite", NEW | {"idempotency_key": "k1"}).status_code == 302


def test_a_key_of_one_user_is_nothing_to_another(client, people):
    client.sign_in(people["admin"])
    client.submit("/users/invite", NEW | {"idempotency_key": "k1"})
    client.sign_out()
    client.sign_in(people["contracts"])
    assert client.submit("/", {"idempotency_key": "k1"}, to="/users/invite").status_code == 403


def test_an_answer_is_kept_for_a_week_and_no_longer(client, people):
    client.sign_in(people["admin"])
    client.submit("/users/invite", NEW | {"idempotency_key": "k1"})
    with clock.moved_to(clock.now() + timedelta(days=6, hours=23)):
        assert forget_answers() == 0
    with clock.moved_to(clock.now() + timedelta(days=7, minutes=1)):
        assert forget_answers() == db.session.scalar(select(func.count()).select_from(RepeatedRequest)) + 1


def test_twenty_double_clicks_make_one_invitation(house, client, people):
    client.sign_in(people["admin"])
    token = client.get("/users/invite").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    cookie = client.get_cookie("homeward").value
    db.session.commit()

    def click(_number):
        other = house.test_client()
        other.set_cookie("homeward", cookie)
        return other.post("/users/invite", data=NEW | {"idempotency_key": "k1", "csrf_token": token}).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(click, range(20)))
    assert set(answers) == {302}
    assert invitations() == 1


def test_a_step_that_began_its_transaction_anew_still_keeps_its_answer(client, people):
    client.sign_in(people["broker"])
    typed = {"password": PASSWORD, "new_password": "heron walks by the mill", "new_again": "heron walks by the mill"}
    first = client.submit("/account/password", typed | {"idempotency_key": "k1"})
    again = client.submit("/account/password", typed | {"idempotency_key": "k1"})
    assert (first.status_code, first.location) == (again.status_code, again.location) == (302, "/account")
    assert again.headers["Idempotency-Replayed"] == "true"


def test_what_cannot_be_kept_is_refused_and_nobody_is_told_that_it_was_done(client, people, monkeypatch):
    def lose_the_server(_response):
        raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))

    client.sign_in(people["admin"])
    monkeypatch.setattr(transaction, "keep_answer", lose_the_server)
    refused = client.submit("/users/invite", {}, to="/mail/release")
    monkeypatch.undo()
    assert refused.status_code == 503
    assert db.session.scalar(select(func.count()).select_from(RepeatedRequest)) == 0
    assert "held emails are being sent" not in refused.get_data(as_text=True)
    assert "held emails are being sent" not in client.get("/mail").get_data(as_text=True)
