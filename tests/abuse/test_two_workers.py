"""Two workers of sixteen threads each that write at once: everybody is served or told to wait, and nobody hears of locks."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from itertools import chain
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from app.database import db
from tests.abuse.served import served
from tests.people import PASSWORD
from tests.waiting import LONGEST, wait_until

WRITERS = 32


@pytest.fixture
def address(people, database_url, tmp_path):
    """gunicorn as it is set up for use, on the tests' database."""
    db.session.rollback()  # or this test would hold what the server waits for
    with served("gunicorn", database_url, tmp_path / "log", WEB_THREADS="16") as server:
        yield server.address


def signs_in(address, email):
    """The status and the text after typing the right password; every one of these writes a session."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    try:
        with browser.open(f"{address}/sign-in", timeout=LONGEST) as page:
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())[1]
        typed = urlencode({"email": email, "password": PASSWORD, "csrf_token": token}).encode()
        with browser.open(f"{address}/sign-in", typed, timeout=LONGEST) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode(), refused.headers


def comes_in(address, email):
    """What somebody is told who tries until they are in."""
    told = []

    def is_in():
        told.append(signs_in(address, email))
        return told[-1][0] != 503

    wait_until(is_in, f"{email} never gets in.")
    return told


def test_thirty_two_who_write_at_once_are_served_or_asked_to_wait_and_hear_of_no_lock(people, address):
    emails = [user.email for user in people.users.values()] * WRITERS
    db.session.rollback()  # or this test would be a writer that never ends
    with ThreadPoolExecutor(WRITERS) as crowd:
        told = list(crowd.map(lambda email: comes_in(address, email), emails[:WRITERS]))
    assert [tries[-1][0] for tries in told] == [200] * WRITERS
    for status, page, headers in chain.from_iterable(told):
        assert "locked" not in page
        assert headers["Server"] == "web"
        assert status == 200 or headers["Retry-After"] == "30"
