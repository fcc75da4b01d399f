"""Two workers of sixteen threads each that write at once: everybody is served or told to wait, and nobody hears of locks."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from app.database import db
from tests.abuse.served import served
from tests.people import PASSWORD

WRITERS = 32


@pytest.fixture
def address(people, database_url, tmp_path):
    """gunicorn as it is set up for use, on the tests' database."""
    with served("gunicorn", database_url, tmp_path / "log", WEB_THREADS="16") as server:
        yield server.address


def signs_in(address, email):
    """The status and the text after typing the right password; every one of these writes a session."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    try:
        with browser.open(f"{address}/sign-in", timeout=60) as page:
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())[1]
        typed = urlencode({"email": email, "password": PASSWORD, "csrf_token": token}).encode()
        with browser.open(f"{address}/sign-in", typed, timeout=60) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode(), refused.headers


def test_thirty_two_who_write_at_once_are_served_or_asked_to_wait_and_hear_of_no_lock(people, address):
    emails = [user.email for user in people.users.values()] * WRITERS
    db.session.rollback()  # or this test would be a writer that never ends
    with ThreadPoolExecutor(WRITERS) as crowd:
        told = list(crowd.map(lambda email: signs_in(address, email), emails[:WRITERS]))
    assert {status for status, _, _ in told} <= {200, 503}
    assert sum(status == 200 for status, _, _ in told) >= WRITERS // 2
    for status, page, headers in told:
        assert "locked" not in page
        assert headers["Server"] == "web"
        assert status == 200 or headers["Retry-After"] == "30"
