"""A file of packages, judged before anything is written: every row good, or every bad row named.

Reasons never repeat what a cell about a person holds, because they are shown, stored with the task and sent in mails.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.values.money import Money
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from marketplace.packages.disclosure import Finding
from marketplace.packages.import_cells import Cells
from marketplace.packages.rules import CarerGender, Funding, FundingSplit, Source, Urgency
from marketplace.packages.visits import Visit

REQUIRED_COLUMNS = (
    "reference",
    "lot",
    "source",
    "urgency",
    "planned_start",
    "postcode",
    "weekly_visits",
    "time_critical",
    "carer_gender",
    "carer_gender_reason",
    "skills",
    "language",
    "pen_picture",
    "funding",
    "health_percent",
    "cost_ceiling_weekly",
    "person_name",
    "date_of_birth",
    "nhs_number",
    "address",
    "telephone",
    "referrer",
    "incumbent_provider",
)
OPTIONAL_COLUMNS = ("short_visit_reason",)

OLDEST_PERSON_YEARS = 125


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """What the file may refer to: names of the scheme and its providers, and references already taken."""

    lots: frozenset[str]
    teams: frozenset[str]
    providers: frozenset[str]
    existing_references: frozenset[str]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """The person of one row."""

    name: str
    date_of_birth: date
    nhs_number: NhsNumber
    address: str
    telephone: str


@dataclass(frozen=True, slots=True)
class CareRow:
    """The care that one row asks for."""

    visits: tuple[Visit, ...]
    short_visit_reason: str
    carer_gender: CarerGender
    carer_gender_reason: str
    skills: tuple[str, ...]
    language: str
    pen_picture: str


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One good row, typed. `questions` are words that somebody must answer for before it is offered."""

    line: int
    reference: str
    lot: str
    source: Source
    urgency: Urgency
    planned_start: date
    postcode: Postcode
    care: CareRow
    funding: Funding
    split: FundingSplit
    cost_ceiling_weekly: Money | None
    person: PersonRow
    referrer: str
    incumbent_provider: str
    questions: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, order=True)
class BadRow:
    """One reason why the file is refused: the line in the file (its header is line 1), the column and a sentence."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a file: its rows when all are good, otherwise no rows and every reason."""

    rows: tuple[PackageRow, ...]
    bad_rows: tuple[BadRow, ...]


def check_rows(rows: Sequence[tuple[int, Mapping[str, str]]], facts: ImportFacts) -> Checked:
    """Judge every row, given as its line and its cells by column name; all rows pass or none does."""
    judge = Judge(facts)
    good = [judge.judge(line, cells) for line, cells in rows]
    return Checked((), judge.bad_rows) if judge.bad_rows else Checked(tuple(row for row in good if row), ())


MOST_REASONS = 20_000


class Judge:
    """Judges a file row by row, remembering of earlier rows only what later ones must agree with."""

    def __init__(self, facts: ImportFacts) -> None:
        taken = frozenset(reference.casefold() for reference in facts.existing_references)
        self._facts = replace(facts, existing_references=taken)
        self._lines: dict[str, int] = {}
        self._people: dict[str, tuple[int, str, date]] = {}
        self._bad: set[BadRow] = set()

    @property
    def bad_rows(self) -> tuple[BadRow, ...]:
        """Every reason so far, by line; of a file without one good row only the first 20,000."""
        return tuple(sorted(self._bad))

    def refuse(self, bad: BadRow) -> None:
        """Notes one reason."""
        if len(self._bad) < MOST_REASONS:
            self._bad.add(bad)

    def judge(self, line: int, raw: Mapping[str, str]) -> PackageRow | None:
        """The row, typed, or None with the reasons noted."""
        self._refuse_second(line, raw.get("reference", "").strip())
        cells = Cells(raw)
        row = _typed(line, cells, self._facts)
        for column, reason in cells.reasons:
            self.refuse(BadRow(line, column, reason))
        if row is None or cells.reasons:
            return None
        self._refuse_other_person(row)
        return row

    def _refuse_second(self, line: int, reference: str) -> None:
        first = self._lines.setdefault(reference.casefold(), line) if reference else line
        if first != line:
            self.refuse(BadRow(line, "reference", f"This reference is also on line {first}."))

    def _refuse_other_person(self, row: PackageRow) -> None:
        """One NHS number is one person: rows with the same number must agree on the name and the date of birth."""
        told = (row.person.name.casefold(), row.person.date_of_birth)
        first, *known = self._people.setdefault(row.person.nhs_number.digits, (row.line, *told))
        if tuple(known) != told:
            reason = f"Line {first} has the same NHS number with another name or date of birth."
            self.refuse(BadRow(row.line, "nhs_number", reason))


def _typed(line: int, cells: Cells, facts: ImportFacts) -> PackageRow | None:
    """The row as far as it can be read; every cell is looked at before giving up, so that all reasons are found."""
    reference = _reference(cells, facts.existing_references)
    lot = cells.one_of("lot", facts.lots, "a lot of this scheme")
    referrer = cells.one_of("referrer", facts.teams, "a referring team of this scheme")
    source, incumbent = cells.source(facts.providers)
    urgency = cells.choice("urgency", Urgency)
    starts, postcode = cells.date("planned_start"), cells.postcode()
    care, person = _care(cells), _person(cells)
    funding, split = cells.funding()
    ceiling = cells.money("cost_ceiling_weekly")
    if starts is None or postcode is None or person is None:
        return None
    return PackageRow(
        line=line,
        reference=reference,
        lot=lot,
        source=source,
        urgency=urgency,
        planned_start=starts,
        postcode=postcode,
        care=care,
        funding=funding,
        split=split,
        cost_ceiling_weekly=ceiling,
        person=person,
        referrer=referrer,
        incumbent_provider=incumbent,
        questions=tuple(cells.questions),
    )


def _reference(cells: Cells, taken: frozenset[str]) -> str:
    reference = cells.text("reference", most=40)
    if reference.casefold() in taken:
        cells.refuse("reference", "This reference is already used by a package.")
    return reference


def _care(cells: Cells) -> CareRow:
    gender, gender_reason = cells.carer_gender()
    return CareRow(
        visits=cells.visits(),
        short_visit_reason=cells.text("short_visit_reason", most=500, needed=False, published=True),
        carer_gender=gender,
        carer_gender_reason=gender_reason,
        skills=cells.items("skills"),
        language=cells.text("language", most=60, needed=False, published=True),
        pen_picture=cells.text("pen_picture", most=2000, published=True),
    )


def _person(cells: Cells) -> PersonRow | None:
    born, starts = cells.date("date_of_birth"), cells.read_date("planned_start")
    if born and starts and not 0 <= starts.year - born.year <= OLDEST_PERSON_YEARS:
        cells.refuse("date_of_birth", "The date of birth does not fit the planned start: look for a wrong year.")
    name = cells.text("person_name", most=120)
    number = cells.nhs_number()
    address = cells.text("address", most=300)
    telephone = cells.telephone()
    return PersonRow(name, born, number, address, telephone) if born and number else None
