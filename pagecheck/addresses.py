"""Every address that shows a page, found for each role: by following links, then by filling in from the tables."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import Column, Table, select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect, Rule
from werkzeug.test import TestResponse

from app.auth.permissions import ANYONE, SIGNED_IN
from app.database import db
from app.house import House
from pagecheck.findings import Finding, Kind, Visit
from pagecheck.ground import Somebody
from pagecheck.markup import Outline, problems_of

TRIES, KEPT, CANDIDATES = 3, 2, 40
"""A page is asked for at so many addresses per role, kept in so many shapes, and looked for in so many rows."""

MEANINGS = {"subject": "package", "run": "cqc_import", "line": "offer_line", "proposal": "allocation_proposal"}
"""What an argument of an address means, where no table is called so."""

QUERIES = {"application_steps.renew_document": "?kind=insurance"}
"""What an address needs beyond its path."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What explorers are told: the secret of every link in an email, addresses, and what no title may say."""

    token: str
    addresses: tuple[str, ...]
    secrets: tuple[str, ...]


@dataclass
class Explorer:
    """Finds pages as one person, and reads the HTML of each on the way."""

    house: House
    who: Somebody
    hints: Hints
    visits: list[Visit] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    tried: Counter[str] = field(default_factory=Counter)
    shapes: dict[str, set[str]] = field(default_factory=dict)

    def explore(self) -> None:
        """Follows links from every page without arguments, then looks for what no link led to."""
        self.client = sign_in(self.house, self.who)
        self.binding = self.house.url_map.bind("127.0.0.1")
        own = [rule for rule in page_rules(self.house) if self.may(rule)]
        self.hinted = Counter(endpoint_of(self.binding, path) for path in self.hints.addresses)
        waiting = deque([*self.hints.addresses, *(rule.rule for rule in own if not rule.arguments)])
        seen = set(waiting)
        while waiting:
            for link in self.ask(waiting.popleft()):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)
        for rule in own:
            if rule.endpoint not in self.shapes:
                self.look_up(rule)
        self.ask_for_refusals()

    def may(self, rule: Rule) -> bool:
        """Whether the permission table opens a page to this person."""
        named = getattr(self.house.view_functions[rule.endpoint], "permission", ANYONE)
        if named in {ANYONE, SIGNED_IN}:
            return named == ANYONE or bool(self.who.email)
        return self.house.permissions.may(frozenset(self.who.roles), named)

    def ask(self, path: str) -> Iterator[str]:
        """Asks for a page unless enough of its kind were seen; the addresses it leads to."""
        endpoint = endpoint_of(self.binding, path)
        if endpoint is None or self.tried[endpoint] >= TRIES + self.hinted[endpoint]:
            return
        self.tried[endpoint] += 1
        answer = self.client.get(path)
        if answer.status_code in {301, 302, 303}:
            yield answer.headers["Location"]
        elif answer.status_code == 200 and answer.mimetype == "text/html":
            yield from (link for link in self.read(endpoint, path, answer) if link.startswith("/"))

    def read(self, endpoint: str, path: str, answer: TestResponse) -> list[str]:
        """Reads a page; a shape that was not seen yet is kept to be looked at."""
        page = answer.get_data(as_text=True)
        outline = Outline(page)
        shape, has_form = outline.shape, outline.has_form
        visit = Visit(self.who.role, endpoint, path, answer.status_code, shape=shape, has_form=has_form)
        shapes = self.shapes.setdefault(endpoint, set())
        if shape not in shapes and len(shapes) < KEPT + self.hinted[endpoint]:
            shapes.add(shape)
            self.visits.append(visit)
        self._note(visit, page, outline)
        self._own_title(visit, outline.title.strip())
        return outline.links

    def _own_title(self, visit: Visit, title: str) -> None:
        other = self.titles.setdefault(title, visit.endpoint)
        if other != visit.endpoint:
            self.findings.append(Finding("title", visit, 0, f"{other} has the same title, “{title}”."))

    def look_up(self, rule: Rule) -> None:
        """Asks for a page that no link led to, with arguments from the tables, until it is shown."""
        self.tried[rule.endpoint] = TRIES - CANDIDATES
        for path in filled(self.binding, rule, self.hints.token):
            list(self.ask(path))
            if rule.endpoint in self.shapes:
                return

    def ask_for_refusals(self) -> None:
        """One address that does not exist, and a page that the table keeps shut: each must be refused in words."""
        if not self.who.roles:
            return
        self.refusal("no such page", "/there-is-no-such-page", 404)
        shut = [rule for rule in page_rules(self.house) if not self.may(rule)]
        paths = ((rule.endpoint, next(filled(self.binding, rule, self.hints.token), None)) for rule in shut)
        if found := next(((endpoint, path) for endpoint, path in paths if path), None):
            self.refusal(*found, 403)

    def refusal(self, endpoint: str, path: str, status: int) -> None:
        """Asks for a page that must be refused."""
        answer = self.client.get(path)
        visit = Visit(self.who.role, endpoint, path, status, Kind.REFUSAL)
        if answer.status_code != status:
            self.findings.append(Finding("refusal", visit, 0, f"answered {answer.status_code}, not {status}"))
            return
        page = answer.get_data(as_text=True)
        self._note(visit, page, Outline(page))
        self.visits.append(visit)

    def _note(self, visit: Visit, page: str, outline: Outline) -> None:
        found = problems_of(page, outline, visit.endpoint, self.hints.secrets)
        self.findings += [Finding(check, visit, 0, said) for check, said in found]


class Apart(FlaskClient):
    """A test client whose requests see nothing of what the audit itself has open."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Sends the request in a context of its own."""
        return Context().run(super().open, *args, **kwargs)


def sign_in(house: House, who: Somebody) -> FlaskClient:
    """A test client that has gone through the sign-in page as this person, or stands before it."""
    house.test_client_class = Apart
    client = house.test_client()
    if who.email:
        page = client.get("/sign-in").get_data(as_text=True)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        data = {"email": who.email, "password": who.password, "csrf_token": token[1] if token else ""}
        answer = client.post("/sign-in", data=data)
        if answer.status_code != 302:
            raise SystemExit(f"{who.email} cannot sign in ({answer.status_code}).")
    return client


def page_rules(house: House) -> list[Rule]:
    """Every GET route that may show a page: all but the API's, files, and what answers in another form."""
    rules = sorted(house.url_map.iter_rules(), key=lambda rule: rule.rule)
    return [rule for rule in rules if "GET" in (rule.methods or ()) and not rule.rule.startswith(("/api/", "/static/"))]


def endpoint_of(binding: MapAdapter, path: str) -> str | None:
    """The page that an address leads to; None for another site, a file, or nothing."""
    parts = urlsplit(path)
    if parts.netloc or not parts.path.startswith("/") or parts.path.startswith(("/api/", "/static/")):
        return None
    try:
        endpoint, _ = binding.match(parts.path, "GET")
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)


def filled(binding: MapAdapter, rule: Rule, token: str) -> Iterator[str]:
    """Addresses of a rule, its arguments taken from rows of the table that has them all."""
    names = tuple(sorted(rule.arguments))
    if not names or names == ("token",):
        yield binding.build(rule.endpoint, dict.fromkeys(names, token))
        return
    for table in db.metadata.sorted_tables:
        columns = columns_for(table, names)
        if not columns:
            continue
        rows = db.session.execute(select(*columns).order_by(table.c.id).limit(CANDIDATES)).all()
        db.session.rollback()
        query = QUERIES.get(rule.endpoint, "")
        yield from (binding.build(rule.endpoint, dict(zip(names, row, strict=True))) + query for row in rows)
        if rows:
            return


def columns_for(table: Table, names: tuple[str, ...]) -> list[Column[Any]]:
    """The column of each argument, or none: `issue_id` is the id of `issue`, and `issue_id` of every other table."""
    stems = [MEANINGS.get(name.removesuffix("_id"), name.removesuffix("_id")) for name in names]
    own = [stem in {table.name, table.name.rpartition("_")[2]} for stem in stems]
    columns = [table.c.get("id" if mine else name) for name, mine in zip(names, own, strict=True)]
    fits = "id" in table.c and (any(own) or len(names) > 1)
    return (
        [column for column in columns if column is not None]
        if fits and all(column is not None for column in columns)
        else []
    )


def unused_roles(house: House, people: list[Somebody]) -> list[str]:
    """Roles that the permission table names and nobody here holds."""
    named = {role for permission in house.permissions.values() for role in permission.roles}
    held = {role for who in people for role in who.roles}
    return sorted(role.value for role in named - held)
