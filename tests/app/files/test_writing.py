"""CSV files that go out: nothing in them runs, and reading them gives back what was meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.files.reading import read_rows
from app.files.writing import csv_bytes, defused, undefused


def test_what_looks_like_a_formula_is_defused_and_numbers_are_left_alone():
    assert defused("=1+1") == "'=1+1"
    assert [defused(start + "x")[0] for start in "+-@\t\r"] == ["'"] * 5
    assert (defused(-5), defused(12), defused("12.50"), defused(None)) == ("-5", "12", "12.50", "")


@given(st.text(max_size=30))
def test_taking_the_guard_off_gives_back_the_text(text: str):
    assert undefused(defused(text)) == text


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20), min_size=1))
def test_a_file_written_here_is_read_back_the_same(texts: list[str]):
    texts = [text.strip() or "x" for text in texts]
    rows = read_rows(csv_bytes(["name", "count"], [[text, 1] for text in texts]), "out.csv", ["name", "count"])
    assert [row.cells["name"] for row in rows] == texts
