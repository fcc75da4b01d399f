"""Workbooks written sign by sign, to hold what no library writes."""

from __future__ import annotations

import io
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FORMATS = ("General", "dd/mm/yyyy", "0%", "&quot;£&quot;#,##0.00", "[h]:mm", "hh:mm", "dd/mm/yyyy hh:mm", "0.00%")
PLAIN, DAY, PERCENT, MONEY, LENGTH, TIME, MOMENT, FINE_PERCENT = range(len(FORMATS))


def number(value: object, style: int = PLAIN) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def error(value: str) -> str:
    return f'<c t="e"><f>VLOOKUP(A2,B:B,2,FALSE)</f><v>{value}</v></c>'


UNWORKED = "<c><f>24.1*14</f><v></v></c>"
EMPTY_RESULT = '<c t="str"><f>""</f><v></v></c>'


def a_book(
    *sheets: tuple[str, str, list[list[str]]], hidden_rows: tuple[int, ...] = (), from_1904: bool = False
) -> bytes:
    """Sheets of a name, a state and rows of cells (XML made by the functions above, or plain words)."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        listed = "".join(
            f'<sheet name="{name}" sheetId="{n}" state="{state}" r:id="r{n}"/>'
            for n, (name, state, _) in enumerate(sheets, 1)
        )
        properties = f'<workbookPr date1904="{int(from_1904)}"/>'
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}">{properties}<sheets>{listed}</sheets></workbook>',
        )
        places = "".join(f'<Relationship Id="r{n}" Target="worksheets/s{n}.xml"/>' for n in range(1, len(sheets) + 1))
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{places}</Relationships>")
        codes = "".join(f'<numFmt numFmtId="{164 + n}" formatCode="{code}"/>' for n, code in enumerate(FORMATS))
        styles = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(FORMATS)))
        archive.writestr(
            "xl/styles.xml",
            f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>',
        )
        for n, (_, _, rows) in enumerate(sheets, 1):
            archive.writestr(f"xl/worksheets/s{n}.xml", _sheet(rows, hidden_rows))
    return data.getvalue()


def _sheet(rows: list[list[str]], hidden: tuple[int, ...]) -> str:
    lines = []
    for line, cells in enumerate(rows, 1):
        mark = ' hidden="1"' if line in hidden else ""
        lines.append(f'<row r="{line}"{mark}>{"".join(c if c.startswith("<c") else text(c) for c in cells)}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
