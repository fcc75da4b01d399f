"""The permission table as a page to read: which role has which function, and what is open without one."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask

from app.auth.permissions import ANYONE, SIGNED_IN, Permission, PermissionTable

OPENING = """# Who may do what

Every page and every call of the API names one of these functions, or the application does not start. A role says which
functions are open; on what (whose packages, whose offers) is decided by each query, and somebody else's thing is not
found rather than refused.

This page is written by `flask --app wsgi permissions`; a test holds it to the table.
"""


def permissions_text(app: Flask) -> str:
    """The whole page as Markdown."""
    table: PermissionTable = app.extensions["permissions"]
    parts = [OPENING, "## Functions\n", "| Function | What it is | Roles |", "|---|---|---|"]
    parts += [_row(permission) for permission in sorted(table, key=lambda one: one.name)]
    parts += ["", "## Open to everybody who is signed in\n", *_addresses(app, SIGNED_IN)]
    parts += ["", "## Open without signing in\n", *_addresses(app, ANYONE)]
    return "\n".join(parts) + "\n"


def _row(permission: Permission) -> str:
    roles = ", ".join(sorted(role.label for role in permission.roles)) or "nobody"
    return f"| `{permission.name}` | {permission.sentence} | {roles} |"


def _addresses(app: Flask, kind: str) -> Iterator[str]:
    found = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "permission", None) == kind
    }
    return (f"- `{address}`" for address in sorted(found))
