"""API tokens: made, shown once, limited in scope and time; and the password again before lists leave."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock
from app.audit.models import AuditEntry
from app.auth.letters import LETTERS
from app.auth.models import ApiToken
from app.auth.tokens import Scope, create_token, scope_needed
from app.database import db
from app.http.models import RepeatedRequest
from app.messages.models import Message
from tests.app.accounts.post import letters_to, lost_password_link
from tests.careful import token_in
from tests.people import PASSWORD

READING = {"name": "reports", "scopes": "read", "days": "30"}


def bearer(people, name, *scopes, **more):
    secret = create_token(people[name], "t", by=people.viewer(name).actor, scopes=scopes, **more)
    return {"Authorization": f"Bearer {secret}"}


def test_a_token_is_shown_once_and_is_in_no_kept_answer(client, people):
    client.sign_in(people["broker"])
    assert client.submit("/account/tokens", READING | {"idempotency_key": "k1"}).status_code == 302
    secret = re.search(r"hw_[\w-]{43}", client.get("/account/tokens").text)[0]
    assert secret not in client.get("/account/tokens").text
    assert all(secret not in (row.body or "") for row in db.session.scalars(select(RepeatedRequest)))
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/packages", headers=headers).status_code == 200
    token = db.session.scalars(select(ApiToken)).one()
    assert (token.scopes, token.last_used_on) == (["read"], clock.today())
    assert token.expires_at - token.created_at == timedelta(days=30)


def test_an_old_session_alone_makes_no_token_and_the_owner_is_told_of_each(client, people):
    """A session that somebody left open, or a stolen cookie, does not become a year's access."""
    client.sign_in(people["broker"])
    page = client.get("/account/tokens").text
    sent = {**READING, "scopes": ["read", "write"], "csrf_token": token_in(page)}
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert client.post("/account/tokens", data=sent).status_code == 403
        assert client.post("/account/tokens", data={**sent, "current_password": "wrong"}).status_code == 403
        assert db.session.scalars(select(ApiToken)).all() == []
        assert letters_to(people["broker"].email) == []
        again = {**sent, "idempotency_key": "k2", "current_password": PASSWORD}
        assert client.post("/account/tokens", data=again).status_code == 302
    assert db.session.scalars(select(ApiToken)).one().scopes == ["read", "write"]
    message = db.session.scalars(select(Message)).one()
    assert letters_to(people["broker"].email) == [message.subject] == ["An API token was made"]
    assert "(read, write)" in message.body
    assert READING["name"] not in message.body
    assert [one.topic for one in LETTERS if one.kind == message.kind] == [None], "a topic could be chosen away"


NEW = "seven yellow teapots"


def change_on_the_page(client, people):
    client.sign_in(people["broker"])
    assert "your API tokens end" in client.get("/account/password").text
    assert client.submit("/account/password", {"password": PASSWORD, "new_password": NEW}).status_code == 302


def set_through_a_link(client, people):
    link = lost_password_link(client, people["broker"].email)
    assert "your API tokens end" in client.get(link).text
    assert client.submit(link, {"password": NEW}).status_code == 302


def lose_the_second_factor(client, people):
    client.sign_in(people["admin"])
    path = f"/users/{people['broker'].id}/second-factor"
    assert client.submit("/account", {}, to=path).status_code == 302


@pytest.mark.parametrize("way", [change_on_the_page, set_through_a_link, lose_the_second_factor])
def test_whatever_ends_the_sessions_of_a_stolen_account_ends_its_tokens(client, people, way):
    headers, others = bearer(people, "broker", *Scope), bearer(people, "navigator", *Scope)
    db.session.commit()
    way(client, people)
    client.sign_out()
    assert client.get("/api/v1/packages", headers=headers).status_code == 401
    assert client.get("/api/v1/packages", headers=others).status_code == 200
    ended = db.session.scalars(select(AuditEntry.tag).where(AuditEntry.tag == "token:ended")).all()
    assert len(ended) == 1
    body = db.session.scalars(select(Message.body).order_by(Message.created_at.desc()).limit(1)).one()
    assert "API tokens were ended" in body


@pytest.mark.parametrize("days", ["0", "366", "-1", "1.5", "x", "", "9" * 9])
def test_a_token_lasts_from_one_day_to_a_year(client, people, days):
    client.sign_in(people["broker"])
    assert client.submit("/account/tokens", READING | {"days": days}).status_code == 422
    assert db.session.scalars(select(ApiToken)).all() == []


def test_a_token_ends_with_its_last_day_or_when_it_is_ended(client, people):
    headers = bearer(people, "broker", Scope.READ, days=1)
    token = db.session.scalars(select(ApiToken)).one()
    with clock.moved_to(token.expires_at):
        assert client.get("/api/v1/packages", headers=headers).status_code == 401
    client.sign_in(people["navigator"])
    assert client.submit("/account", {}, to=f"/account/tokens/{token.id}/end").status_code == 404
    client.sign_out()
    client.sign_in(people["broker"])
    assert client.submit("/account", {}, to=f"/account/tokens/{token.id}/end").status_code == 302
    assert client.get("/api/v1/packages", headers=headers).status_code == 401


@pytest.mark.parametrize("scopes", [("read",), ("export",), ("read", "export")])
def test_a_token_without_the_scope_changes_nothing_anywhere(built, client, people, scopes):
    headers = bearer(people, "broker", *(Scope(one) for one in scopes))
    some_id = people.council.id
    binding = built.url_map.bind("localhost")
    for rule in built.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/") or "openapi" in rule.rule:
            continue
        path = binding.build(rule.endpoint, dict.fromkeys(rule.arguments, some_id), force_external=False)
        for method in rule.methods - {"HEAD", "OPTIONS", "GET"}:
            needed = scope_needed(built.view_functions[rule.endpoint], method).value
            if needed in scopes:
                continue
            answer = client.open(path, method=method, headers=headers, json={})
            assert answer.status_code == 403, (method, path)
            assert "does not have the scope" in answer.json["detail"], (method, path)


def test_a_token_that_only_writes_does_not_read(client, people):
    answer = client.get("/api/v1/packages", headers=bearer(people, "broker", Scope.WRITE))
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/packages/import"])
def test_ten_minutes_after_the_password_it_is_asked_for_again(client, people, path):
    client.sign_in(people["broker"])
    assert client.get(path).status_code == 200
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        page = client.get(path)
        assert page.status_code == 403
        proof = re.search(r'action="(/password-again[^"]*)"', page.text)[1].replace("&amp;", "&")
        form = {"csrf_token": token_in(page.text)}
        assert client.post(proof, data={**form, "current_password": "wrong"}).status_code == 422
        assert client.get(path).status_code == 403
        answer = client.post(proof, data={**form, "current_password": PASSWORD})
        assert answer.location.startswith(path)
        assert client.get(path).status_code == 200


def test_what_was_asked_for_goes_on_with_the_password_and_what_was_typed(client, people):
    client.sign_in(people["broker"])
    asked = {"status": "ready", "csrf_token": token_in(client.get("/account").text), "idempotency_key": "k1"}
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        page = client.post("/packages/export", data=asked)
        assert page.status_code == 403
        assert '<input type="hidden" name="status" value="ready">' in page.text
        again = {**asked, "idempotency_key": "k2", "current_password": PASSWORD}
        assert client.post("/packages/export", data=again).mimetype == "text/csv"


def test_the_password_cannot_be_guessed_from_an_open_browser(client, people):
    client.sign_in(people["broker"])
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        form = {"csrf_token": token_in(client.get("/packages/import").text)}
        tried = [
            client.post("/password-again", data={**form, "current_password": f"guess {n}"}).status_code
            for n in range(11)
        ]
        assert tried == [422] * 10 + [429]


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_page_that_asks_leads_nowhere_else(client, people, target):
    client.sign_in(people["broker"])
    token = token_in(client.get("/password-again").text)
    answer = client.post(
        "/password-again", query_string={"next": target}, data={"csrf_token": token, "current_password": PASSWORD}
    )
    assert answer.location == "/"
