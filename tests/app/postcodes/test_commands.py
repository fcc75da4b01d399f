"""`flask import-postcodes`: loads, loads again, and refuses a bad file in words, changing nothing."""

import gzip

import pytest

from app.database import db
from app.postcodes.models import UnitPostcode

HEADER = "postcode,positional_quality,latitude,longitude,eastings,northings,admin_county_code,admin_district_code"
GOOD = (
    f"{HEADER}\nPR1 8XJ,10,53.7,-2.7,353001,429002,E10000017,E07000123\nBB1 1AE,10,53.7,-2.4,369997,427645,,E06000008\n"
)


@pytest.fixture
def load(house, tmp_path):
    def run(content):
        file = tmp_path / "units.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return house.test_cli_runner().invoke(args=["import-postcodes", str(file)])

    return run


def kept():
    rows = db.session.query(UnitPostcode).order_by(UnitPostcode.postcode)
    return [(row.postcode, row.easting, row.northing, row.district_code, row.county_code) for row in rows]


BOTH = [
    ("BB1 1AE", 369997, 427645, "E06000008", None),
    ("PR1 8XJ", 353001, 429002, "E07000123", "E10000017"),
]


@pytest.mark.parametrize("content", [GOOD, gzip.compress(GOOD.encode(), mtime=0), b"\xef\xbb\xbf" + GOOD.encode()])
def test_a_file_is_loaded_plain_packed_or_with_a_mark_of_its_encoding(session, load, content):
    answer = load(content)
    assert answer.exit_code == 0, answer.output
    assert "2 unit postcodes are loaded." in answer.output
    assert kept() == BOTH


def test_the_same_file_again_changes_nothing_and_a_newer_one_moves_a_postcode(session, load):
    load(GOOD)
    assert load(GOOD).exit_code == 0
    assert kept() == BOTH
    db.session.rollback()
    assert load(f"{HEADER}\npr18xj,10,,,353005,429006,,\n").exit_code == 0
    assert kept() == [BOTH[0], ("PR1 8XJ", 353005, 429006, None, None)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "Missing: postcode, eastings, northings"),
        ("postcode,eastings\nPR1 8XJ,1\n", "Missing: northings"),
        (f"{HEADER}\n", "no rows below it"),
        (f"{GOOD}QQ1 1QQ,10,,,1,1,,\n", "Line 4: Enter a full postcode"),
        (f"{GOOD}PR1 9AA,10,,,NaN,1,,\n", "Line 4: eastings must be whole metres"),
        (f"{GOOD}PR1 9AA,10,,,1,1e309,,\n", "Line 4: northings must be whole metres"),
        (f"{GOOD}PR1 9AA,10,,,1,-1,,\n", "Line 4: northings"),
        (f"{GOOD}PR1 9AA\n", "Line 4: eastings"),
        (f"{GOOD}PR1 9AA,10,,,1,1,,E0700012300000\n", "admin_district_code can have at most 10"),
        (f"{GOOD}pr18xj,10,,,1,1,,\n", "Line 4: PR1 8XJ stands in the file twice."),
        (f'{GOOD}"PR1 9AA,10,,,1,1,,\n', "not a CSV file"),
        (GOOD.encode("utf-16"), "not UTF-8"),
        (gzip.compress(GOOD.encode(), mtime=0)[:40], "damaged or cut short"),
        (b"\x1f\x8bnot really", "damaged or cut short"),
    ],
)
def test_a_bad_file_is_refused_in_words_and_nothing_is_loaded(session, load, content, said):
    answer = load(content)
    assert answer.exit_code == 1
    assert said in answer.output
    assert kept() == []


def test_of_many_bad_lines_twenty_are_named_and_the_others_counted(session, load):
    bad = "".join(f"PR1 {n},10,,,1,1,,\n" for n in range(25))
    output = load(GOOD + bad).output
    assert "Line 23:" in output
    assert "Line 24:" not in output
    assert "and 5 more lines to correct" in output
