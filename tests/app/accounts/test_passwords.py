"""Lost passwords: asked for, found, and attacked."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select, update

from app import clock
from app.accounts.jobs import answer_requests, forget_old
from app.accounts.models import PasswordRequest, PasswordReset
from app.auth.passwords import hash_password
from app.auth.second_factor import has_second_factor, new_shared_secret
from app.auth.second_factor_services import set_up
from app.database import db
from app.messages.models import Delivery
from app.parties.models import Organisation, User
from tests.app.accounts.post import letters_to, links_to, lost_password_link
from tests.careful import token_in
from tests.people import PASSWORD

BROKER = "broker@testshire.example"
NEW = {"password": "seven yellow teapots"}


def test_the_link_sets_a_new_password_and_ends_every_session(house, client, people):
    client.sign_in(people["broker"])
    old = client.get_cookie("homeward").value
    client.sign_out()
    link = lost_password_link(client, BROKER)
    assert client.submit(link, NEW).location == "/sign-in"
    client.set_cookie("homeward", old)
    assert client.get("/").status_code == 302
    client.sign_out()
    assert client.submit("/sign-in", {"email": BROKER, "password": PASSWORD}).status_code == 422
    assert client.submit("/sign-in", {"email": BROKER, **NEW}).status_code == 302
    assert letters_to(BROKER)[-1] == "Your password was changed"


def test_known_and_unknown_addresses_get_the_same_answer_and_nothing_is_sent_in_the_request(client, people):
    answers = []
    for email in (BROKER, "nobody@testshire.example", "  BROKER@testshire.example "):
        sent = client.submit("/forgotten-password", {"email": email})
        answers.append((sent.status_code, sent.location, sent.get_data()))
    assert len(set(answers)) == 1
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0
    assert db.session.scalar(select(func.count()).select_from(PasswordReset)) == 0
    assert answer_requests() == 3
    assert len(links_to(BROKER, "/new-password/")) == 2
    assert links_to("nobody@testshire.example", "/") == []


def test_a_mail_scanner_that_opens_the_link_changes_nothing(client, people):
    link = lost_password_link(client, BROKER)
    for _ in range(3):
        assert client.get(link).status_code == 200
    assert client.submit(link, NEW).status_code == 302


def test_a_link_is_good_once(client, people):
    link = lost_password_link(client, BROKER)
    token = token_in(client.get(link).text)
    client.submit(link, NEW)
    assert client.get(link).status_code == 404
    assert client.post(link, data={"password": "eight purple kettles", "csrf_token": token}).status_code == 404
    assert client.submit("/sign-in", {"email": BROKER, **NEW}).status_code == 302


def test_a_newer_link_ends_the_older(client, people):
    older = lost_password_link(client, BROKER)
    (newer,) = {lost_password_link(client, BROKER), *links_to(BROKER, "/new-password/")} - {older}
    assert client.get(older).status_code == 404
    assert client.get(newer).status_code == 200


def test_a_sign_in_ends_the_link(client, people):
    link = lost_password_link(client, BROKER)
    client.sign_in(people["broker"])
    client.sign_out()
    assert client.get(link).status_code == 404


def test_a_sign_in_of_somebody_else_does_not(client, people):
    link = lost_password_link(client, BROKER)
    client.sign_in(people["navigator"])
    client.sign_out()
    assert client.get(link).status_code == 200


def test_a_change_of_the_password_ends_the_link(client, people):
    link = lost_password_link(client, BROKER)
    people["broker"].password_hash = hash_password("nine green ladders")
    assert client.get(link).status_code == 404


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (60, 404)])
def test_a_link_lasts_sixty_minutes(client, people, minutes, status):
    link = lost_password_link(client, BROKER)
    with clock.moved_to(db.session.scalars(select(PasswordReset.created_at)).one() + timedelta(minutes=minutes)):
        assert client.get(link).status_code == status


@pytest.mark.parametrize("closed", ["user", "organisation"])
def test_a_closed_account_gets_no_link_and_an_older_one_is_dead(client, people, closed):
    link = lost_password_link(client, BROKER)
    model, key = (User, people["broker"].id) if closed == "user" else (Organisation, people.council.id)
    column = {"user": "disabled_at", "organisation": "suspended_at"}[closed]
    db.session.execute(update(model).where(model.id == key).values({column: clock.now()}))
    assert client.get(link).status_code == 404
    client.submit("/forgotten-password", {"email": BROKER})
    answer_requests()
    assert len(links_to(BROKER, "/new-password/")) == 1


def test_the_host_of_a_request_is_nowhere_in_the_letter(house, client, people):
    token = token_in(client.get("/forgotten-password").text)
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    client.post("/forgotten-password", data={"email": BROKER, "csrf_token": token}, headers=evil)
    answer_requests()
    for delivery in db.session.scalars(select(Delivery)):
        assert "evil.example" not in f"{delivery.path} {delivery.message.path} {delivery.message.body}"
        assert (delivery.path or "/").startswith("/")


def test_the_sixth_request_for_one_address_waits_whether_it_is_known_or_not(client, people):
    for email in (BROKER, "nobody@testshire.example"):
        statuses = [client.submit("/forgotten-password", {"email": email}).status_code for _ in range(6)]
        assert statuses == [302] * 5 + [429], email
    with clock.moved_to(clock.now() + timedelta(minutes=61)):
        assert client.submit("/forgotten-password", {"email": BROKER}).status_code == 302


def test_the_second_factor_is_kept(house, client, people):
    secret = new_shared_secret()
    set_up(people["broker"], secret, pyotp.TOTP(secret).at(clock.now()), by=people.viewer("broker").actor)
    client.submit(lost_password_link(client, BROKER), NEW)
    client.submit("/sign-in", {"email": BROKER, **NEW})
    assert has_second_factor(people["broker"].id)
    assert client.get("/packages").status_code == 302


def test_a_weak_password_is_refused_and_the_link_still_works(client, people):
    link = lost_password_link(client, BROKER)
    assert client.submit(link, {"password": "password1234"}).status_code == 422
    assert client.submit(link, NEW).status_code == 302


def test_what_was_typed_is_not_kept_longer_than_it_takes_to_answer(client, people):
    client.submit("/forgotten-password", {"email": BROKER})
    asked = db.session.scalars(select(PasswordRequest)).one()
    assert BROKER not in f"{asked.account} {asked.address} {asked.email_box}"
    answer_requests()
    assert db.session.scalars(select(PasswordRequest.email_box)).one() is None
    with clock.moved_to(clock.now() + timedelta(days=2)):
        assert forget_old() == 1


def test_the_secret_of_a_link_is_not_in_the_database(client, people):
    secret = lost_password_link(client, BROKER).rpartition("/")[2]
    assert db.session.scalars(select(PasswordReset.secret_hash)).one() != secret
