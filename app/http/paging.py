"""Paged lists: a page number from the address, clamped, and the rows with their total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, TypeVarTuple
from uuid import UUID

from flask import request
from sqlalchemy import Integer, Select, bindparam, func, select, text, union_all

from app.database import db

T = TypeVar("T")
Columns = TypeVarTuple("Columns")
PER_PAGE = 50
LAST = 100_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list."""

    rows: Sequence[T]
    number: int
    total: int
    per_page: int = PER_PAGE
    is_more: bool = False
    """Whether there are more than `total`, which were not counted."""

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.per_page))


def page_number() -> int:
    """`?page=` of this request: anything that is no sensible number is the first page."""
    text = request.args.get("page", "1")
    return min(int(text), LAST) if text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) else 1


def paged_list(rows: Sequence[T], per_page: int = PER_PAGE) -> Page[T]:
    start = (page_number() - 1) * per_page
    return Page(rows[start : start + per_page], page_number(), len(rows), per_page)


def paged(query: Select[Any], *, number: int | None = None, counted: int | None = None) -> Page[Any]:
    """Runs a query for one page: one count and one list, whatever the size. Scalars if one column, else rows.

    No more than `counted` rows are counted, where that is given: for lists of a million.
    """
    wanted = number or page_number()
    total = _total(query.order_by(None).limit(counted + 1) if counted else query)
    if is_more := counted is not None and total > counted:
        total -= 1
    limited = query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE)
    single = len(query.column_descriptions) == 1
    rows = db.session.scalars(limited).unique().all() if single else db.session.execute(limited).all()
    return Page(rows, wanted, total, is_more=is_more)


def paged_rows(query: Select[*Columns], counted: Select[UUID]) -> Page[Any]:
    """One page of plain rows, counted by the same statement; their last column is the total.

    `counted` finds the same rows without what is joined only to be shown.
    """
    wanted = page_number()
    total = select(func.count()).select_from(counted.order_by(None).subquery()).scalar_subquery()
    limited = query.add_columns(total.label("total")).limit(PER_PAGE).offset((wanted - 1) * PER_PAGE)
    rows = db.session.execute(limited).all()
    return Page(rows, wanted, rows[0].total if rows else _total(counted))


def one_page(query: Select[*Columns]) -> Select[*Columns]:
    """A query kept ready at import, to which `page_of` gives its page: putting a statement together costs more than rows."""
    return query.limit(bindparam("page_limit", type_=Integer)).offset(bindparam("page_offset", type_=Integer))


def one_page_of(parts: Sequence[Select[*Columns]], order: str) -> Select[Any]:
    """As `one_page`, of several queries at once, each in order by itself: of each only as much is read as the page may need.

    `order` is that of all, by the names of the columns.
    """
    end = bindparam("page_offset", type_=Integer) + bindparam("page_limit", type_=Integer)
    read = union_all(*(select(part.limit(end).subquery()) for part in parts)).subquery()
    return one_page(select(read).order_by(text(order)))


def page_of(ready: Select[*Columns], values: Mapping[str, object], total: int) -> Page[Any]:
    """One page of plain rows of a query made by `one_page`; `total` is known already."""
    wanted = page_number()
    place = {"page_limit": PER_PAGE, "page_offset": (wanted - 1) * PER_PAGE}
    return Page(plain_rows(ready, {**values, **place}), wanted, total)


def plain_rows(ready: Select[*Columns], values: Mapping[str, object]) -> Sequence[Any]:
    """The rows of a query that names columns alone: the session, which looks for objects in each row, is passed by."""
    return db.session.connection().execute(ready, values).all()


def _total(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
