"""Two web workers in processes of their own, as in use: they keep one limit."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete, func, select

from app.auth import limits
from app.auth.arrival import Arrival
from app.auth.models import FailedTry
from app.database import db
from tests.people import KEY, PASSWORD
from tests.waiting import LONGEST, wait_until

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def workers(house, database_url, tmp_path) -> Iterator[int]:
    """Two sync workers of gunicorn behind one proxy; the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database_url,
        "SECRET_KEY": KEY,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "PROXY_COUNT": "1",
        "HOMEWARD_TESTING": "yes",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--workers=2",
        f"--bind=127.0.0.1:{port}",
        f"--timeout={LONGEST:.0f}",
        "wsgi:app",
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=log, stderr=log)
        try:
            wait_for(port, process, tmp_path / "log")
            yield port
        finally:
            process.terminate()
            process.wait(LONGEST)


def wait_for(port, process, log):
    wait_until(lambda: process.poll() is not None or is_up(port))
    assert process.poll() is None, log.read_text("utf-8", "replace")[-2000:]


def is_up(port):
    try:
        return ask(port, "GET", "/healthz")[0] == 200
    except OSError:
        return False


def ask(port, verb, path, body=None, headers=None):
    """Status, headers and page of one request over a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    try:
        connection.request(verb, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode("utf-8")
    finally:
        connection.close()


class Stranger:
    """Somebody with a fresh browser at an address."""

    def __init__(self, port, address="192.0.2.1"):
        self.port, self.headers = port, {"X-Forwarded-For": address}
        _, headers, page = ask(port, "GET", "/sign-in", headers=self.headers)
        self.headers["Cookie"] = headers["Set-Cookie"].partition(";")[0]
        self.token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]

    def tries(self, email, password="wrong"):
        """The answer to one try."""
        sent = urlencode({"email": email, "password": password, "csrf_token": self.token})
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        return ask(self.port, "POST", "/sign-in", sent, headers)

    def status(self, email, password="wrong"):
        return self.tries(email, password)[0]


def counted(email=""):
    """How many failures stand there, of one account or of all; holds nothing that the workers wait for."""
    query = select(func.count()).select_from(FailedTry)
    if email:
        query = query.where(FailedTry.account == limits.password_try(email, Arrival("", "")).account)
    count = db.session.scalar(query)
    db.session.rollback()
    return count


def test_two_workers_keep_one_limit(people, workers):
    emails = {name: user.email for name, user in people.users.items()}
    db.session.rollback()
    one_account_is_tried_ten_times(emails, workers)
    one_address_is_sprayed_from(emails, workers)


def one_account_is_tried_ten_times(emails, port):
    """Forty tries at once on one account: never more than ten are checked, whichever worker they reach."""
    email = emails["broker"]
    strangers = [Stranger(port, f"192.0.2.{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(pool.map(lambda number: strangers[number % 8].status(email), range(40)))
    assert set(statuses) <= {422, 429}
    assert statuses[422] == counted(email) <= 10
    while strangers[0].status(email) == 422:
        pass
    assert counted(email) == 10
    assert counted() >= 40, "what was refused counts against the addresses"
    assert strangers[1].status(email, PASSWORD) == 429


def one_address_is_sprayed_from(emails, port):
    """One password over a thousand accounts from one address: sixty are tried, the others refused; others come in."""
    forget()
    sprayers = [Stranger(port, "198.51.100.7") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        spray = lambda number: sprayers[number % 4].status(f"user{number}@testshire.example")  # noqa: E731
        statuses = Counter(pool.map(spray, range(80)))
    assert set(statuses) == {422, 429}
    assert statuses[422] == counted() <= 60
    assert Stranger(port, "198.51.100.8").status(emails["finance"], PASSWORD) == 302


def forget():
    db.session.execute(delete(FailedTry))
    db.session.commit()
