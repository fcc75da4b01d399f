"""Files that people bring, good and bad."""

import io
import zipfile
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from app.files.reading import read_rows
from app.files.source import UnreadableFile

REQUIRED = ("reference", "planned_start")
OPTIONAL = ("note",)


def read(data, filename="packages.csv"):
    return list(read_rows(data, filename, REQUIRED, OPTIONAL))


def a_workbook(*rows):
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


def a_zip(*entries):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return data.getvalue()


TEXT = "reference,planned_start,note\r\nA-1,2026-12-06,Zoë’s café\r\nA-2,2026-12-07,\r\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\n").rstrip("\n").encode(),
        TEXT.replace("planned_start", "Planned  Start").encode(),
        TEXT.replace("reference,", '"reference",').encode(),
    ],
)
def test_a_csv_file_is_read_however_a_spreadsheet_program_wrote_it(data):
    rows = read(data)
    assert [row.line for row in rows] == [2, 3]
    assert rows[0].cells == {"reference": "A-1", "planned_start": "2026-12-06", "note": "Zoë’s café"}


def test_lines_are_those_of_the_file_even_after_blank_lines_and_cells_of_several_lines():
    rows = read(b'reference,planned_start,note\nA-1,x,"two\nlines"\n\n ,,\nA-2,y,\n')
    assert [(row.line, row.cells["reference"]) for row in rows] == [(2, "A-1"), (6, "A-2")]
    assert rows[0].cells["note"] == "two\nlines"


def test_an_optional_column_may_be_missing_and_columns_may_come_in_any_order():
    assert read(b"planned_start,reference\nx,A-1\n")[0].cells == {"planned_start": "x", "reference": "A-1"}


def test_blank_columns_at_the_end_are_passed_over():
    assert read(b"reference,planned_start,,\nA-1,x,,\n")[0].cells == {"reference": "A-1", "planned_start": "x"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"\xef\xbb\xbf\n\n", "must name the columns"),
        (b"reference,planned_start\n", "no rows"),
        (b"A-1,2026-12-06\nA-2,2026-12-07\n", "Missing: reference, planned_start"),
        (b"reference,note\nA-1,x\n", "Missing: planned_start"),
        (b"reference,planned_start,colour\nA-1,x,y\n", "Not known: colour"),
        (b"reference,,planned_start\nA-1,x,y\n", r"Not known: \(blank\)"),
        (b"reference,planned_start,Reference\nA-1,x,A-1\n", "Named more than once: reference"),
        (b"reference,planned_start\nA-1\nA-2,x,y\nA-3,x\n", "2 cells, as in the header, on lines 2, 3"),
        (b"reference,planned_start\nA-1,caf\xe9\n", "Line 2 holds letters that are not UTF-8"),
        (b"reference,planned_start\nA-1,\x80 5\n", "CSV UTF-8"),
        (b"reference,planned_start\nA-1,x\x00y\n", "NUL"),
        ("reference,planned_start\nA-1,x\n".encode("utf-16-le"), "NUL"),
        ("reference,planned_start\nA-1,x\x00\n".encode("utf-16"), "NUL"),
        (b'reference,planned_start\nA-1,"x\nA-2,y\n', "Line 2 cannot be read"),
        (b"reference,planned_start\nA-1," + b"x" * 200_000 + b"\n", "Line 2 cannot be read: .* far too long"),
        (b"reference,planned_start\nA-1," + b"x" * 100_000 + b"\n", "more than 30,000 characters on line 2"),
        (b"reference,planned_start\n" + b"A-1,x\n" * 100_001, "more than 100,000 rows"),
        (b"%PDF-1.7 \xff\xfe\x00", "NUL"),
    ],
)
def test_a_csv_file_that_cannot_be_read_with_certainty_is_refused_in_words(data, sentence):
    with pytest.raises(UnreadableFile, match=sentence) as refusal:
        read(data)
    assert refusal.value.sentence == str(refusal.value)


def test_a_file_too_large_to_read_is_refused():
    with pytest.raises(UnreadableFile, match="larger than 50 MB"):
        read(b"x" * 50_000_001)


def test_a_workbook_gives_dates_times_and_numbers_as_text():
    data = a_workbook(
        ("Reference", "planned_start", "note"),
        ("A-1", date(2026, 12, 6), 9990700001),
        (None, None, None),
        ("A-2", datetime(2026, 12, 7, 9, 30), 12.5),  # noqa: DTZ001
        ("A-3", time(7, 30), True),
        (4.0, "x", None),
    )
    rows = read(data, "packages.xlsx")
    assert [row.line for row in rows] == [2, 4, 5, 6]
    assert [tuple(row.cells.values()) for row in rows] == [
        ("A-1", "2026-12-06", "9990700001"),
        ("A-2", "2026-12-07 09:30", "12.5"),
        ("A-3", "07:30", "yes"),
        ("4", "x", ""),
    ]


def test_a_workbook_is_known_by_its_bytes_and_not_by_its_name():
    data = a_workbook(("reference", "planned_start"), ("A-1", "x"))
    assert read(data, "packages.csv")[0].cells["reference"] == "A-1"


def test_a_long_row_of_a_workbook_is_refused_with_its_line():
    data = a_workbook(("reference", "planned_start"), ("A-1", "x", "y"))
    with pytest.raises(UnreadableFile, match="on line 2"):
        read(data, "packages.xlsx")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"reference,planned_start\nA-1,x\n", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old kind or has a password"),
        (b"PK\x03\x04 broken", "not an Excel workbook"),
        (a_zip(("word/document.xml", "x")), "not an Excel workbook"),
        (a_zip(("xl/workbook.xml", "<broken"), ("[Content_Types].xml", "<broken")), "damaged"),
        (a_zip(("xl/workbook.xml", "x"), ("xl/vbaProject.bin", "x")), "macros"),
        (a_zip(("xl/workbook.xml", "x"), *((f"xl/{n}", "") for n in range(2001))), "unpacks to far more"),
        (a_workbook(("reference", "planned_start")), "no rows"),
        (a_workbook(), "must name the columns"),
    ],
)
def test_a_workbook_that_is_dangerous_or_none_at_all_is_refused_in_words(data, sentence):
    with pytest.raises(UnreadableFile, match=sentence):
        read(data, "packages.xlsx")


def test_a_workbook_that_unpacks_to_far_more_than_it_should_is_refused_before_it_is_opened():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "x")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(201):
                sheet.write(bytes(1_000_000))
    with pytest.raises(UnreadableFile, match="unpacks to far more"):
        read(data.getvalue(), "packages.xlsx")


def test_a_workbook_with_a_password_flag_is_refused():
    data = bytearray(a_zip(("xl/workbook.xml", "x")))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    with pytest.raises(UnreadableFile, match="has a password"):
        read(bytes(data), "packages.xlsx")


def test_a_sheet_that_claims_a_row_far_down_is_refused():
    good = a_workbook(("reference", "planned_start"), ("A-1", "x"))
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as source, zipfile.ZipFile(data, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b'<row r="2"', b'<row r="900000000"')
            target.writestr(name, content)
    with pytest.raises(UnreadableFile, match="more than 100,000 rows"):
        read(data.getvalue(), "packages.xlsx")
