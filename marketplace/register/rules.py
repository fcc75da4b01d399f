"""The columns of a file of providers, and what makes a row of it wrong.

Reasons never repeat what a cell about a person holds, because they are shown and stored with the task.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from app.imports.columns import column
from app.imports.readers import items, matching, optional, split_items, text, whole
from app.imports.tables import Cells, Table
from app.values.days import read_day
from app.values.email import read_email
from app.values.hours import minutes_from_hours
from app.values.postcode import Postcode
from app.values.spelling import as_read, same_as_read
from marketplace.applications.rules import parse_areas
from marketplace.providers.ratings import QUESTION_COLUMNS, normalise
from marketplace.vocabulary import Rating

MOST_ITEMS = 60
MOST_CARERS = 100_000
REPORT_DATE = "Enter the date of the report, such as 27/03/2026."
_LOCATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,19}")


@dataclass(frozen=True, slots=True)
class ProviderFileFacts:
    """What the file may refer to and must not repeat: lots by name, locations and addresses already taken.

    Organisations are their ids; `organisation_names` has the name of each that is registered, and `own_organisations`
    those that the authority of the scheme knows: of the others' people no refusal tells anything.
    """

    lots: Mapping[str, str]
    locations_in_scheme: frozenset[str]
    organisation_of_location: Mapping[str, str]
    organisation_of_email: Mapping[str, str]
    organisation_names: Mapping[str, str]
    own_organisations: frozenset[str]
    today: date


def location_id(cell: str) -> str:
    """A location id of the CQC as it was typed; raises ValueError with a sentence."""
    known = text(20, one_line=True)(cell)
    if not _LOCATION.fullmatch(cell):
        raise ValueError("This is no CQC location id, such as 1-134558905.")
    return str(known)


def _areas(cell: str) -> tuple[str, ...]:
    areas = parse_areas(cell)
    if not areas:
        raise ValueError("This cell is empty. Name at least one outcode, such as PR1.")
    return areas


def _list(longest: int) -> Callable[[str], tuple[str, ...]]:
    told = f"Give at most {MOST_ITEMS} of them, each of at most {longest} characters, split by |."
    return items(MOST_ITEMS, longest, told)


_TELEPHONE = matching(r"\+?[0-9 ()-]{6,29}", "Enter a telephone number, such as 01632 960001.")
_RATING = "The rating as CQC publishes it."


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One good row. Lots are their ids; without an organisation the location is one of its own."""

    line: int
    name: str = column(text(200, one_line=True), "The name of the location.", "Thistle Care")
    cqc_location_id: str = column(location_id, "The id of the location at the CQC.", "1-134558905")
    cqc_overall: Rating = column(normalise, "The overall rating as CQC publishes it.", "Good")
    cqc_safe: Rating = column(normalise, _RATING, "Good")
    cqc_effective: Rating = column(normalise, _RATING, "Good")
    cqc_caring: Rating = column(normalise, _RATING, "Outstanding")
    cqc_responsive: Rating = column(normalise, _RATING, "Good")
    cqc_well_led: Rating = column(normalise, _RATING, "Good")
    cqc_report_date: date | None = column(
        optional(read_day), "The day of the report; needed with a rating.", "27/03/2026", error=REPORT_DATE
    )
    base_postcode: str = column(lambda cell: Postcode.parse(cell).text, "Where the carers set out from.", "PR3 2AP")
    lots: tuple[str, ...] = column(split_items, "The lots that it applies to join, split by |", "homecare|respite")
    outcodes: tuple[str, ...] = column(_areas, "Where it works: outcodes and sectors, split by |", "PR1|PR2 1")
    capacity_hours_per_week: int = column(minutes_from_hours, "How many hours of care a week it can give.", "80.5")
    carers_female: int = column(whole(MOST_CARERS), "How many carers are women.", "53")
    carers_male: int = column(whole(MOST_CARERS), "How many carers are men.", "7")
    languages: tuple[str, ...] = column(_list(60), "What carers speak, split by |", "Gujarati|Punjabi")
    skills: tuple[str, ...] = column(_list(80), "What carers can do, split by |", "dementia|PEG feeding")
    entry_assessment_score: int | None = column(
        optional(whole(100, percent=True)), "The score at entry, or empty.", "54"
    )
    contact_name: str = column(text(200, one_line=True), "Who is told of offers.", "Dilip Walmsley", personal=True)
    contact_email: str = column(read_email, "The address that signs in.", "name@example.org", personal=True)
    telephone: str | None = column(optional(_TELEPHONE), "How to ring, or empty.", "01632 960001", personal=True)
    organisation: str = column(
        text(200, needed=False, one_line=True), "The organisation of several locations.", required=False
    )

    @property
    def questions(self) -> dict[str, Rating]:
        """The ratings of the key questions, as the table of ratings names them."""
        return {name: getattr(self, f"cqc_{name}") for name in QUESTION_COLUMNS}


def judge(facts: ProviderFileFacts) -> Callable[[Cells], None]:
    """Judges rows beyond their single cells."""
    lot_ids = {as_read(name): lot_id for name, lot_id in facts.lots.items()}
    addresses: dict[str, tuple[int, str]] = {}

    def judge_row(cells: Cells) -> None:
        if cells["cqc_location_id"] in facts.locations_in_scheme:
            cells.refuse("cqc_location_id", "This location is a member of the scheme, or has applied, already.")
        _judge_lots(cells, facts, lot_ids)
        _judge_report_date(cells, facts.today)
        _judge_organisation(cells, facts)
        _judge_address(cells, facts)
        _refuse_shared_address(cells, addresses)

    return judge_row


def _judge_lots(cells: Cells, facts: ProviderFileFacts, lot_ids: Mapping[str, str]) -> None:
    named = [as_read(name) for name in cells["lots"]]
    if not named:
        cells.refuse("lots", "This cell is empty. Name at least one lot of the scheme.")
    if any(name not in lot_ids for name in named):
        cells.refuse("lots", f"Not every lot is one of this scheme: {', '.join(facts.lots)}.")
    cells.values["lots"] = tuple(dict.fromkeys(lot_ids[name] for name in named if name in lot_ids))


def _judge_report_date(cells: Cells, today: date) -> None:
    published_on = cells["cqc_report_date"]
    if not cells.text("cqc_report_date") and cells["cqc_overall"] is not Rating.UNRATED:
        cells.refuse("cqc_report_date", REPORT_DATE)
    if published_on and published_on > today:
        cells.refuse("cqc_report_date", "This date is in the future.")


def _judge_organisation(cells: Cells, facts: ProviderFileFacts) -> None:
    """A name is nobody's own: a new location joins an organisation that is registered only where somebody who works
    there is its contact. Otherwise whoever writes a file could set a stranger among the users of any provider.
    """
    name = as_read(cells.text("organisation"))
    if not name or cells.text("cqc_location_id") in facts.organisation_of_location:
        return
    theirs = facts.organisation_of_email.get(cells["contact_email"] or "", "")
    known = {as_read(known) for known in facts.organisation_names.values()}
    if name in known and as_read(facts.organisation_names.get(theirs, "")) != name:
        cells.refuse(
            "organisation",
            "An organisation of this name is registered already. As the contact, give the email address with which "
            "somebody who works there signs in, or leave the organisation empty.",
        )


def _judge_address(cells: Cells, facts: ProviderFileFacts) -> None:
    """Nobody of another organisation that the council knows signs in with the contact's address.

    Who signs in for a stranger is told of these offers as anybody else, and nothing is said of the account.
    """
    theirs = facts.organisation_of_email.get(cells["contact_email"] or "", "")
    organisation = cells.text("organisation")
    named = organisation and same_as_read(facts.organisation_names.get(theirs, ""), organisation)
    if (
        theirs in facts.own_organisations
        and not named
        and theirs != facts.organisation_of_location.get(cells.text("cqc_location_id"))
    ):
        cells.refuse("contact_email", "Somebody of another organisation signs in with this address.")


def _refuse_shared_address(cells: Cells, addresses: dict[str, tuple[int, str]]) -> None:
    """One address signs in for one organisation; only rows that name the same organisation may share it."""
    email, organisation = cells["contact_email"] or "", as_read(cells.text("organisation"))
    line, earlier = addresses.setdefault(email, (cells.line, organisation))
    if email and line != cells.line and not (organisation and organisation == earlier):
        cells.refuse("contact_email", f"This address stands on line {line} too.")


PROVIDERS = Table(ProviderRow, once={"cqc_location_id": "This stands on line {line} too."}, judge=judge)
