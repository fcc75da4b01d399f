"""A file of packages, judged before anything is written: every row good, or every bad row named.

Reasons never repeat what a cell about a person holds, because they are shown, stored with the task and sent in mails.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
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

    @property
    def is_good(self) -> bool:
        """Whether the file can be loaded."""
        return not self.bad_rows


def check_rows(
    rows: Sequence[tuple[int, Mapping[str, str]]], facts: ImportFacts, judged: Callable[[int], None] | None = None
) -> Checked:
    """Judge every row, given as its line and its cells by column name; all rows pass or none does.

    `judged` is told after each row how many have been judged, for a progress bar.
    """
    taken = frozenset(reference.casefold() for reference in facts.existing_references)
    facts = replace(facts, existing_references=taken)
    good: list[PackageRow] = []
    bad = _twice(rows)
    for count, (line, cells) in enumerate(rows, start=1):
        row, reasons = _check_row(line, cells, facts)
        bad += reasons
        good += [row] if row else []
        if judged:
            judged(count)
    bad += _people_who_differ(good)
    return Checked((), tuple(sorted(set(bad)))) if bad else Checked(tuple(good), ())


def _check_row(line: int, raw: Mapping[str, str], facts: ImportFacts) -> tuple[PackageRow | None, list[BadRow]]:
    cells = Cells(raw)
    row = _typed(line, cells, facts)
    if cells.reasons:
        return None, [BadRow(line, column, reason) for column, reason in cells.reasons]
    return row, []


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


def _twice(rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[BadRow]:
    references = [(line, cells.get("reference", "").strip()) for line, cells in rows]
    counts = Counter(reference.casefold() for _, reference in references if reference)
    first: dict[str, int] = {}
    bad = []
    for line, reference in references:
        key = reference.casefold()
        if counts[key] > 1 and first.setdefault(key, line) != line:
            bad.append(BadRow(line, "reference", f"This reference is also on line {first[key]}."))
    return bad


def _people_who_differ(rows: Sequence[PackageRow]) -> list[BadRow]:
    """One NHS number is one person: two rows with the same number must agree on the name and the date of birth."""
    first: dict[NhsNumber, PackageRow] = {}
    bad = []
    for row in rows:
        known = first.setdefault(row.person.nhs_number, row)
        identity = (row.person.name.casefold(), row.person.date_of_birth)
        if identity != (known.person.name.casefold(), known.person.date_of_birth):
            reason = f"Line {known.line} has the same NHS number with another name or date of birth."
            bad.append(BadRow(row.line, "nhs_number", reason))
    return bad
