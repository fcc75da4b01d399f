"""What a proof found: one row for each case, as a table for people and as JSON lines for machines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """Whether what was promised held."""

    HELD = "held"
    LATE = "late"
    """All was done as promised, but not as soon: a finding where seconds are judged, which `make test` never does."""
    FINDING = "finding"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Row:
    """One case of one proof: how often it was tried, how long it took in seconds, and what was seen."""

    proof: str
    case: str
    database: str
    times: int
    outcome: Outcome
    seconds: float
    detail: str

    @property
    def line(self) -> str:
        """The row as one line of the table."""
        place = f"{self.proof:<15}{self.case:<42}{self.database:<10}{self.times:>5}  "
        return f"{place}{self.outcome.value:<8}{self.seconds:>7.1f}  {self.detail}"


HEADING = f"{'proof':<15}{'case':<42}{'database':<10}{'times':>5}  {'outcome':<8}{'seconds':>7}  what was seen"


def judged(
    proof: str,
    case: str,
    database: str,
    times: int,
    seconds: float,
    found: Sequence[str],
    seen: str,
    late: Sequence[str] = (),
) -> Row:
    """A row: held when nothing was found and nothing was late, else one that says the first few things found."""
    outcome = Outcome.FINDING if found else Outcome.LATE if late else Outcome.HELD
    problems = [*found, *late]
    more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
    detail = "; ".join(problems[:3]) + more if problems else seen
    return Row(proof, case, database, times, outcome, seconds, detail)


def write_lines(rows: Sequence[Row], path: Path) -> None:
    """The rows as JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows), encoding="utf-8")


def all_held(rows: Sequence[Row], *, unhurried: bool = False) -> bool:
    """Whether every case was run and held; `unhurried` where it does not matter how soon."""
    good = {Outcome.HELD, Outcome.LATE} if unhurried else {Outcome.HELD}
    return bool(rows) and all(row.outcome in good for row in rows)
