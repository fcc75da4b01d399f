"""Requests that no page of ours would send: no token, somebody else's token, other verbs, foreign hosts and addresses."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app import clock
from app.auth.models import UserSession
from app.database import db
from app.messages.models import Message
from tests.abuse.world import addresses
from tests.careful import token_in
from tests.journeys.test_canary import snapshot
from tests.marketplace.makers import reference
from tests.people import PASSWORD


def writes(house):
    """One address of every rule that takes a POST, PUT or PATCH."""
    found = {}
    for rule, path in addresses(house):
        for verb in {"POST", "PUT", "PATCH"} & set(rule.methods or ()):
            found.setdefault((verb, rule.rule), path)
    return found


def test_no_post_is_taken_without_its_token_or_with_another_sessions(house, world, attacker):
    pages = [path for (verb, rule), path in writes(house).items() if not rule.startswith("/api/")]
    attacker.sign_in(world.users["contracts"])
    foreign = token_in(attacker.get("/sign-in").get_data(as_text=True))
    attacker.sign_out()
    attacker.sign_in(world.users["broker"])
    before = snapshot()
    for path in pages:
        for token in ("", "x" * 5_000, foreign):
            answer = attacker.post(path, data={"csrf_token": token, "idempotency_key": str(uuid4()), "because": "x"})
            assert answer.status_code == 400, (path, answer.status_code)
            assert "This page was open too long" in answer.get_data(as_text=True)
    assert len(pages) > 60
    assert snapshot() == before


def test_a_cookie_is_nothing_to_the_api_and_a_bearer_nothing_to_a_page(house, world, attacker):
    bearer = attacker.bearer(world.users["broker"])
    before = snapshot()
    for (verb, rule), path in writes(house).items():
        if not rule.startswith("/api/"):
            assert attacker.open(path, method=verb, headers=bearer).status_code == 400, path
    attacker.sign_in(world.users["broker"])
    for (verb, rule), path in writes(house).items():
        if rule.startswith("/api/"):
            assert attacker.open(path, method=verb, json={}).status_code == 401, path
    assert snapshot() == before


def test_a_get_cannot_be_dressed_as_a_post_nor_a_post_as_another_verb(house, world, attacker):
    attacker.sign_in(world.users["broker"])
    before = snapshot()
    for (_, rule), path in writes(house).items():
        if not rule.startswith("/api/"):
            answer = attacker.get(f"{path}?_method=POST&because=x", headers={"X-HTTP-Method-Override": "POST"})
            assert answer.status_code in {200, 302, 403, 404, 405, 409}, path
    assert snapshot() == before


@pytest.mark.parametrize("verb", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DELETE", "PUT"])
def test_verbs_that_no_page_has_are_refused_and_echo_nothing(world, attacker, verb):
    attacker.sign_in(world.users["broker"])
    answer = attacker.open("/packages", method=verb, headers={"X-Secret": "echo-me"})
    assert answer.status_code == 405
    assert "echo-me" not in answer.get_data(as_text=True)


def test_head_and_options_tell_no_more_than_the_page_and_carry_its_headers(world, attacker):
    attacker.sign_in(world.users["broker"])
    for verb in ("HEAD", "OPTIONS"):
        answer = attacker.open("/packages", method=verb)
        assert answer.status_code == 200
        assert answer.get_data() == b""
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%0d%0aSet-Cookie:evil=1",
        "/\r\nSet-Cookie: evil=1",
        "javascript:alert(1)",
        "http:evil.example",
        "/offers?next=//evil.example",
        "///evil.example",
        "/@evil.example",
    ],
)
def test_signing_in_leads_nowhere_but_into_this_site(people, attacker, target):
    token = token_in(attacker.get("/sign-in").get_data(as_text=True))
    sent = {"email": people["broker"].email, "password": PASSWORD, "csrf_token": token}
    answer = attacker.post("/sign-in", query_string={"next": target}, data=sent)
    assert answer.status_code == 302
    assert re.match(r"/(?![/\\])", answer.headers["Location"]), answer.headers["Location"]
    assert "evil=1" not in str(answer.headers.getlist("Set-Cookie"))


def test_a_false_host_reaches_no_link_of_a_page_or_letter(house, world, attacker):
    attacker.sign_in(world.users["broker"])
    poisoned = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    for path in ("/", "/packages", "/board", f"/issues/{world.issues['open'].id}", "/nothing-here"):
        answer = attacker.get(path, headers={name: value for name, value in poisoned.items() if name != "Host"})
        assert "evil.example" not in answer.get_data(as_text=True) + str(answer.headers), path
        assert "evil.example" not in attacker.get(path, headers=poisoned).get_data(as_text=True), path
    for letter in db.session.scalars(select(Message)):
        assert letter.path.startswith("/")
        assert not letter.path.startswith("//")


def test_a_session_that_was_ended_or_has_grown_old_opens_nothing(world, attacker):
    attacker.sign_in(world.users["broker"])
    assert attacker.get("/packages").status_code == 200
    with clock.moved_to(clock.now() + timedelta(hours=12)):
        assert attacker.get("/packages").status_code == 302
    world.users["broker"].disabled_at = clock.now()
    db.session.commit()
    assert attacker.get("/packages").status_code == 302
    assert db.session.scalars(select(UserSession)).first() is not None


def test_an_address_of_a_page_cannot_be_bent_through_its_parameters(house, world, attacker):
    for _ in range(60):
        db.session.add(copy_of(world.packages["ready"]))
    db.session.commit()
    attacker.sign_in(world.users["broker"])
    page = attacker.get("/packages?endpoint=x&_external=1&_scheme=javascript&_anchor=x&csrf_token=evil&page=1")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "page=2" in text
    assert "javascript:" not in text
    assert 'value="evil"' not in text


def copy_of(package):
    """Another package like this one."""
    columns = [column.key for column in type(package).__table__.columns if column.key != "id"]
    values = {name: getattr(package, name) for name in columns}
    return type(package)(**{**values, "reference": reference("PKG")})
