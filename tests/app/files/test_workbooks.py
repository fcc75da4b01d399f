"""A workbook is read as the person sees it: the sheets and rows that are shown, values as they are shown."""

import io
import re
import zipfile
from typing import Any, NamedTuple

import pytest
from openpyxl import Workbook

from app.files.reading import read_rows
from app.files.sheets import SheetRead
from app.files.source import UnreadableFile
from app.files.writing import write_workbook
from tests.app.files.books import (
    DAY,
    EMPTY_RESULT,
    FINE_PERCENT,
    LENGTH,
    MOMENT,
    MONEY,
    PERCENT,
    TIME,
    UNWORKED,
    a_book,
    error,
    number,
)  # fmt: skip

HEAD = ["reference", "value"]


class Seen(NamedTuple):
    """What was read of a workbook."""

    rows: Any
    sheet: str
    hidden: int


def read(data, **options):
    sheet = SheetRead()
    rows = read_rows(data, "packages.xlsx", HEAD, ("note",), sheet, **options)
    return Seen(rows, sheet.title, len(sheet.hidden))


def value_of(cell, **options):
    (row,) = read(a_book(("One", "visible", [HEAD, ["A-1", cell]]), **options)).rows
    return row.cells["value"]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_sheet_that_is_not_shown_is_passed_over_and_the_one_that_is_read_is_named(state):
    read_now = read(
        a_book(("Last month", state, [HEAD, ["OLD", "x"]]), ("This month", "visible", [HEAD, ["NEW", "x"]]))
    )
    assert ([row.cells["reference"] for row in read_now.rows], read_now.sheet) == (["NEW"], "This month")


def test_of_several_sheets_one_must_be_named_and_empty_ones_do_not_count():
    book = a_book(
        ("One", "visible", [HEAD, ["A-1", "x"]]), ("Two", "visible", [HEAD, ["A-2", "x"]]), ("Three", "visible", [])
    )
    with pytest.raises(UnreadableFile, match=r"several sheets: “One”, “Two”\. Name the sheet"):
        read(book)
    named = read(book, sheet="two")
    assert ([row.cells["reference"] for row in named.rows], named.sheet) == (["A-2"], "Two")
    with pytest.raises(
        UnreadableFile, match=r"No sheet that is shown is called “Four”\. There is: “One”, “Two”, “Three”"
    ):
        read(book, sheet="Four")


def test_a_hidden_sheet_is_not_read_even_when_it_is_named():
    book = a_book(("Old", "hidden", [HEAD, ["A-1", "x"]]), ("New", "visible", [HEAD, ["A-2", "x"]]))
    with pytest.raises(UnreadableFile, match="No sheet that is shown is called “Old”"):
        read(book, sheet="Old")


def test_one_filled_sheet_beside_empty_ones_needs_no_name():
    assert read(a_book(("Sheet1", "visible", []), ("Data", "visible", [HEAD, ["A-1", "x"]]))).sheet == "Data"


def test_rows_that_a_filter_hides_are_counted_and_read_only_when_somebody_says_so():
    book = a_book(("One", "visible", [HEAD, ["A-1", "x"], ["A-2", "x"], ["A-3", "x"]]), hidden_rows=(2, 4))
    with pytest.raises(UnreadableFile, match="“One” holds 3 rows, and 2 of them are hidden"):
        read(book)
    assert (len(read(book, with_hidden_rows=True).rows), read(book, with_hidden_rows=True).hidden) == (3, 2)


def test_a_hidden_row_without_anything_in_it_asks_nothing():
    assert read(a_book(("One", "visible", [HEAD, ["A-1", "x"], []]), hidden_rows=(3,))).hidden == 0


@pytest.mark.parametrize("value", ["#N/A", "#REF!", "#DIV/0!"])
def test_an_error_is_refused_by_its_cell(value):
    with pytest.raises(UnreadableFile, match=re.escape(f"B3 (value) holds {value}")):
        read(a_book(("One", "visible", [HEAD, ["A-1", "x"], ["A-2", error(value)]])))


def test_a_formula_never_worked_out_is_refused_by_its_cell_and_an_empty_result_is_empty():
    with pytest.raises(UnreadableFile, match=r"B2 \(value\) holds a formula that was never worked out.*save it once"):
        read(a_book(("One", "visible", [HEAD, ["A-1", UNWORKED]])))
    assert value_of(EMPTY_RESULT) == ""


def test_a_formula_of_a_library_that_works_nothing_out_is_refused():
    workbook, data = Workbook(), io.BytesIO()
    workbook.active.append(HEAD)
    workbook.active.append(["A-1", "=24.1*14"])
    workbook.save(data)
    with pytest.raises(UnreadableFile, match="never worked out"):
        read(data.getvalue())


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (number("337.40000000000003", MONEY), "337.4"),
        (number("9.2899999999999991", MONEY), "9.29"),
        (number("337.405", MONEY), "337.405"),
        (number("54.300000000000004"), "54.3"),
        (number("1E-7"), "0.0000001"),
        (number("9990700001"), "9990700001"),
        (number("0.4", PERCENT), "40%"),
        (number("1", PERCENT), "100%"),
        (number("0.07", PERCENT), "7%"),
        (number("0.125", FINE_PERCENT), "12.5%"),
        (number("1.5625", LENGTH), "37:30"),
        (number("0.3125", LENGTH), "07:30"),
        (number("0.3125", TIME), "07:30"),
        (number("46370", DAY), "2026-12-14"),
        (number("46370.5", DAY), "2026-12-14"),
        (number("46370.5", MOMENT), "2026-12-14 12:00"),
        ('<c t="d"><v>2026-12-14T00:00:00</v></c>', "2026-12-14T00:00:00"),
    ],
)
def test_a_number_reads_as_it_is_shown(cell, shown):
    assert value_of(cell) == shown


@pytest.mark.parametrize(
    ("cell", "shown"),
    [(number("0.3125", TIME), "07:30"), (number("1.5625", LENGTH), "37:30"), (number("44908", DAY), "2026-12-14")],
)
def test_a_workbook_that_counts_from_1904_reads_the_same(cell, shown):
    assert value_of(cell, from_1904=True) == shown


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("washing._x000D_\nPrompt", "washing.\nPrompt"),
        ("_x005F_x0041_", "_x0041_"),
        ("caf_x00E9_", "café"),
        ("_xD83D__xDE00_", "\U0001f600"),
        ("_xZZZZ_ stays", "_xZZZZ_ stays"),
    ],
)
def test_escapes_of_the_format_are_undone(stored, meant):
    assert value_of(stored) == meant


def test_a_text_that_looks_like_an_escape_is_escaped_when_written_and_comes_back():
    data = io.BytesIO()
    write_workbook(data, HEAD, [["_x0041_", "a_x000D_b"]])
    assert b"_x005F_x0041_" in zipfile.ZipFile(data).read("xl/worksheets/sheet1.xml")
    assert next(iter(read(data.getvalue()).rows)).cells == {"reference": "_x0041_", "value": "a_x000D_b"}
