"""A file of providers, judged before anything is written: every row good, or every bad row named.

Reasons never repeat what a cell about a person holds, because they are shown and stored with the task.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.values.hours import minutes_from_hours
from app.values.postcode import Postcode
from marketplace.providers.ratings import KEY_QUESTIONS, normalise
from marketplace.schemes.rules import Rating
from marketplace.vetting.areas import parse_areas

QUESTIONS = tuple(name.casefold().replace("-", "_") for name in KEY_QUESTIONS)
REQUIRED_COLUMNS = (
    "name",
    "cqc_location_id",
    "cqc_overall",
    *(f"cqc_{name}" for name in QUESTIONS),
    "cqc_report_date",
    "base_postcode",
    "lots",
    "outcodes",
    "capacity_hours_per_week",
    "carers_female",
    "carers_male",
    "languages",
    "skills",
    "entry_assessment_score",
    "contact_name",
    "contact_email",
    "telephone",
)
OPTIONAL_COLUMNS = ("organisation",)
MOST_ITEMS = 60
MOST_CARERS = 100_000
_LOCATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,19}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_TELEPHONE = re.compile(r"\+?[0-9 ()-]{6,29}")


@dataclass(frozen=True, slots=True)
class ImportFacts:
    """What the file may refer to and must not repeat: lots by name, locations and addresses already taken.

    Organisations are their ids; `organisation_names` has the name of each that is registered.
    """

    lots: Mapping[str, str]
    locations_in_scheme: frozenset[str]
    organisation_of_location: Mapping[str, str]
    organisation_of_email: Mapping[str, str]
    organisation_names: Mapping[str, str]
    today: date


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One good row, typed. `lot_ids` are those of `ImportFacts.lots`.

    `organisation` is empty when the file names none: then the location is an organisation of its own.
    """

    line: int
    name: str
    organisation: str
    location_id: str
    overall: Rating
    questions: Mapping[str, Rating]
    published_on: date | None
    base_postcode: str
    lot_ids: tuple[str, ...]
    areas: tuple[str, ...]
    capacity_minutes: int
    carers_female: int
    carers_male: int
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    entry_score: int | None
    contact_name: str
    contact_email: str
    telephone: str


@dataclass(frozen=True, slots=True, order=True)
class BadRow:
    """One reason why the file is refused: the line in the file (its header is line 1), the column and a sentence."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict on a file: its rows when all are good, otherwise no rows and every reason."""

    rows: tuple[ProviderRow, ...]
    bad_rows: tuple[BadRow, ...]


def check_rows(rows: Sequence[tuple[int, Mapping[str, str]]], facts: ImportFacts) -> Checked:
    """Judges every row, given as its line and its cells by column name; all rows pass or none does."""
    good: list[ProviderRow] = []
    bad = _twice(rows, "cqc_location_id") + _shared_addresses(rows)
    for line, raw in rows:
        cells = _Cells(raw)
        row = _typed(line, cells, facts)
        bad += [BadRow(line, column, reason) for column, reason in cells.reasons]
        good.append(row)
    return Checked((), tuple(sorted(set(bad)))) if bad else Checked(tuple(good), ())


def _typed(line: int, cells: _Cells, facts: ImportFacts) -> ProviderRow:
    """The row as far as it can be read; every cell is looked at, so that all reasons are found."""
    overall = normalise(cells.cell("cqc_overall"))
    return ProviderRow(
        line=line,
        name=cells.text("name", 200),
        organisation=cells.organisation(facts),
        location_id=cells.location(facts),
        overall=overall,
        questions={question: normalise(cells.cell(f"cqc_{question}")) for question in QUESTIONS},
        published_on=cells.published_on(overall, facts.today),
        base_postcode=cells.postcode(),
        lot_ids=cells.lots(facts.lots),
        areas=cells.areas(),
        capacity_minutes=cells.minutes(),
        carers_female=cells.number("carers_female", MOST_CARERS) or 0,
        carers_male=cells.number("carers_male", MOST_CARERS) or 0,
        languages=cells.items("languages", 60),
        skills=cells.items("skills", 80),
        entry_score=cells.number("entry_assessment_score", 100, needed=False),
        contact_name=cells.text("contact_name", 200),
        contact_email=cells.email(facts),
        telephone=cells.telephone(),
    )


class _Cells:
    """One row, read cell by cell; what is wrong is collected in `reasons` as (column, sentence)."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self._raw = raw
        self.reasons: list[tuple[str, str]] = []

    def cell(self, column: str) -> str:
        """The cell without the spaces around it."""
        return (self._raw.get(column) or "").strip()

    def refuse(self, column: str, sentence: str) -> None:
        """Notes one reason against the row."""
        self.reasons.append((column, sentence))

    def text(self, column: str, most: int, *, needed: bool = True) -> str:
        """Printable text of at most so many characters."""
        cell = self.cell(column)
        if needed and not cell:
            self.refuse(column, "This cell is empty.")
        if len(cell) > most:
            self.refuse(column, f"This text has more than {most} characters.")
        if not cell.isprintable():
            self.refuse(column, "This text holds line breaks or signs that cannot be shown.")
        return cell

    def location(self, facts: ImportFacts) -> str:
        """A CQC location id that is new to the scheme."""
        cell = self.text("cqc_location_id", 20)
        if cell and not _LOCATION.fullmatch(cell):
            self.refuse("cqc_location_id", "This is no CQC location id, such as 1-134558905.")
        if cell in facts.locations_in_scheme:
            self.refuse("cqc_location_id", "This location is a member of the scheme, or has applied, already.")
        return cell

    def organisation(self, facts: ImportFacts) -> str:
        """The name of the organisation, or none.

        A name is nobody's own: a new location joins an organisation that is registered only where somebody who works
        there is its contact. Otherwise whoever writes a file could set a stranger among the users of any provider.
        """
        cell = self.text("organisation", 200, needed=False)
        if self.cell("cqc_location_id") in facts.organisation_of_location or not cell:
            return cell
        theirs = facts.organisation_of_email.get(self.cell("contact_email").lower())
        if cell in facts.organisation_names.values() and facts.organisation_names.get(theirs or "") != cell:
            self.refuse(
                "organisation",
                "An organisation of this name is registered already. As the contact, give the email address with which "
                "somebody who works there signs in, or leave the organisation empty.",
            )
        return cell

    def published_on(self, overall: Rating, today: date) -> date | None:
        """The date of the report; needed with a rating."""
        cell = self.cell("cqc_report_date")
        if not cell and overall is Rating.UNRATED:
            return None
        try:
            found = date.fromisoformat(cell)
        except ValueError:
            self.refuse("cqc_report_date", "Enter the date of the report as 2026-03-27.")
            return None
        if found > today:
            self.refuse("cqc_report_date", "This date is in the future.")
        return found

    def postcode(self) -> str:
        """A full postcode, in normal form."""
        try:
            return Postcode.parse(self.cell("base_postcode")).text
        except ValueError as problem:
            self.refuse("base_postcode", str(problem))
            return ""

    def lots(self, known: Mapping[str, str]) -> tuple[str, ...]:
        """The ids of lots of the scheme, named in any case."""
        ids = {name.casefold(): lot_id for name, lot_id in known.items()}
        named = [part.strip() for part in self.cell("lots").split("|") if part.strip()]
        if not named:
            self.refuse("lots", "This cell is empty. Name at least one lot of the scheme.")
        if any(name.casefold() not in ids for name in named):
            self.refuse("lots", f"Not every lot is one of this scheme: {', '.join(known)}.")
        return tuple(dict.fromkeys(ids[name.casefold()] for name in named if name.casefold() in ids))

    def areas(self) -> tuple[str, ...]:
        """Outcodes and sectors, split by |."""
        try:
            areas = parse_areas(self.cell("outcodes"))
        except ValueError as problem:
            self.refuse("outcodes", str(problem))
            return ()
        if not areas:
            self.refuse("outcodes", "This cell is empty. Name at least one outcode, such as PR1.")
        return areas

    def minutes(self) -> int:
        """Whole minutes from hours a week."""
        try:
            return minutes_from_hours(self.cell("capacity_hours_per_week"))
        except ValueError as problem:
            self.refuse("capacity_hours_per_week", str(problem))
            return 0

    def number(self, column: str, most: int, *, needed: bool = True) -> int | None:
        """A whole number from 0 to the most."""
        cell = self.cell(column)
        if not cell and not needed:
            return None
        if not (cell.isascii() and cell.isdigit() and len(cell) <= 9 and int(cell) <= most):
            self.refuse(column, f"Enter a whole number from 0 to {most:,}.")
            return None
        return int(cell)

    def items(self, column: str, longest: int) -> tuple[str, ...]:
        """The parts of a cell split by |, without repeats in any case."""
        parts = [part.strip() for part in self.cell(column).split("|") if part.strip()]
        if len(parts) > MOST_ITEMS or any(len(part) > longest or not part.isprintable() for part in parts):
            self.refuse(column, f"Give at most {MOST_ITEMS} of them, each of at most {longest} characters, split by |.")
        return tuple({part.casefold(): part for part in reversed(parts)}.values())[::-1]

    def email(self, facts: ImportFacts) -> str:
        """An email address that nobody of another organisation signs in with."""
        cell = self.cell("contact_email").lower()
        if not _EMAIL.fullmatch(cell) or len(cell) > 254 or not cell.isprintable():
            self.refuse("contact_email", "Enter an email address like name@example.org.")
        theirs = facts.organisation_of_email.get(cell)
        named = theirs and facts.organisation_names.get(theirs) == self.cell("organisation")
        if theirs and not named and theirs != facts.organisation_of_location.get(self.cell("cqc_location_id")):
            self.refuse("contact_email", "Somebody of another organisation signs in with this address.")
        return cell

    def telephone(self) -> str:
        """A telephone number, or none."""
        cell = self.cell("telephone")
        if cell and not _TELEPHONE.fullmatch(cell):
            self.refuse("telephone", "Enter a telephone number, such as 01632 960001.")
        return cell


def _twice(rows: Sequence[tuple[int, Mapping[str, str]]], column: str) -> list[BadRow]:
    first: dict[str, int] = {}
    bad = []
    for line, cells in rows:
        key = (cells.get(column) or "").strip().casefold()
        if key and first.setdefault(key, line) != line:
            bad.append(BadRow(line, column, f"This stands on line {first[key]} too."))
    return bad


def _shared_addresses(rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[BadRow]:
    """One address signs in for one organisation; only rows that name the same organisation may share it."""
    first: dict[str, tuple[int, str]] = {}
    bad = []
    for line, cells in rows:
        email = (cells.get("contact_email") or "").strip().casefold()
        organisation = (cells.get("organisation") or "").strip()
        known_line, known = first.setdefault(email, (line, organisation))
        if email and known_line != line and not (organisation and organisation == known):
            bad.append(BadRow(line, "contact_email", f"This address stands on line {known_line} too."))
    return bad
