"""What the audit goes to see, and what it finds there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Why a page is visited."""

    PAGE = "page"
    FORM = "form sent empty"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Visit:
    """One page to be looked at as one role. `shape` is the same for pages that are built of the same parts.

    `has_form`: something can be filled in and sent.
    """

    role: str
    endpoint: str
    path: str
    status: int = 200
    kind: Kind = Kind.PAGE
    shape: str = ""
    has_form: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a page; `width` is 0 where it does not matter."""

    check: str
    visit: Visit
    width: int
    sentence: str


@dataclass(slots=True)
class Tally:
    """What was done and found, added up over the workers."""

    findings: list[Finding] = field(default_factory=list)
    looks: dict[tuple[str, str, int], int] = field(default_factory=dict)
    closely: int = 0
    forms: int = 0
    cut_short: int = 0
    errors: list[str] = field(default_factory=list)

    def looked(self, visit: Visit, width: int) -> None:
        """Counts one look at one page by one role at one width."""
        key = (visit.endpoint, visit.role, width)
        self.looks[key] = self.looks.get(key, 0) + 1

    def add(self, other: Tally) -> None:
        """Takes in what another worker did."""
        self.findings += other.findings
        self.errors += other.errors
        self.closely += other.closely
        self.forms += other.forms
        self.cut_short += other.cut_short
        for key, count in other.looks.items():
            self.looks[key] = self.looks.get(key, 0) + count
