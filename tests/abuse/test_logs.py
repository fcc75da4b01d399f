"""What the log says: ids, rules and kinds; never a name, an address, a need, a query or a body, and one line an event."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.database import db
from app.logs import formatter
from tests.people import PASSWORD

ODD = 'Mallory\r\n{"level": "info"}\x1b[31mred\x1b[0m\u2028end'


@contextmanager
def lines_of(style: str = "json") -> Iterator[Callable[[], list[Any]]]:
    """Everything that is logged meanwhile, as Homeward writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(style))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)

    def told() -> list[Any]:
        lines = stream.getvalue().splitlines()
        return [json.loads(line) for line in lines] if style == "json" else lines

    try:
        yield told
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def test_every_request_is_one_line_with_its_rule_and_never_its_address(house, people, client):
    with lines_of() as lines:
        client.sign_in(people["admin"])
        shown = client.get("/users?page=1&q=Secretname")
    mine = [line for line in lines() if line["request"] == shown.headers["X-Request-Id"]]
    assert len(mine) == 1
    assert mine[0]["rule"] == "/users"
    assert (mine[0]["method"], mine[0]["status"], mine[0]["user"]) == ("GET", 200, str(people["admin"].id))
    assert mine[0]["ms"] > 0
    assert mine[0]["queries"] > 0
    assert "Secretname" not in str(lines())


def test_nobody_who_is_read_or_signs_in_stands_in_the_log(house, world, client):
    person = world.packages["ready"].person
    person_id, name, secret = person.id, person.name, "Wrongpassword77"
    broker = world.users["broker"]
    told = (name, broker.email, broker.name, secret, PASSWORD)
    with lines_of() as lines:
        client.submit("/sign-in", {"email": broker.email, "password": secret})
        client.sign_in(broker)
        assert client.get(f"/people/{person_id}").status_code == 200
        client.get(f"/search?q={name}")
        client.submit("/sign-in", {"email": f"{name}@x.example", "password": secret})
        client.get(f"/packages?q={name}", headers={"User-Agent": name, "Referer": f"http://localhost/?{name}"})
    written = json.dumps(lines())
    assert len(lines()) >= 6
    for word in told:
        assert word not in written


@pytest.mark.parametrize("style", ["json", "plain"])
def test_line_breaks_and_colours_are_encoded_wherever_they_come_from(house, style):
    with lines_of(style) as lines, house.test_request_context("/"):
        logging.getLogger("odd").warning("told by %s", ODD, extra={"kind": ODD})
    (line,) = lines()
    written = json.dumps(line) if style == "json" else line
    assert not set(written) & {"\r", "\n", "\x1b", "\u2028"}
    assert "Mallory" in written


def test_what_an_error_of_the_database_quotes_is_not_logged(house, people):
    with lines_of() as lines, house.test_request_context("/users"):
        with pytest.raises(SQLAlchemyError) as caught:
            db.session.execute(text("SELECT :secret FROM no_such_table"), {"secret": "Mrs Hidden"})
        logging.getLogger("odd").error("failed", exc_info=caught.value)
        db.session.rollback()
    assert "Mrs Hidden" not in str(caught.value)
    assert "Mrs Hidden" not in str(lines())
    assert lines()[0]["exception"][0]["places"]
