"""The careful client: fails a test whose page is not well made, whatever the test itself looks at.

Every HTML page must be valid, have one h1, a title and no repeated id; and no request may leave changes uncommitted.
"""

from __future__ import annotations

import re
from collections import Counter
from contextvars import Context
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import html5lib
from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.auth.tokens import create_token
from app.database import db
from app.parties.models import User
from app.parties.viewer import viewer_of
from tests.people import PASSWORD

TOKEN = re.compile(r'(?<=\s)(?:nonce|value)="[\w.-]*"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d\d+')
"""What differs each time and cannot make HTML wrong: values of letters and digits alone, identifiers, numbers."""
SAFE = r"[\w\s.,;:()!?%£/+=#@*'’“”…–-]"
VALUE = re.compile(rf'(?<=\s)(?!type=)([a-z-]+)="{SAFE}*"')
TEXT = re.compile(rf">{SAFE}*\w{SAFE}*<")
"""Values and texts of such characters are all alike to a reader of HTML; but it looks at what type an input has."""
CHECKER = sha256(Path(__file__).read_bytes() + html5lib.__version__.encode()).hexdigest()[:16]
WELL_MADE = Path(__file__).parents[1] / ".pytest_cache" / "well-made" / CHECKER
"""An empty file for each page whose HTML was read, named by the digest of its shape. All workers share it, and so do
later runs until this module or html5lib changes: reading HTML was a tenth of what tests of pages take."""
ID = re.compile(r'\sid="([^"]+)"')


class CarefulClient(FlaskClient):
    """A test client that looks after itself."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Commits what the test has prepared, sends the request in a context of its own, checks what came back."""
        if has_app_context():
            db.session.commit()
        response: TestResponse = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
        if response.mimetype == "text/html" and response.status_code not in {204, 301, 302, 303}:
            check_page(response.get_data(as_text=True), str(response.request.path))
        return response

    def sign_in(self, user: User | str) -> CarefulClient:
        """Signs in through the real page."""
        email = user if isinstance(user, str) else user.email
        page = self.get("/sign-in").get_data(as_text=True)
        answer = self.post("/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": token_in(page)})
        assert answer.status_code == 302, answer.get_data(as_text=True)
        return self

    def sign_out(self) -> None:
        """Forgets every cookie."""
        for cookie in list(self._cookies or ()):
            self.delete_cookie(cookie[2], domain=cookie[0], path=cookie[1])

    def submit(self, page: str, data: dict[str, Any], *, to: str | None = None, **kwargs: Any) -> TestResponse:
        """Gets a page, takes its CSRF token and posts `data` to it (or to `to`) with a fresh idempotency key."""
        shown = self.get(page)
        token = token_in(shown.get_data(as_text=True))
        form = {"csrf_token": token, "idempotency_key": str(uuid4()), **data}
        return self.post(to or page, data=form, **kwargs)

    def bearer(self, user: User) -> dict[str, str]:
        """Headers that speak to the API as this user. Needs an application context."""
        secret = create_token(user, "test", by=viewer_of(user).actor)
        db.session.commit()
        return {"Authorization": f"Bearer {secret}"}


def token_in(page: str) -> str:
    """The CSRF token of a page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "the page has no form with a CSRF token"
    return found[1]


def check_page(page: str, path: str) -> None:
    """Valid HTML, a title, one h1, no id twice. HTML of the shape of some that was valid is so too."""
    shape = sha256(shape_of(page).encode("utf-8", "surrogatepass")).hexdigest()
    if not (WELL_MADE / shape).exists():
        read_html(page, path)
        WELL_MADE.mkdir(parents=True, exist_ok=True)
        (WELL_MADE / shape).touch()
    assert re.search(r"<title[^>]*>\s*\S", page), f"{path}: no title"
    assert len(re.findall(r"<h1[\s>]", page)) == 1, f"{path}: there must be one h1"
    repeated = [name for name, count in Counter(ID.findall(page)).items() if count > 1]
    assert not repeated, f"{path}: ids used twice: {repeated}"


def shape_of(page: str) -> str:
    """The page without what cannot make HTML wrong. In a comment even a hyphen can."""
    known = TOKEN.sub("", page)
    return known if "<!--" in known else TEXT.sub(">t<", VALUE.sub(r"\1", known))


def read_html(page: str, path: str) -> None:
    """Fails where HTML is not valid."""
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(page)
    problems = [(line, code, data) for (line, code, data) in parser.errors if code not in TOLERATED]
    assert not problems, f"{path}: invalid HTML: {problems[:5]}\n{line_of(page, problems)}"


TOLERATED = frozenset({"non-void-element-with-trailing-solidus"})


def line_of(page: str, problems: list[Any]) -> str:
    """The line of the first problem, to be read in the failure."""
    if not problems:
        return ""
    number = problems[0][0][0]
    return page.splitlines()[number - 1].strip()[:300]
