"""Every form field, query parameter and JSON field of the house is given what nobody would type; nothing ever breaks.

A refusal in words is right, and so is taking the text as text; a fault of ours or a page that hangs is not.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from app.house import House
from tests.abuse.forms import Form, forms_of
from tests.abuse.odd import NUL, ODD, ODD_QUERIES
from tests.abuse.world import Attacker, World, addresses

ROLES = ("broker", "contracts", "coordinator", "admin")
"""Whoever has the most forms; those of a navigator are among the broker's."""
TRIES = 6


class Findings:
    """What must not be: answers of 500 and more. How long the odd ones take is measured by `bench`."""

    def __init__(self) -> None:
        self.asked = 0
        self.found: list[str] = []

    def note(self, what: str, answer: Any) -> None:
        """Looks at one answer."""
        self.asked += 1
        if answer.status_code >= 500:
            self.found.append(f"{answer.status_code}: {what}")
        assert "evil" not in str(answer.headers.get("Set-Cookie", "")), what


@pytest.fixture
def findings() -> Findings:
    return Findings()


def open_to(house: House, world: World, role: str, method: str) -> list[tuple[str, list[str]]]:
    """The rules whose function the role has, with some addresses each."""
    held = frozenset(one.role for one in world.users[role].roles)
    found: dict[str, list[str]] = {}
    for rule, path in addresses(house):
        named = getattr(house.view_functions[rule.endpoint], "permission", "")
        may = named not in house.permissions or house.permissions.may(held, named)
        if method in (rule.methods or ()) and may and rule.endpoint != "health.ready":
            found.setdefault(rule.rule, []).append(path)
    return list(found.items())


def forms_open_to(house: House, world: World, attacker: Attacker, role: str) -> list[Form]:
    """One form of every kind that the role's pages hold."""
    forms: dict[Any, Form] = {}
    for rule, paths in open_to(house, world, role, "GET"):
        if rule.startswith("/api/"):
            continue
        pages = 0
        for path in paths[:TRIES]:
            answer = attacker.get(path)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                forms.update({form.key: form for form in forms_of(path, answer.get_data(as_text=True))})
                pages += 1
            if pages == 2:
                break
    return [form for form in forms.values() if not form.action.startswith("/sign-out")]


def send(attacker: Attacker, form: Form, values: list[tuple[str, str]]) -> Any:
    """Sends a form as a browser would."""
    data: dict[str, list[str]] = {}
    for name, value in values:
        data.setdefault(name, []).append(value)
    if form.method == "GET":
        return attacker.get(form.action, query_string=data)
    return attacker.post(form.action, data={**data, "idempotency_key": str(uuid4())})


def test_no_form_breaks_over_what_is_typed_into_it(house, world, attacker, findings, request):
    odd, seen = itertools.cycle(ODD), set()
    times = len(ODD) if request.config.getoption("--many") else 1
    for role in ROLES:
        attacker.sign_out()
        attacker.sign_in(world.users[role])
        for form in forms_open_to(house, world, attacker, role):
            if form.key not in seen:
                attack(attacker, form, odd, findings, times)
            seen.add(form.key)
    assert not findings.found, "\n".join(findings.found)
    assert len(seen) > 60


def attack(attacker: Attacker, form: Form, odd: Iterator[str], findings: Findings, times: int) -> None:
    """Every field alone with so many odd values, then all of them with one."""
    typed = [name for name, _ in form.fields if name not in {"csrf_token", "idempotency_key"}]
    alone = [(name, next(odd)) for name in dict.fromkeys(typed) for _ in range(times)]
    for field, value in [*alone, (None, NUL), (None, next(odd))]:
        chosen = [(n, value if n in typed and field in {n, None} else v) for n, v in form.fields]
        findings.note(f"{form.action} {field}={value[:30]!r}", send(attacker, form, chosen))


@pytest.mark.parametrize("role", ["broker", "contracts", "coordinator"])
def test_no_address_breaks_over_its_parameters(house, world, attacker, findings, role):
    attacker.sign_in(world.users[role])
    headers = attacker.bearer(world.users[role])
    for rule, paths in open_to(house, world, role, "GET"):
        for query in ODD_QUERIES if len(rule) < 30 or "<" not in rule else ODD_QUERIES[1:2]:
            said = headers if rule.startswith("/api/") else None
            answer = attacker.get(f"{paths[0]}?{query}", headers=said)
            findings.note(f"{paths[0]}?{query[:40]}", answer)
            assert "javascript:" not in answer.get_data(as_text=True), rule
    assert not findings.found, "\n".join(findings.found)


HOSTILE: tuple[Any, ...] = (
    NUL,
    "\ud800",
    10**30,
    -1,
    0.5,
    float("inf"),
    "x" * 8_192,
    "NaN",
    [[[[]]]],
    {"\x00": {}},
    None,
    True,
    "2026-02-30",
    "\u202e",
)


def operations(house: House) -> list[tuple[str, str, dict[str, Any]]]:
    """Every write of the API: method, rule, and the plausible values of its JSON by field."""
    spec: Any = house.spec
    spec = json.loads(spec) if isinstance(spec, str) else spec
    found = []
    for path, verbs in spec["paths"].items():
        for verb, operation in verbs.items():
            body = operation.get("requestBody", {}).get("content", {}) if isinstance(operation, dict) else {}
            if "application/json" in body:
                shape = body["application/json"]["schema"]["$ref"].rpartition("/")[2]
                fields = spec["components"]["schemas"][shape]["properties"]
                found.append((verb.upper(), path, {name: plausible(one) for name, one in fields.items()}))
    return found


def plausible(shape: dict[str, Any]) -> Any:
    """A value of the kind that a field asks for."""
    kinds = [shape, *shape.get("anyOf", [])]
    kind = next((one.get("type") for one in kinds if one.get("type") not in {None, "null"}), "object")
    formats = {one.get("format") for one in kinds}
    if "date-time" in formats:
        return "2027-01-04T10:00:00Z"
    if "date" in formats:
        return "2027-01-04"
    if "uuid" in formats:
        return str(uuid4())
    return {"integer": 1, "number": 1, "boolean": True, "array": [], "string": "18.50"}.get(kind, {})


@pytest.mark.parametrize("role", ["broker", "coordinator"])
def test_no_operation_of_the_api_breaks_over_what_is_sent_to_it(house, world, attacker, findings, role):
    headers = attacker.bearer(world.users[role])
    verbs = ("GET", "POST", "PUT", "PATCH")
    rules = [found for verb in verbs for found in open_to(house, world, role, verb)]
    places = {rule.replace("<uuid:", "{").replace(">", "}"): paths for rule, paths in rules}
    hostile = itertools.cycle(HOSTILE)
    for verb, rule, good in operations(house):
        bodies = [json.dumps({**good, name: next(hostile)}) for name in good for _ in range(3)]
        bodies += [json.dumps(dict.fromkeys(good, NUL)), json.dumps({**good, "\x00": 1}), json.dumps(good)]
        bodies += ["[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "9" * 5_000, '"', "null", "[]", "\udcff"]
        for number, body in enumerate(bodies):
            for path in places.get(rule, [])[number % 3 : number % 3 + 1]:
                sent = {**headers, "Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
                answer = attacker.open(path, method=verb, data=body.encode("utf-8", "surrogatepass"), headers=sent)
                findings.note(f"{verb} {path} {body[:80]}", answer)
    assert not findings.found, "\n".join(findings.found)
    assert findings.asked > 20


def test_a_body_of_the_wrong_kind_is_refused_and_never_guessed_at(house, world, attacker, findings):
    attacker.sign_in(world.users["navigator"])
    headers = attacker.bearer(world.users["navigator"])
    bodies = {
        "text/plain": b'{"reason": "x"}',
        "application/json": b"\xff\xfe\x00",
        "application/x-www-form-urlencoded": b"a=%00&\xff\xfe=%ED%A0%80&" + b"b=1&" * 1_000,
        "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="file"; filename="\x00"\r\n\r\n\r\n--x--',
        "multipart/form-data": b"no boundary",
        "application/xml": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    }
    for rule, paths in open_to(house, world, "navigator", "POST"):
        for kind, body in bodies.items():
            key = {"Idempotency-Key": str(uuid4()), "Content-Type": kind}
            answer = attacker.post(paths[0], data=body, headers={**(headers if "/api/" in rule else {}), **key})
            findings.note(f"{rule} {kind}", answer)
            assert "root:" not in answer.get_data(as_text=True)
            assert 400 <= answer.status_code < 500, (rule, kind, answer.status_code)
    assert not findings.found, "\n".join(findings.found)


def test_text_that_cannot_be_kept_is_refused_in_words_by_page_link_and_api_alike(house, world, attacker):
    attacker.sign_in(world.users["navigator"])
    page = attacker.get("/search?q=%00")
    assert page.status_code == 400
    assert "characters that cannot be kept" in page.get_data(as_text=True)
    headers = attacker.bearer(world.users["navigator"])
    sent = attacker.post("/api/v1/batches/propose", json={"scheme_id": "\x00"}, headers=headers)
    assert sent.status_code == 400
    assert "characters that cannot be kept" in sent.get_json()["detail"]
    deep = attacker.post(
        "/api/v1/batches/propose", data="[" * 100_000, headers=headers, content_type="application/json"
    )
    assert deep.status_code == 400
