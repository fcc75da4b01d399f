"""A form that is sent after its session has ended is not done and not lost."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app import clock
from app.accounts.models import Invitation
from app.auth.jobs import forget_kept_forms
from app.auth.models import KeptForm
from app.auth.sessions import end_sessions_of
from app.database import db
from tests.app.auth.makers import try_to_sign_in
from tests.careful import token_in

NEW = {"email": "ada@testshire.example", "roles": "navigator", "reason": "Ada <Fell> & sons"}


@pytest.fixture
def resting(settings):
    settings(idle_minutes=15)


@pytest.fixture
def later():
    """Twenty minutes on, the clock stands."""
    return clock.moved_to(clock.now() + timedelta(minutes=20))


def form_of(client, path):
    """What a page left open would send: its token and a key of its own."""
    return {"csrf_token": token_in(client.get(path).text), "idempotency_key": str(uuid4())}


def kept():
    return db.session.scalar(select(func.count()).select_from(KeptForm))


def invited():
    return db.session.scalar(select(func.count()).select_from(Invitation).where(Invitation.email == NEW["email"]))


def fields_on(page):
    """The fields of the first kept form."""
    form = re.search(r'<form[^>]*class="hw-form hw-form--button"[^>]*action="([^"]*)".*?</form>', page, re.DOTALL)
    areas = re.findall(r'<textarea name="([^"]*)" hidden>\n(.*?)</textarea>', form[0], re.DOTALL)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    unescaped = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&#34;": '"'}
    text = {name: re.sub("|".join(unescaped), lambda found: unescaped[found[0]], value) for name, value in areas}
    return form[1], dict(hidden) | text


def sent_too_late(client, people, path="/users/invite", data=NEW, who="admin"):
    client.sign_in(people[who])
    return form_of(client, path) | data


def test_what_was_typed_comes_back_to_its_owner_and_is_done_when_sent_again(client, people, resting, later):
    sent = sent_too_late(client, people)
    with later:
        answer = client.post("/users/invite", data=sent)
        assert (answer.status_code, answer.location) == (302, "/sign-in?kept=yes")
        assert invited() == 0
        assert "What you typed is kept" in client.get(answer.location).text
        assert try_to_sign_in(client, people["admin"].email).location == "/account/kept"
        action, fields = fields_on(client.get("/account/kept").text)
        assert action == "/users/invite"
        again = client.post(action, data=fields)
        assert again.status_code == 422
        assert "You were signed out while this was open." in again.text
        assert "Ada &lt;Fell&gt; &amp; sons" in again.text
        assert (invited(), kept()) == (0, 0)
        assert client.submit("/users/invite", NEW).status_code == 302
    assert invited() == 1


def test_it_is_kept_encrypted_and_without_passwords(client, people, resting, later):
    sent = sent_too_late(client, people, data=NEW | {"old_password": "never kept"})
    with later:
        client.post("/users/invite", data=sent)
        row = db.session.scalars(select(KeptForm)).one()
        assert "Fell" not in row.content
        try_to_sign_in(client, people["admin"].email)
        page = client.get("/account/kept").text
    assert "Fell" in page
    assert "never kept" not in page


def test_somebody_else_who_signs_in_at_the_same_browser_gets_nothing_of_it(house, client, people, resting, later):
    sent = sent_too_late(client, people)
    with later:
        client.post("/users/invite", data=sent)
        assert try_to_sign_in(client, people["contracts"].email).location == "/"
        assert "Nothing is waiting for you." in client.get("/account/kept").text
        theirs = db.session.scalars(select(KeptForm)).one().id
        client.submit("/account/kept", {}, to=f"/account/kept/{theirs}/drop")
        client.submit("/account/kept", {"kept_form": str(theirs)}, to="/account/sessions/end-others")
        assert kept() == 1
        other_browser = house.test_client()
        assert try_to_sign_in(other_browser, people["admin"].email).location == "/account/kept"


def test_its_owner_can_throw_it_away(client, people, resting, later):
    sent = sent_too_late(client, people)
    with later:
        client.post("/users/invite", data=sent)
        try_to_sign_in(client, people["admin"].email)
        row = db.session.scalars(select(KeptForm)).one().id
        client.submit("/account/kept", {}, to=f"/account/kept/{row}/drop")
        assert kept() == 0


def test_nothing_is_kept_when_there_was_no_session_or_it_was_ended_or_nothing_was_typed(client, people, resting, later):
    with later:
        assert client.post("/users/invite", data=form_of(client, "/sign-in") | NEW).location == "/sign-in"
    sent = sent_too_late(client, people)
    with clock.moved_to(clock.now() + timedelta(minutes=20)):
        client.post("/users/invite", data={name: value for name, value in sent.items() if name not in NEW})
    end_sessions_of(people["admin"], because="The account was taken over.", by=people.viewer("admin").actor)
    db.session.commit()
    assert client.post("/users/invite", data=sent).location == "/sign-in"
    assert kept() == 0


def test_no_more_than_ten_forms_are_kept_for_one_person_nor_any_of_monstrous_size(client, people, resting, later):
    sent = sent_too_late(client, people)
    with later:
        client.post("/users/invite", data=sent | {"reason": "x" * 300_001})
        assert kept() == 0
        for _ in range(12):
            client.post("/users/invite", data=sent)
        assert kept() == 10


def test_after_an_hour_it_is_gone(client, people, resting, later):
    sent = sent_too_late(client, people)
    with later:
        client.post("/users/invite", data=sent)
        assert forget_kept_forms() == 0
    with clock.moved_to(clock.now() + timedelta(minutes=81)):
        assert try_to_sign_in(client, people["admin"].email).location == "/"
        assert forget_kept_forms() == 1


def test_a_list_that_is_asked_for_too_late_is_shown_after_signing_in(client, people, resting, later):
    client.sign_in(people["admin"])
    with later:
        answer = client.get("/users?page=1")
        assert answer.location == "/sign-in?next=/users?page%3D1"
        token = token_in(client.get(answer.location).text)
        sent = {"email": people["admin"].email, "password": "a long enough password", "csrf_token": token}
        assert client.post(answer.location, data=sent).location == "/users?page=1"
