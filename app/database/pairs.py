"""Rows that pair each of some things with every member of its group: hundreds of thousands, out of two short lists.

SQLite multiplies by itself, in one statement. PostgreSQL takes rows faster by COPY, while the next are made here.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table

from app.database.base import Base, db
from app.database.bulk import write_identifiers

NEAR = 16
"""So many hex digits a row's id shares with the thing that it pairs; as many again are random."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is paired: `ones` as (identifier, group) in order, `groups` the identifiers of each group in order.

    `one` and `other` are the columns; `owned` are columns with one value for all rows. Identifiers are 32 hex digits.
    """

    one: str
    other: str
    owned: Mapping[str, str]
    ones: Sequence[tuple[str, int]]
    groups: Mapping[int, Sequence[str]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row, in the order of its values."""
        return ("id", self.one, self.other, *self.owned)

    def rows(self) -> Iterator[tuple[str, ...]]:
        """A row per pair.

        Its id begins like the thing's and goes on at random: random enough that none can be guessed, and near its
        neighbours, so that indexes grow at their end instead of everywhere.
        """
        owned = tuple(self.owned.values())
        for one, group in self.ones:
            near, others = one[:NEAR], self.groups[group]
            drawn = secrets.token_hex(NEAR // 2 * len(others))
            for at, other in zip(range(0, len(drawn), NEAR), others, strict=True):
                yield near + drawn[at : at + NEAR], one, other, *owned


def write_pairs(model: type[Base], pairs: Pairs) -> None:
    """Writes a row per pair into the current transaction; ids are drawn as `Pairs.rows` says."""
    if db.engine.dialect.name == "postgresql":
        write_identifiers(model, pairs.columns, pairs.rows())
        return
    table = cast(Table, model.__table__)
    number = {group: place for place, group in enumerate(pairs.groups)}
    ones = json.dumps([(one, number[group]) for one, group in pairs.ones])
    groups = json.dumps(list(pairs.groups.values()))
    # Our own names stand in it, nothing that anybody typed.
    statement = f"""
        WITH one (id, place) AS (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)),
             listed (place, members) AS MATERIALIZED (SELECT key, value FROM json_each(?))
        INSERT INTO {table.name} ({", ".join(pairs.columns)})
        SELECT substr(one.id, 1, {NEAR}) || lower(hex(randomblob({NEAR // 2}))), one.id, other.value{", ?" * len(pairs.owned)}
        FROM one CROSS JOIN listed ON listed.place = one.place CROSS JOIN json_each(listed.members) AS other
    """  # noqa: S608
    db.session.connection().exec_driver_sql(statement, (ones, groups, *pairs.owned.values()))
