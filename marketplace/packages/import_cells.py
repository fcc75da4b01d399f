"""The cells of one row of an imported file, read one by one; what is wrong is collected, not raised."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from app.values.money import Money
from app.values.nhs_number import NhsNumber
from app.values.postcode import Postcode
from marketplace.packages.disclosure import Finding, identity_in_text, questions, refused
from marketplace.packages.rules import CarerGender, Funding, FundingSplit, Source, funding_split
from marketplace.packages.visits import UnreadableVisits, Visit, parse_weekly_visits, reasons_against_visits

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PERCENT = re.compile(r"[0-9]{1,3}")
_TELEPHONE = re.compile(r"\+?[0-9]{10,15}")
FIRST_YEAR, LAST_YEAR = 1890, 2100
MOST_ITEMS = 20

Choice = TypeVar("Choice", bound=StrEnum)
Value = TypeVar("Value")


class Cells:
    """One row: `reasons` gathers (column, sentence), `questions` the words that may be the person's name."""

    def __init__(self, raw: Mapping[str, str]) -> None:
        self._raw = raw
        self.reasons: list[tuple[str, str]] = []
        self.questions: list[Finding] = []

    def refuse(self, column: str, sentence: str) -> None:
        """Note one reason against the row."""
        self.reasons.append((column, sentence))

    def _cell(self, column: str) -> str:
        return (self._raw.get(column) or "").strip()

    def text(self, column: str, *, most: int, needed: bool = True, published: bool = False) -> str:
        """Free text of at most so many characters; a published one is searched for what tells who the person is."""
        cell = self._cell(column)
        if needed and not cell:
            self.refuse(column, "This cell is empty.")
        if len(cell) > most:
            self.refuse(column, f"This text has more than {most:,} characters.")
        elif any(unicodedata.category(sign) == "Cc" and sign not in "\t\n\r" for sign in cell):
            self.refuse(column, "This text holds control characters that cannot be shown.")
        elif published:
            self._search(column, cell)
        return cell

    def _search(self, column: str, text: str) -> None:
        found = identity_in_text(text, [self._cell("person_name")])
        for sentence in dict.fromkeys(finding.sentence for finding in refused(found)):
            self.refuse(column, sentence)
        self.questions += questions(found)

    def items(self, column: str) -> tuple[str, ...]:
        """The parts of a cell split on `|`, without repeats. A skill named like the person is no disclosure."""
        parts = tuple(dict.fromkeys(part.strip() for part in self._cell(column).split("|") if part.strip()))
        if len(parts) > MOST_ITEMS or any(len(part) > 60 for part in parts):
            self.refuse(column, f"Give at most {MOST_ITEMS} items of at most 60 characters, split by |.")
        elif refused(identity_in_text(" | ".join(parts))):
            self.refuse(column, "Take out the telephone number, postcode or NHS number.")
        return parts

    def one_of(self, column: str, known: Collection[str], what: str) -> str:
        """A name that must be known, in any case; the answer is the known spelling."""
        cell = self._cell(column)
        spelling = {name.casefold(): name for name in known}.get(cell.casefold())
        if spelling is None:
            self.refuse(column, f"This is not {what}." if cell else "This cell is empty.")
        return spelling or ""

    def choice(self, column: str, kind: type[Choice]) -> Choice:
        """One value of an enum, written with spaces or underscores."""
        cell = "_".join(self._cell(column).casefold().split())
        values = {member.value: member for member in kind}
        if cell not in values:
            self.refuse(column, f"Use one of: {', '.join(value.replace('_', ' ') for value in values)}.")
        return values.get(cell, next(iter(kind)))

    def read_date(self, column: str) -> date | None:
        """The date in the form 2026-12-06, or None when it is none."""
        cell = self._cell(column)
        if not _DATE.fullmatch(cell):
            return None
        try:
            day = date.fromisoformat(cell)
        except ValueError:
            return None
        return day if FIRST_YEAR <= day.year <= LAST_YEAR else None

    def date(self, column: str) -> date | None:
        """The date, its absence noted."""
        day = self.read_date(column)
        if day is None:
            self.refuse(column, "Give a date that exists, in the form 2026-12-06.")
        return day

    def postcode(self) -> Postcode | None:
        """The postcode of the visits."""
        return self._parsed("postcode", Postcode.parse)

    def nhs_number(self) -> NhsNumber | None:
        """The person's NHS number."""
        return self._parsed("nhs_number", NhsNumber.parse)

    def money(self, column: str) -> Money | None:
        """An amount, or None when the cell is empty."""
        return self._parsed(column, Money.parse) if self._cell(column) else None

    def _parsed(self, column: str, parse: Callable[[str], Value]) -> Value | None:
        try:
            return parse(self._cell(column))
        except ValueError as wrong:
            self.refuse(column, str(wrong))
            return None

    def telephone(self) -> str:
        """A telephone number as typed, or nothing."""
        cell = self._cell("telephone")
        digits = re.sub(r"[\s().-]", "", cell)
        if cell and not (_TELEPHONE.fullmatch(digits) and digits[0] in "0+"):
            self.refuse("telephone", "Give a full telephone number that begins with 0 or +.")
        return cell

    def visits(self) -> tuple[Visit, ...]:
        """The weekly visits, each clause judged."""
        time_critical = self._cell("time_critical").casefold()
        if time_critical not in ("yes", "no"):
            self.refuse("time_critical", "Use yes or no.")
        try:
            visits = parse_weekly_visits(self._cell("weekly_visits"), time_critical == "yes")
        except UnreadableVisits as unreadable:
            self.reasons += [("weekly_visits", reason) for reason in unreadable.reasons]
            return ()
        against = reasons_against_visits(visits, self._cell("short_visit_reason"))
        self.reasons += [("weekly_visits", reason) for reason in against]
        return visits

    def carer_gender(self) -> tuple[CarerGender, str]:
        """The gender asked for and why."""
        gender = self.choice("carer_gender", CarerGender)
        reason = self.text("carer_gender_reason", most=500, needed=False, published=True)
        if gender is not CarerGender.ANY and not reason:
            self.refuse("carer_gender_reason", "Say why the carer must be of this gender.")
        return gender, reason

    def funding(self) -> tuple[Funding, FundingSplit]:
        """Who pays, and the shares."""
        before = len(self.reasons)
        funding = self.choice("funding", Funding)
        if len(self.reasons) > before:
            # No share can be right or wrong for a funding that nobody knows.
            return funding, FundingSplit(100, 0)
        cell = self._cell("health_percent")
        try:
            return funding, funding_split(funding, int(cell) if _PERCENT.fullmatch(cell) else -1)
        except ValueError as wrong:
            self.refuse("health_percent", str(wrong))
            return funding, FundingSplit(100, 0)

    def source(self, providers: Collection[str]) -> tuple[Source, str]:
        """What brought the need about, and the provider of before, whom a reallocation must name."""
        source = self.choice("source", Source)
        if self._cell("incumbent_provider"):
            return source, self.one_of("incumbent_provider", providers, "a provider in the register")
        if source is Source.REALLOCATION:
            self.refuse("incumbent_provider", "A reallocation must name the provider of before.")
        return source, ""
