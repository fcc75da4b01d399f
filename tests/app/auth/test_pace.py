"""Whoever scripts the pages is slowed; others notice nothing."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.auth.login import Pace
from app.auth.models import FailedTry
from app.database import db


@pytest.fixture
def hurried(settings):
    settings(writes_per_minute=5, requests_per_minute=9)


def test_the_request_after_the_most_waits_for_the_next_minute():
    now = [600.0]
    pace, user = Pace(lambda: now[0]), uuid4()
    assert [pace.wait(user, writes=True, most=3) for _ in range(5)] == [None, None, None, 60, 60]
    now[0] = 645.5
    assert pace.wait(user, writes=True, most=3) == 15
    now[0] = 660.0
    assert pace.wait(user, writes=True, most=3) is None


def test_reading_writing_and_other_people_are_counted_apart():
    pace, user = Pace(lambda: 0.0), uuid4()
    assert [pace.wait(user, writes=True, most=1) for _ in range(2)] == [None, 60]
    assert pace.wait(user, writes=False, most=1) is None
    assert pace.wait(uuid4(), writes=True, most=1) is None


def test_no_limit_is_no_limit():
    pace, user = Pace(lambda: 0.0), uuid4()
    assert {pace.wait(user, writes=True, most=0) for _ in range(10_000)} == {None}


def test_a_script_gets_429_and_when_to_come_back_and_somebody_else_gets_their_page(house, client, people, hurried):
    client.sign_in(people["broker"])
    house.extensions["pace"] = Pace(lambda: 30.0)
    statuses = [client.get("/account").status_code for _ in range(10)]
    assert statuses == [200] * 9 + [429]
    refused = client.get("/account")
    assert refused.headers["Retry-After"] == "30"
    other = house.test_client()
    other.sign_in(people["finance"])
    assert other.get("/account").status_code == 200


def test_a_script_with_a_token_is_slowed_likewise(house, client, people, hurried):
    bearer = client.bearer(people["broker"])
    house.extensions["pace"] = Pace(lambda: 30.0)
    answers = [client.post("/api/v1/packages", json={}, headers=bearer) for _ in range(6)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert answers[-1].headers["Retry-After"] == "30"
    assert answers[-1].content_type == "application/problem+json"
    assert 429 not in [answer.status_code for answer in answers[:5]]


def test_keeping_the_pace_writes_nothing(client, people, hurried):
    client.sign_in(people["broker"])
    for _ in range(12):
        client.get("/account")
    assert db.session.scalar(select(func.count()).select_from(FailedTry)) == 0
