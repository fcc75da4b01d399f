"""`docs/attacks.md` is true: every test that it names exists, and a row without a proof says why in words."""

from __future__ import annotations

import re
from functools import cache

from tests.architecture.test_docs import names_in
from tests.architecture.test_measures import ROOT, listed

PROOF = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
ROW = re.compile(r"^\| ([A-Z]\d+) \| .* \| (.*) \|$", re.MULTILINE)
ROWS = {"C": 19, "M": 24, "S": 19, "F": 8, "X": 15}


@cache
def rows() -> dict[str, str]:
    """Each row's name and its last column."""
    return dict(ROW.findall((ROOT / "docs/attacks.md").read_text("utf-8")))


def test_every_row_is_there():
    assert set(rows()) == {f"{letter}{number}" for letter, last in ROWS.items() for number in range(1, last + 1)}


def test_every_named_proof_is_a_test():
    faults = [
        f"{row}: {file}::{name}"
        for row, proofs in rows().items()
        for file, name in PROOF.findall(proofs)
        if not (ROOT / "tests" / file).exists() or name not in names_in(ROOT / "tests" / file)
    ]
    assert not faults, listed("There is no such test:", faults)


def test_a_row_without_a_proof_says_why():
    unproved = {row: text for row, text in rows().items() if not PROOF.search(text)}
    assert set(unproved) == {"C9", "C11", "C16", "S13", "S14"}
    assert all(len(text.split()) > 3 for text in unproved.values())
