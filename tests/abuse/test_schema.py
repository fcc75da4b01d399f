"""Schemathesis reads the description of the API and, as each role, sends what fits it, what nearly fits and what does not.

`--many` sends over 10,000 requests; without it every operation still gets a few as every role.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.database import db
from app.house import House
from app.parties.models import User
from tests.abuse.world import World, addresses

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
A_FEW, MANY = 2, 30


@dataclass
class Run:
    """What was asked and what came back: how many answers of which status, and what must not be."""

    asked: int = 0
    answered: dict[int, int] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)

    def send(self, case: Any, headers: dict[str, str]) -> None:
        """Sends one request outside the test's own context and looks at the answer."""
        response = Context().run(case.call, headers=headers)
        self.asked += 1
        self.answered[response.status_code] = self.answered.get(response.status_code, 0) + 1
        where = f"{case.method} {case.formatted_path}"
        try:
            case.validate_response(response, checks=CHECKS)
        except schemathesis.core.failures.FailureGroup as group:
            self.found.extend(f"{where}: {failure.title}: {failure.message[:300]}" for failure in group.exceptions)


def operations(house: House) -> Iterator[Any]:
    """Every operation that the description names, as schemathesis knows it."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", house)
    schema.config.generation.update(with_security_parameters=False)
    yield from (result.ok() for result in schema.get_all_operations())


def real_ids(house: House) -> dict[str, list[dict[str, str]]]:
    """Of every address of the API, the ids of things that are there."""
    found: dict[str, list[dict[str, str]]] = {}
    for rule, path in addresses(house):
        if rule.arguments and rule.rule.startswith("/api/"):
            template = rule.rule.replace("<uuid:", "{").replace(">", "}")
            names = sorted(rule.arguments)
            matched = house.url_map.bind("localhost").match(path, method=sorted(rule.methods - {"HEAD", "OPTIONS"})[0])[
                1
            ]
            found.setdefault(template, []).append({name: str(matched[name]) for name in names})
    return found


def everybody(world: World) -> dict[str, User | None]:
    """Every role with one who holds it, and one who has not signed in."""
    return {**world.users, "nobody": None}


def test_no_role_breaks_an_operation_that_is_described(house, world, attacker, request):
    examples = MANY if request.config.getoption("--many") else A_FEW
    tokens = {name: attacker.bearer(user) if user else {} for name, user in everybody(world).items()}
    ids, run = real_ids(house), Run()
    db.session.rollback()
    for operation in operations(house):
        for headers in tokens.values():
            attack(run, operation, ids.get(operation.path, []), headers, examples)
    assert not run.found, "\n".join(sorted(set(run.found)))
    assert run.asked >= len(tokens) * 30 * examples * 0.8
    assert {200, 403, 404, 422} <= set(run.answered), run.answered
    if examples == MANY:
        assert run.asked > 10_000


def attack(run: Run, operation: Any, ids: list[dict[str, str]], headers: dict[str, str], examples: int) -> None:
    """Sends some requests of one operation as one role; two of three name things that are there."""

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def send(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy())
        if ids and data.draw(st.integers(0, 2)):
            case.path_parameters = data.draw(st.sampled_from(ids))
        run.send(case, headers)

    send()
