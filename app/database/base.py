"""The declarative base, the session, and instants that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, MetaData, Select, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from app.database.retention import Retention
from app.errors import NotFoundForViewer

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. A naive one is a programming error and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, and naive on SQLite, which keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("Instants are stored aware; this one has no time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """From the database: aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table. Each model states which columns hold personal data (all others hold none) and how long rows stay."""

    metadata = metadata
    personal: ClassVar[frozenset[str]]
    retention: ClassVar[Retention]


db = SQLAlchemy(model_class=Base)
cast(Any, db.Model).registry.update_type_annotation_map({datetime: UtcDateTime(), UUID: Uuid()})

# Flask-SQLAlchemy makes its own base at run time; type checkers are shown the plain one.
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

T = TypeVar("T")


def only_one(query: Select[T]) -> T:
    """The one row of a query that is narrowed to a viewer; raises NotFoundForViewer when there is none for them."""
    row = db.session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotFoundForViewer
    return row
