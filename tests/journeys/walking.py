"""A walk through every address of the house, and everything that an answer says."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy import select

from app.database import db


def ids_by_table() -> dict[str, list[UUID]]:
    """Some ids of every table that has them."""
    found = {}
    for mapper in db.Model.registry.mappers:
        if "id" in mapper.columns:
            found[mapper.local_table.name] = list(db.session.scalars(select(mapper.columns["id"]).limit(4)))
    return found


def addresses(house, method: str, ids: dict[str, list[UUID]]):
    """Every address of the house that answers to a method, filled with the ids that fit."""
    for rule in house.url_map.iter_rules():
        if method not in rule.methods or rule.endpoint == "static":
            continue
        if not rule.arguments:
            yield rule, {}
            continue
        names = sorted(rule.arguments)
        pools = [fitting(name, ids) for name in names]
        for values in zip(*pools, strict=False):
            yield rule, dict(zip(names, values, strict=True))


def fitting(name: str, ids: dict[str, list[UUID]]) -> list[object]:
    """Values for an argument of an address: ids of the table it names, or of all tables; words get a wrong one."""
    table = {"line": "offer_line", "contact": "provider_contact", "user": "user_account", "member": "membership"}
    if not name.endswith("_id"):
        return ["no-such-thing"]
    key = table.get(name.removesuffix("_id"), name.removesuffix("_id"))
    return list(ids.get(key) or [one for some in ids.values() for one in some[:1]])[:4]


def address_of(house, rule, values) -> str:
    """The address as text."""
    return house.url_map.bind("localhost").build(rule.endpoint, values, method=rule_method(rule))


def rule_method(rule) -> str:
    """The method that leads to this rule, where several share an address."""
    return "GET" if "GET" in rule.methods else "POST"


def spoken(answer) -> str:
    """Everything an answer says: status line, headers (a file's name among them) and body, unpacked if it is packed."""
    body = answer.get_data()
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b"\n".join(name.encode() + b"\n" + parts.read(name) for name in parts.namelist())
    return f"{answer.status}\n{unquote(str(answer.headers))}\n{body.decode('utf-8', 'replace')}"
