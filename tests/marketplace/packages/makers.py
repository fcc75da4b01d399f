"""Files of packages for the tests of the slice."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

from app import clock
from app.parties.models import Team
from app.parties.services import team_named
from marketplace.packages.importing import PACKAGES
from tests.people import People

GOOD_ROW = {
    "reference": "TCC-00001",
    "lot": "homecare",
    "source": "community",
    "urgency": "standard",
    "postcode": "PR1 8XJ",
    "weekly_visits": "Mon-Sun 07:30-09:30 45x1; Sun 12:00-14:00 60x2",
    "time_critical": "yes",
    "carer_gender": "any",
    "carer_gender_reason": "",
    "skills": "hoist|PEG feeding",
    "language": "",
    "pen_picture": "Lives alone; walks with a frame.",
    "funding": "joint",
    "health_percent": "40",
    "cost_ceiling_weekly": "400.00",
    "person_name": "ZZAda ZZMarsden",
    "date_of_birth": "1940-05-06",
    "nhs_number": "",
    "address": "ZZ1 Weavers Row",
    "telephone": "07700 900556",
    "referrer": "Age Well team",
    "incumbent_provider": "",
}


def nhs_number(n: int) -> str:
    """The nth number of the range that is never issued and passes the check (J7)."""
    stem = 999_000_000 + n * 2
    while True:
        digits = f"{stem:09d}"
        check = (
            11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        ) % 11
        if check < 10:
            return f"{digits}{check}"
        stem += 1


def a_row(n: int = 1, **changes: str) -> dict[str, str]:
    """A good row about the nth person."""
    row = {"reference": f"TCC-{n:05d}", "nhs_number": nhs_number(n), "date_of_birth": f"{1930 + n % 30}-05-06"}
    starts = {"planned_start": (clock.today() + timedelta(days=30)).isoformat()}
    return {column: {**GOOD_ROW, **row, **starts, **changes}[column] for column in PACKAGES.required}


def a_file(*rows: dict[str, str]) -> bytes:
    """The rows as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, PACKAGES.required)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def a_team(people: People, name: str = "Age Well team") -> Team:
    """The team that the rows name."""
    return team_named(people.council, name, "agewell@testshire.example")


def upload(content: bytes, **fields: Any) -> dict[str, Any]:
    """Form data that carries a file."""
    return {"file": (io.BytesIO(content), "packages.csv"), **fields}
