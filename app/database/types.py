"""What models are made of: identified rows, owned rows, enum columns with their CHECK, foreign keys."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ColumnElement, Enum, ForeignKey, Index, String, Uuid, or_, text
from sqlalchemy.orm import Mapped, MappedColumn, declared_attr, mapped_column, validates

from app.database.base import Model
from app.values.spelling import as_read

Json = JSON(none_as_null=True)
MOST_KEY = 200
KEY = String(MOST_KEY).with_variant(String(MOST_KEY, collation="C"), "postgresql")
"""Compared sign by sign, as SQLite does."""


def new_id() -> UUID:
    """A fresh random identifier; ids carry no order and no count."""
    return uuid4()


def choice(kind: type[StrEnum], name: str) -> Enum:
    """A text column limited by a named CHECK to the values of `kind`."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


def one_of(kind: type[StrEnum], name: str, **options: Any) -> MappedColumn[Any]:
    """A mapped enum column; `name` names its CHECK."""
    return mapped_column(choice(kind, name), **options)


def fk(target: str, **options: Any) -> MappedColumn[Any]:
    """A UUID foreign key to `table.column`, indexed unless told otherwise."""
    options.setdefault("index", True)
    return mapped_column(Uuid(), ForeignKey(target), **options)


def index_where(name: str, *columns: str, condition: str, unique: bool = True) -> Index:
    """An index of the rows that meet a condition, alike on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(condition), postgresql_where=text(condition))


def _name_key(context: Any) -> str:
    return as_read(context.get_current_parameters()["name"])[:MOST_KEY]


class FoundByName:
    """Beside the name of a row its key as read: by it names are found and sorted, the same on both databases.

    It follows the name by itself, where a row is made or renamed by the mapper and where rows are inserted in bulk.
    """

    @declared_attr
    @classmethod
    def name_key(cls) -> Mapped[str]:
        return mapped_column(KEY, default=_name_key, server_default="", index=True)

    @validates("name")
    def _follow_name(self, _column: str, name: str) -> str:
        self.name_key = as_read(name)[:MOST_KEY]
        return name


def names_hold(words: str, *keys: Any) -> ColumnElement[bool]:
    """That one of some names, by their keys, holds the words as they are read."""
    return or_(*(key.contains(as_read(words), autoescape=True) for key in keys))


class Row(Model):
    """A table whose rows have a UUID."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True, default=new_id)


class Owned(Row):
    """A row that belongs to one lead commissioner; every query about it leads with `authority_id`."""

    __abstract__ = True

    authority_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("organisation.id"), index=True)
