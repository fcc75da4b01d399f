"""The lists of fresh readers are well formed, and the documentation tells what it showed. How good that is, is not tested."""

import re
from itertools import takewhile
from pathlib import Path

import pytest

from tests.marketplace.disclosure.judged import READERS, records_in, report, sentences_in

ROOT = Path(__file__).resolve().parents[3]
EACH = pytest.mark.parametrize("folder", READERS, ids=lambda folder: folder.name)
LISTS = ("harmless.txt", "revealing.txt")
ROW = re.compile(r"^\| (?P<list>.+?) \| (?P<figures>\d+ \| \d+ \| \d\.\d{3} \| \d\.\d{3}) \|$", re.MULTILINE)


@pytest.mark.parametrize("name", LISTS)
@EACH
def test_a_list_has_150_different_sentences_each_about_somebody_on_record(folder, name):
    lines = list(sentences_in(folder / name))
    assert len(set(lines)) == len(lines) == 150
    assert {whose for whose, _ in lines} == set(records_in(folder))
    assert all(sentence and sentence == sentence.strip() for _, sentence in lines)


@EACH
def test_no_sentence_is_in_both_lists(folder):
    harmless, revealing = (set(sentences_in(folder / name)) for name in LISTS)
    assert not harmless & revealing


@EACH
def test_the_documentation_has_the_figures_that_the_command_prints(folder):
    """The first row stays as it was at first sight; once rules are mended by a list, "the same, ..." follows it."""
    printed = "\n".join(report(folder))
    harmless, revealing = re.findall(r"^ *(\d+) (?:harmless|revealing):", printed, re.MULTILINE)
    precision, recall = re.search(r"precision (\d\.\d{3}), recall (\d\.\d{3})", printed).groups()
    assert rows_of_the_list(folder.name)[-1] == f"{harmless} | {revealing} | {precision} | {recall}"


def rows_of_the_list(folder):
    rows = ROW.findall((ROOT / "docs/texts.md").read_text("utf-8"))
    first = next(at for at, (name, _) in enumerate(rows) if folder in name)
    later = takewhile(lambda row: row[0].startswith("the same"), rows[first + 1 :])
    return [figures for _, figures in (rows[first], *later)]
