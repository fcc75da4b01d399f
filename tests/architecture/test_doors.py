"""The doors of the house: who may pass each route, what a GET may do, how addresses read.

The application is built and nothing is asked of its database.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

import pytest

import wsgi
from app.api.shell import PREFIX
from app.auth.permissions import ANYONE, SIGNED_IN, routes_without_permission
from app.database import db
from app.house import House
from config import Config
from tests.architecture.test_measures import AREAS, listed, modules

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}

# Whoever adds a route that needs no sign-in writes it down here, and why.
OPEN_TO_ANYONE = {
    "about.accessibility": "the law wants the statement on every page, the sign-in page too",
    "about.keyboard": "says what every key does, on the sign-in page too",
    "auth.end_session": "a half-signed-in session can be ended too",
    "auth.left": "says how many seconds are left; nobody signed in has none",
    "auth.sign_in": "the sign-in page",
    "auth.start_session": "the sign-in page",
    "account_steps.accept_invitation": "the link in an email and the address it was sent to are the key",
    "account_steps.request_password": "whoever lost a password cannot sign in",
    "account_steps.set_new_password": "the link in an email is the key",
    "accounts.password_requested": "whoever lost a password cannot sign in",
    "brand": "the council's colour is on the sign-in page",
    "health.alive": "asked by machines",
    "health.ready": "asked by machines",
    "inbox.mailbox": "demo only: mails that were not sent",
    "members.as_csv": "the register of members is public",
    "members.show": "the register of members is public",
    "offer_links.answer_by_link": "the link in an email is the key",
    "second_factor.code": "the second step of signing in; asks for the first one itself",
    "second_factor.set_up": "the second step of signing in; asks for the first one itself",
    "openapi.spec": "the description of the API",
    "metrics.show": "asks for a token of its own, and is not there without that setting",
}


@pytest.fixture(scope="module")
def built_house() -> House:
    return wsgi.build(Config(database_url="sqlite://", secret_key="for tests only", testing=True))


# ------------------------------------------------------------------------------------------------- who may pass


def test_every_route_names_a_row_of_the_permission_table(built_house):
    assert routes_without_permission(built_house) == []


def test_no_row_of_the_permission_table_is_unused(built_house):
    used = {getattr(view, "permission", None) for view in built_house.view_functions.values()} | set(asked_in_code())
    faults = [f"{row.name}: {row.sentence}" for row in built_house.permissions.values() if row.name not in used]
    assert not faults, listed("No route and no `require` asks for these:", faults)


def asked_in_code() -> Iterator[str]:
    """Permissions that code asks for beside the decorator: require("x:y"), may(roles, "x:y")."""
    for module in modules():
        for node in module.nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"require", "may"}:
                yield from (argument.value for argument in node.args if isinstance(argument, ast.Constant))


def test_every_row_of_the_permission_table_has_a_role_and_a_sentence(built_house):
    faults = [row.name for row in built_house.permissions.values() if not row.roles or not row.sentence[:1].isupper()]
    assert not faults


def test_permissions_read_as_noun_and_verb(built_house):
    faults = [row.name for row in built_house.permissions.values() if not re.fullmatch(r"[a-z-]+:[a-z-]+", row.name)]
    assert not faults


def test_only_the_routes_written_down_are_open_to_anyone(built_house):
    found = {name for name, view in built_house.view_functions.items() if getattr(view, "permission", "") == ANYONE}
    assert found - set(OPEN_TO_ANYONE) == set(), "open to anyone without being written down"


def test_panels_and_navigation_ask_for_rows_of_the_table(built_house):
    rows = {row.name for row in built_house.permissions.values()}
    asked = {one.permission for one in (*built_house.panels, *built_house.navigation)}
    assert asked <= rows
    assert {item.endpoint for item in built_house.navigation} <= set(built_house.view_functions)


def test_a_link_in_the_navigation_opens_for_whoever_sees_it(built_house):
    rows = {row.name: row.roles for row in built_house.permissions.values()}
    faults = [
        f"{item.text}: {item.permission}, {item.endpoint} asks for {asked}"
        for item in built_house.navigation
        if (asked := getattr(built_house.view_functions[item.endpoint], "permission", "")) not in {ANYONE, SIGNED_IN}
        if not rows[item.permission] <= rows[asked]
    ]
    assert not faults, listed("Who sees the link must be let in:", faults)


# -------------------------------------------------------------------------------------------- what a GET may do


def views(house: House) -> Iterator[tuple[str, set[str], FunctionType]]:
    """Every endpoint of our own with its methods and its innermost function; of a step, each method with its own."""
    methods: dict[str, set[str]] = {}
    for rule in house.url_map.iter_rules():
        methods.setdefault(rule.endpoint, set()).update(rule.methods or ())
    for endpoint, view in house.view_functions.items():
        inner = inspect.unwrap(view)
        if not isinstance(inner, FunctionType) or inner.__module__.split(".")[0] not in AREAS:
            continue
        if step := getattr(inner, "view_class", None):
            yield from ((endpoint, {name}, getattr(step, name.lower())) for name in step.methods)
        else:
            yield endpoint, methods.get(endpoint, set()), inner


def test_reading_and_writing_are_separate_functions(built_house):
    faults = [name for name, methods, _ in views(built_house) if "GET" in methods and methods & UNSAFE]
    assert not faults, listed("Split into a GET and a POST:", faults)


def test_a_get_changes_nothing(built_house):
    """The one write a GET may do is the access log, and the edge does that."""
    faults = [
        f"{name}: {done}" for name, methods, view in views(built_house) if "GET" in methods for done in changes_in(view)
    ]
    assert not faults, listed("These change something on a GET:", faults)


WRITES = {"commit", "flush", "add", "add_all", "delete", "merge", "begin"}


def changes_in(view: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Writes of the session and commands of services that a function calls, itself or through its own module."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(view)))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        text = ast.unparse(node.func)
        *owner, name = text.split(".")
        if (owner and owner[-1] == "session" and name in WRITES) or is_command(view, owner, name):
            yield text
        elif not owner and name not in seen and is_of_the_same_module(view, name):
            yield from changes_in(inspect.unwrap(view.__globals__[name]), seen | {name})


def is_command(view: Any, owner: list[str], name: str) -> bool:
    """Whether a name that is called leads into a module of services."""
    target = view.__globals__.get(owner[0] if owner else name)
    if not isinstance(target, ModuleType if owner else FunctionType):
        return False
    module = target.__name__ if isinstance(target, ModuleType) else target.__module__
    return module.rpartition(".")[2].endswith("services")


def is_of_the_same_module(view: Any, name: str) -> bool:
    target = view.__globals__.get(name)
    return isinstance(target, FunctionType) and target.__module__ == view.__module__


def shows_and_marks() -> None:
    """A view that writes, for the test below."""
    db.session.commit()


def test_a_write_is_seen_where_it_stands():
    assert list(changes_in(shows_and_marks)) == ["db.session.commit"]


# ----------------------------------------------------------------------------------------------- how addresses read

SEGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.(json|csv|css|xlsx|xml|txt|svg))?")
VARIABLE = re.compile(r"<(uuid:[a-z_]+_id|reference|token|kind)>")


def test_addresses_are_small_words_with_dashes_and_identifiers(built_house):
    faults = [
        rule.rule
        for rule in built_house.url_map.iter_rules()
        if rule.endpoint != "static"
        for segment in rule.rule.strip("/").split("/")
        if segment and not SEGMENT.fullmatch(segment) and not VARIABLE.fullmatch(segment)
    ]
    assert not faults, listed("Write these with small letters, dashes and UUIDs:", faults)


def test_no_address_ends_in_a_slash(built_house):
    faults = [rule.rule for rule in built_house.url_map.iter_rules() if rule.rule != "/" and rule.rule.endswith("/")]
    assert not faults


# -------------------------------------------------------------------------------------------------------- the API


def test_every_operation_of_the_api_asks_for_a_bearer_token(built_house):
    with built_house.test_request_context():
        paths = built_house.spec["paths"]
    faults = [
        f"{method.upper()} {path}"
        for path, operations in paths.items()
        if path.startswith(PREFIX)
        for method, operation in operations.items()
        if isinstance(operation, dict) and {"bearer": []} not in operation.get("security", [])
    ]
    assert paths
    assert not faults, listed("Described as if nobody need sign in:", faults)


def test_every_write_over_the_api_asks_for_a_row_of_the_table(built_house):
    faults = [
        name
        for name, methods, _ in views(built_house)
        if name.startswith("api_") and methods & UNSAFE
        if getattr(built_house.view_functions[name], "permission", "") in {ANYONE, SIGNED_IN}
    ]
    assert not faults, listed("Who may do this? Name a row of the table:", faults)
