"""The permission table: every function of Homeward, a sentence saying what it is, and the roles that have it.

Each slice lists its rows. Every route names one row with `@allows`, or says `@anyone` or
`@signed_in`; a route that says nothing stops the start.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, current_app

from app.errors import NotAllowed
from app.http.viewer import current_viewer
from app.parties.roles import Role, titles

P = ParamSpec("P")
R = TypeVar("R")

ANYONE = "anyone"
SIGNED_IN = "signed in"


@dataclass(frozen=True, slots=True)
class Permission:
    """One function, such as `packages:import`."""

    name: str
    sentence: str
    roles: Collection[Role]


class PermissionTable(dict[str, Permission]):
    """All permissions of the house, by name."""

    def may(self, roles: frozenset[Role], name: str) -> bool:
        """Whether any of the roles has the function."""
        return not roles.isdisjoint(self[name].roles)


def allows(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Lets in only people whose role has this function: 401 when nobody is signed in, 403 for other roles."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            require(permission)
            return view(*args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]
        return checked

    return decorate


def require(permission: str) -> None:
    """Raises NotSignedIn or NotAllowed unless the current viewer has this function."""
    viewer = current_viewer()
    table: PermissionTable = current_app.extensions["permissions"]
    if not table.may(viewer.roles, permission):
        raise NotAllowed(
            f"{table[permission].sentence} is not open to your role. Ask your administrator if it should be."
        )


def anyone(view: Callable[P, R]) -> Callable[P, R]:
    view.permission = ANYONE  # type: ignore[attr-defined]
    return view


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Open to everybody who is signed in; the queries decide what they see."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        current_viewer()
        return view(*args, **kwargs)

    checked.permission = SIGNED_IN  # type: ignore[attr-defined]
    return checked


def routes_without_permission(app: Flask) -> list[str]:
    """Endpoints that name no row of the table; there must be none."""
    table: PermissionTable = app.extensions["permissions"]
    return sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static"
        and (named := getattr(view, "permission", None)) not in {ANYONE, SIGNED_IN}
        and named not in table
    )


OPENING = """# Who may do what

Every page and every call of the API names one of these functions, or the application does not start. A role says which
functions are open; on what (whose packages, whose offers) is decided by each query, and somebody else's thing is not
found rather than refused.

This page is written by `flask --app wsgi permissions`; a test holds it to the table.
"""


def permissions_text(app: Flask) -> str:
    table: PermissionTable = app.extensions["permissions"]
    parts = [OPENING, "## Functions\n", "| Function | What it is | Roles |", "|---|---|---|"]
    parts += [_row(permission) for permission in sorted(table.values(), key=lambda row: row.name)]
    parts += ["", "## Open to everybody who is signed in\n", *_addresses(app, SIGNED_IN)]
    parts += ["", "## Open without signing in\n", *_addresses(app, ANYONE)]
    return "\n".join(parts) + "\n"


def _row(permission: Permission) -> str:
    return f"| `{permission.name}` | {permission.sentence} | {titles(permission.roles) or 'nobody'} |"


def _addresses(app: Flask, kind: str) -> Iterator[str]:
    found = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "permission", None) == kind
    }
    return (f"- `{address}`" for address in sorted(found))
