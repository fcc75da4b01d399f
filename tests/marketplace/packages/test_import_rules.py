"""A file of packages: all rows good, or every bad row named."""

import csv
import io
import tomllib
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from app.files.reading import read_rows
from app.imports.tables import BadRow
from app.values.money import Money
from marketplace.packages.importing import PACKAGES, PackageFileFacts
from marketplace.packages.rules import Funding, FundingSplit, Source, Urgency
from marketplace.packages.visits import parse_weekly_visits, weekly_minutes
from marketplace.vocabulary import CarerGender
from tests.files import check_rows

LANCASHIRE = Path(__file__).parents[3] / "demo" / "lancashire"
HOMECARE, AGE_WELL, LARK = UUID(int=1), UUID(int=3), UUID(int=4)
FACTS = PackageFileFacts(
    lots={"homecare": HOMECARE, "respite": UUID(int=2)},
    teams={"Age Well team": AGE_WELL},
    providers={"Lark Independent Living": LARK},
    existing_references=frozenset({"LCC-OLD"}),
)
GOOD = {
    "reference": "LCC-00001",
    "lot": "homecare",
    "source": "hospital discharge",
    "urgency": "urgent",
    "planned_start": "2026-12-06",
    "postcode": "LA5 0TX",
    "weekly_visits": "Mon-Sun 07:00-10:00 45x1",
    "time_critical": "yes",
    "carer_gender": "female",
    "carer_gender_reason": "own wish",
    "skills": "hoist|Parkinson's",
    "language": "Urdu",
    "pen_picture": "Walks with a frame.",
    "funding": "joint",
    "health_percent": "40",
    "cost_ceiling_weekly": "£350.00",
    "person_name": "Farida Marsden",
    "date_of_birth": "1943-09-12",
    "nhs_number": "9990700001",
    "address": "38 Weavers Row",
    "telephone": "07700 900556",
    "referrer": "Age Well team",
    "incumbent_provider": "",
}


def check(*changes, facts=FACTS):
    return check_rows(PACKAGES, [(line, GOOD | change) for line, change in enumerate(changes, start=2)], facts)


def lancashire_facts():
    scheme = tomllib.loads((LANCASHIRE / "scheme.toml").read_text("utf-8"))
    providers = csv.DictReader(io.StringIO((LANCASHIRE / "providers.csv").read_text("utf-8"), newline=""))
    return PackageFileFacts(
        lots={lot["name"]: uuid4() for lot in scheme["lots"]},
        teams={team["name"]: uuid4() for team in scheme["referring_teams"]},
        providers={provider["name"]: uuid4() for provider in providers},
        existing_references=frozenset(),
    )


def test_all_six_hundred_packages_of_lancashire_are_good():
    data = (LANCASHIRE / "packages.csv").read_bytes()
    checked = check_rows(
        PACKAGES, read_rows(data, "packages.csv", PACKAGES.required, PACKAGES.optional), lancashire_facts()
    )
    assert checked.bad_rows == ()
    assert len(checked.rows) == 600
    assert (checked.rows[0].line, checked.rows[-1].line) == (2, 601)
    assert sum(row.source is Source.REALLOCATION for row in checked.rows) == 155


def test_a_second_import_of_lancashire_names_every_row():
    data = (LANCASHIRE / "packages.csv").read_bytes()
    rows = read_rows(data, "packages.csv", PACKAGES.required, PACKAGES.optional)
    facts = lancashire_facts()
    taken = frozenset(row.cells["reference"] for row in rows)
    checked = check_rows(PACKAGES, rows, PackageFileFacts(facts.lots, facts.teams, facts.providers, taken))
    assert checked.rows == ()
    assert [bad.line for bad in checked.bad_rows] == list(range(2, 602))
    assert {bad.column for bad in checked.bad_rows} == {"reference"}


def test_a_good_row_comes_out_typed():
    (row,) = check({}).rows
    assert (row.line, row.reference, row.lot, row.source, row.urgency) == (
        2, "LCC-00001", HOMECARE, Source.HOSPITAL_DISCHARGE, Urgency.URGENT,
    )  # fmt: skip
    assert row.planned_start == date(2026, 12, 6)
    assert (row.postcode.sector.text, row.need.split, row.funding) == ("LA5 0", FundingSplit(60, 40), Funding.JOINT)
    assert row.cost_ceiling_weekly == Money(35000)
    assert row.weekly_visits == parse_weekly_visits(GOOD["weekly_visits"], time_critical=True)
    assert weekly_minutes(row.weekly_visits) == 315
    assert (row.carer_gender, row.skills) == (CarerGender.FEMALE, ("hoist", "Parkinson's"))
    assert (row.person_name, row.date_of_birth) == ("Farida Marsden", date(1943, 9, 12))
    assert (str(row.nhs_number), row.telephone) == ("999 070 0001", "07700 900556")
    assert (row.referrer, row.incumbent_provider) == (AGE_WELL, None)
    assert row.questions == ()


BAD_CELLS = [
    ("reference", "", "empty"), ("reference", "lcc-old", "already used"), ("reference", "x" * 41, "more than 40"),
    ("lot", "gardening", "not a lot"), ("lot", "", "empty"), ("source", "rumour", "Use one of: community"),
    ("urgency", "", "Use one of: urgent, standard"), ("planned_start", "12/14/2026", "date that exists"),
    ("planned_start", "2026-02-30", "date that exists"), ("planned_start", "", "date that exists"),
    ("planned_start", "1026-12-06", "date that exists"), ("planned_start", "２０２６-12-06", "date that exists"),
    ("postcode", "QR1 1AA", "full postcode"), ("postcode", "", "full postcode"), ("postcode", "LA5", "full postcode"),
    ("weekly_visits", "Mon 07:00-07:30 45x1", "longer than its window"), ("weekly_visits", "", "no visits"),
    ("weekly_visits", "Mon 07:00-10:00 NaNx1", "cannot be read"), ("weekly_visits", "Mon 07:00-10:00 15x1", "30 minutes"),
    ("weekly_visits", "Mon 07:00-10:00 45x3", "1 or 2 carers"), ("time_critical", "perhaps", "yes or no"),
    ("carer_gender", "x", "Use one of: any, female, male"), ("carer_gender_reason", "", "Say why"),
    ("carer_gender_reason", "ask 07700 900556", "telephone"), ("skills", "hoist|07700 900556", "telephone"),
    ("skills", "|".join(str(n) for n in range(21)), "at most 20"), ("language", "PR1 8XJ", "postcode"),
    ("pen_picture", "", "empty"), ("pen_picture", "Ring 07700 900556", "telephone"),
    ("pen_picture", "at LA5 0TX", "postcode"), ("pen_picture", "NHS 943 476 5919", "NHS number"),
    ("carer_gender_reason", "x" * 301, "more than 300"), ("short_visit_reason", "x" * 301, "more than 300"),
    ("pen_picture", "x" * 2001, "more than 2,000"), ("pen_picture", "bell\x07", "control characters"),
    ("funding", "charity", "Use one of: council, health, joint"), ("health_percent", "100", "from 1 to 99"),
    ("health_percent", "NaN", "from 0 to 100"), ("health_percent", "-40", "from 0 to 100"),
    ("health_percent", "40.5", "from 0 to 100"), ("health_percent", "", "from 0 to 100"),
    ("cost_ceiling_weekly", "18,50", "full stop"), ("cost_ceiling_weekly", "1e309", "pounds and pence"),
    ("person_name", "", "empty"), ("date_of_birth", "2043-09-12", "look for a wrong year"),
    ("date_of_birth", "1893-09-12", "look for a wrong year"), ("date_of_birth", "x", "date that exists"),
    ("nhs_number", "9990700002", "check digit"), ("nhs_number", "0000000000", "check digit"), ("nhs_number", "123", "10 digit"),
    ("address", "", "empty"), ("telephone", "7700900556", "begins with 0"), ("telephone", "ring the bell", "begins with 0"),
    ("referrer", "Nobody", "not a referring team"), ("incumbent_provider", "Unknown Care", "not a provider"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "cell", "sentence"), BAD_CELLS)
def test_a_bad_cell_is_named_with_its_line_its_column_and_a_reason(column, cell, sentence):
    checked = check({"reference": "LCC-00009", "nhs_number": "9990700028"}, {column: cell})
    assert checked.rows == ()
    assert checked.bad_rows
    assert [(bad.line, bad.column) for bad in checked.bad_rows] == [(3, column)]
    assert sentence in checked.bad_rows[0].reason


PERSONAL = (
    "postcode", "person_name", "date_of_birth", "nhs_number", "address", "telephone", "pen_picture", "carer_gender_reason",
)  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell"), [(column, cell) for column, cell, _ in BAD_CELLS if column in PERSONAL and cell]
)
def test_a_reason_never_repeats_what_a_cell_about_a_person_holds(column, cell):
    assert all(len(cell) == 1 or cell not in bad.reason for bad in check({column: cell}).bad_rows)


@pytest.mark.parametrize(
    ("column", "cell", "same"),
    [
        ("planned_start", "06/12/2026", "2026-12-06"), ("planned_start", "6 Dec 2026", "2026-12-06"),
        ("planned_start", "2026-12-06 00:00:00", "2026-12-06"), ("date_of_birth", "12.09.1943", "1943-09-12"),
        ("weekly_visits", "Mon–Sun 07:00–10:00 45×1", "Mon-Sun 07:00-10:00 45x1"), ("health_percent", "40 %", "40"),
        ("lot", "Home\u00adcare", "homecare"), ("referrer", "Age  Well\u00a0team", "Age Well team"),
        ("incumbent_provider", "lark independent living", "Lark Independent Living"), ("time_critical", "TRUE", "yes"),
        ("source", "hospital–discharge", "hospital discharge"), ("nhs_number", "999–070–0001", "9990700001"),
    ],
)  # fmt: skip
def test_cells_are_read_as_people_and_spreadsheet_programs_write_them(column, cell, same):
    assert check({column: cell}).rows == check({column: same}).rows != ()


def test_a_row_without_an_nhs_number_is_taken_and_two_of_them_are_two_people():
    rows = check({"nhs_number": ""}, {"nhs_number": "", "reference": "B", "person_name": "Somebody Else"}).rows
    assert [row.nhs_number for row in rows] == [None, None]


def test_a_name_with_another_apostrophe_accent_or_space_is_the_same_name():
    checked = check({"person_name": "Zoë O'Hara"}, {"reference": "B", "person_name": "Zoe  O’HARA"})
    assert checked.bad_rows == ()


def test_every_reason_of_every_row_is_listed_in_the_order_of_the_file():
    checked = check(
        {"lot": "x", "postcode": "y"}, {"reference": "B"}, {"reference": "C", "funding": "z", "health_percent": "0"}
    )
    assert [(bad.line, bad.column) for bad in checked.bad_rows] == [
        (2, "lot"), (2, "postcode"), (4, "funding"),
    ]  # fmt: skip


def test_a_reference_used_twice_is_named_at_its_second_line():
    checked = check({}, {"reference": "lcc-00001"}, {"reference": "B"})
    assert checked.bad_rows == (BadRow(3, "reference", "This reference is also on line 2."),)


def test_one_person_may_have_two_packages():
    assert check({}, {"reference": "B", "lot": "respite"}).bad_rows == ()


def test_a_reallocation_must_name_the_provider_of_before():
    assert check({"source": "reallocation"}).bad_rows[0].column == "incumbent_provider"
    (row,) = check({"source": "Reallocation", "incumbent_provider": "lark independent living"}).rows
    assert row.incumbent_provider == LARK


def test_a_short_visit_passes_with_its_reason():
    visits = {"weekly_visits": "Mon 07:00-10:00 15x1"}
    (row,) = check(visits | {"short_visit_reason": "one tablet, known carer"}).rows
    assert row.short_visit_reason == "one tablet, known carer"


def test_a_name_in_the_pen_picture_is_a_question_and_no_reason_to_refuse_the_file():
    change = {"person_name": "Carol Parkinson", "pen_picture": "Parkinson's; stiff in the mornings."}
    (row,) = check(change).rows
    assert [finding.found for finding in row.questions] == ["Parkinson's"]
    assert check({"pen_picture": change["pen_picture"]}).rows[0].questions == ()


def test_a_missing_column_counts_as_an_empty_cell():
    cells = {column: cell for column, cell in GOOD.items() if column != "postcode"}
    assert [bad.column for bad in check_rows(PACKAGES, [(2, cells)], FACTS).bad_rows] == ["postcode"]


def test_no_rows_are_no_reasons():
    assert check_rows(PACKAGES, [], FACTS).bad_rows == ()
