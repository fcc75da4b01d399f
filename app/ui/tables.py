"""The rows of a table. A page of a list has hundreds of cells, and a template looks at each part of every cell anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

Heading = str | tuple[str, str]
"""A text, or a text with "numeric"."""

_ROW = '\n    <tr class="govuk-table__row" role="row"><th scope="row" role="rowheader" class="govuk-table__header">'
_CELL = Markup('<td role="cell" data-label="{}" class="govuk-table__cell{}">')


def table_rows(headings: Sequence[Heading], rows: Iterable[Sequence[object]]) -> str:
    """The rows of the body as HTML in which every cell is escaped: the first heads its row, before each other stands the
    heading of its column.
    """
    openings = [_opening(heading) for heading in headings[1:]]
    return "".join([_row(openings, *cells) for cells in rows])


def _row(openings: Sequence[str], head: object, *cells: object) -> str:
    told = [f"{opening}{_escaped(cell)}</td>" for opening, cell in zip(openings, cells, strict=False)]
    return f"{_ROW}{_escaped(head)}</th>{''.join(told)}\n    </tr>"


def _opening(heading: Heading) -> str:
    """What stands before each cell of a column: the same in every row, so it is made once."""
    if isinstance(heading, str):
        return _CELL.format(heading, "")
    return _CELL.format(heading[0], " govuk-table__cell--numeric")


def _escaped(cell: object) -> str:
    return cell if type(cell) is Markup else escape(cell)
