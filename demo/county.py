"""Lancashire's files, cut into weeks of work and shifted to today by whole weeks, so that weekdays stay true."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FOLDER = Path(__file__).parent / "lancashire"
SCHEME = FOLDER / "scheme.toml"
PROVIDERS = FOLDER / "providers.csv"
PACKAGES = FOLDER / "packages.csv"

PAST_WEEKS = (45, 45, 45, 120)
"""How many packages each past week loads, the oldest first; the last is busy, so that its batches are still open work."""
SOONEST_DAYS = 5


@dataclass(frozen=True, slots=True)
class Week:
    """One Monday's file: the packages that the council loads that week."""

    monday: date
    rows: tuple[dict[str, str], ...]

    @property
    def content(self) -> bytes:
        """The week as a CSV file, as a navigator would upload it."""
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()


def weeks_until(today: date) -> list[Week]:
    """The weeks of the simulated past and this week, which takes all that is left of the 600 packages."""
    rows = list(csv.DictReader(PACKAGES.read_text(encoding="utf-8").splitlines()))
    this_monday = today - timedelta(days=today.weekday())
    weeks = []
    for back, size in zip(range(len(PAST_WEEKS), -1, -1), (*PAST_WEEKS, len(rows)), strict=True):
        monday = this_monday - timedelta(weeks=back)
        taken, rows = rows[:size], rows[size:]
        earliest = monday if back else today
        weeks.append(Week(monday, tuple(shifted(row, earliest) for row in taken)))
    return weeks


def shifted(row: dict[str, str], loaded_on: date) -> dict[str, str]:
    """The row with its start moved by whole weeks to the first such weekday that leaves time to find a provider."""
    start = date.fromisoformat(row["planned_start"])
    soonest = loaded_on + timedelta(days=SOONEST_DAYS + (int(row["reference"][-2:]) % 3) * 7)
    weeks = -(-(soonest - start).days // 7)
    return {**row, "planned_start": (start + timedelta(weeks=weeks)).isoformat()}
