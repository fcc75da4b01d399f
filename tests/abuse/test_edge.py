"""The edge: headers on every answer, our own names only, nothing told to strangers, an id on every request."""

from __future__ import annotations

import re

import pytest
from flask import Blueprint
from sqlalchemy import event

import wsgi
from app.auth import anyone
from app.database import db
from config import Config
from tests.abuse.test_logs import lines_of

ID = re.compile(r"[0-9a-f-]{8,64}")
TOKEN = "a token for Prometheus"


@pytest.fixture
def another(house, database_url):
    """Makes applications of other settings on the tests' database; their connections are closed in the end."""
    made = []

    def build(**settings):
        made.append(
            wsgi.build(Config(database_url=database_url, secret_key="for tests only", testing=True, **settings))
        )
        return made[-1]

    yield build
    for one in made:
        with one.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("path", ["/sign-in", "/", "/nowhere", "/.git/config", "/api/v1/packages", "/static/none.css"])
def test_every_answer_carries_the_headers_that_protect_it(house, client, path):
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert ID.fullmatch(answer.headers["X-Request-Id"])
    assert "Strict-Transport-Security" not in answer.headers
    assert "Server" not in answer.headers
    assert "Server-Timing" not in answer.headers


def test_where_cookies_are_secure_browsers_are_told_to_use_https_only(house, another):
    answer = another(secure_cookies=True).test_client().get("/sign-in")
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"
    assert answer.headers["Content-Security-Policy"].endswith("upgrade-insecure-requests")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_methods_of_no_page_are_refused(house, client, method):
    for path in ("/sign-in", "/static/homeward/homeward.css"):
        assert client.open(path, method=method).status_code == 405


def test_a_request_for_another_name_is_refused_and_a_health_check_is_not(house, another):
    ours = another(base_url="https://care.example.gov.uk", trusted_hosts="care.internal").test_client()
    for host in ("care.example.gov.uk", "care.internal:8080", "CARE.example.gov.uk"):
        assert ours.get("/sign-in", headers={"Host": host}).status_code == 200
    for host in ("evil.example", "localhost", "care.example.gov.uk.evil.example", "x@evil.example", "evil.example:443"):
        refused = ours.get("/sign-in", headers={"Host": host})
        assert (refused.status_code, "evil" in refused.get_data(as_text=True)) == (400, False)
        assert ours.get("/healthz", headers={"Host": host}).status_code == 200


def test_the_id_of_a_request_comes_from_a_trusted_proxy_only(house, another):
    given = {"X-Request-Id": "0123abcd-4567"}
    behind, open_house = another(proxy_count=1).test_client(), another().test_client()
    assert behind.get("/sign-in", headers=given).headers["X-Request-Id"] == "0123abcd-4567"
    assert open_house.get("/sign-in", headers=given).headers["X-Request-Id"] != "0123abcd-4567"
    odd = behind.get("/sign-in", headers={"X-Request-Id": "<script>alert(1)</script>"})
    assert ID.fullmatch(odd.headers["X-Request-Id"])


def test_who_is_signed_in_is_told_where_the_time_went(house, people, client):
    client.sign_in(people["admin"])
    told = client.get("/users").headers["Server-Timing"]
    assert re.fullmatch(r'app;dur=[\d.]+, db;dur=[\d.]+;desc="\d+ queries"', told)


def test_a_fault_is_a_plain_page_with_an_id_and_is_logged_once_under_it(house, another):
    broken = another()
    faults = Blueprint("faults", __name__)

    @faults.get("/fault/<uuid:row>")
    @anyone
    def fault(row):
        raise RuntimeError("Mrs Secret, 7 Hidden Lane")

    broken.register_blueprint(faults)
    with lines_of() as lines:
        answer = broken.test_client().get("/fault/6e0b6f4e-0d6c-4b0e-8f52-3f8e7f9d1c11?q=Secret")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in page
    for inner in ("Secret", "Traceback", "RuntimeError", "fault(", ".py"):
        assert inner not in page
    faults_told = [line for line in lines() if line["level"] == "error"]
    assert [line["request"] for line in faults_told] == [answer.headers["X-Request-Id"]]
    assert faults_told[0]["exception"][0]["kind"] == "RuntimeError"
    assert faults_told[0]["rule"] == "/fault/<uuid:row>"
    assert "Secret" not in str(lines())


def test_without_a_token_there_are_no_metrics_and_with_it_no_names(house, people, another, client):
    assert client.get("/metrics").status_code == 404
    told = another(metrics_token=TOKEN).test_client()
    assert told.get("/metrics").status_code == 401
    assert told.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    db.session.commit()
    answer = told.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    numbers = answer.get_data(as_text=True)
    for name in (
        "homeward_requests_total{", "homeward_request_seconds_bucket{", "homeward_request_queries_bucket{",
        "homeward_outbox_waiting 0.0", "homeward_outbox_oldest_seconds 0.0", "homeward_tasks_waiting 0.0",
        "homeward_tasks_oldest_seconds 0.0", "homeward_scheduler_beat_seconds +Inf", "homeward_audit_unsealed ",
        "homeward_offers_overdue 0.0", "homeward_sign_in_failures_total", "homeward_database_up 1.0",
        "homeward_cannot_save 0.0", "homeward_pool_used",
    ):  # fmt: skip
        assert name in numbers, name
    for user in people.users.values():
        assert user.email not in numbers
        assert user.name not in numbers


def test_health_asks_the_database_nothing_even_of_somebody_signed_in(house, people, client):
    client.sign_in(people["admin"])
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get("/healthz").status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert asked == []
