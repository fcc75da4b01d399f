"""The export of packages: what is needed, without anything that says for whom, under the import's column names."""

from __future__ import annotations

from collections.abc import Iterable

from app.files.writing import Cell, csv_bytes
from app.values.hours import hours_number
from marketplace.packages.funding import split_of
from marketplace.packages.models import Package
from marketplace.packages.rules import Funding
from marketplace.packages.visits import weekly_visits_text

COLUMNS = (
    "reference",
    "council_reference",
    "status",
    "lot",
    "source",
    "urgency",
    "planned_start",
    "district",
    "zone",
    "weekly_hours",
    "weekly_visits",
    "time_critical",
    "carer_gender",
    "carer_gender_reason",
    "short_visit_reason",
    "skills",
    "language",
    "pen_picture",
    "funding",
    "health_percent",
    "cost_ceiling_weekly",
)


def export_file(packages: Iterable[Package]) -> tuple[bytes, int]:
    """The CSV file and how many packages are in it. The district stands for the postcode."""
    rows = [_row(package) for package in packages]
    return csv_bytes(COLUMNS, rows), len(rows)


def _row(package: Package) -> list[Cell]:
    visits = [visit.value for visit in package.visits]
    return [
        package.reference,
        package.council_reference,
        package.status.value,
        package.lot.name,
        package.source.value,
        package.urgency.value,
        package.planned_start.isoformat(),
        package.outcode,
        package.zone.name if package.zone else "",
        hours_number(package.weekly_minutes),
        weekly_visits_text(visits),
        "yes" if any(visit.time_critical for visit in visits) else "no",
        package.carer_gender.value,
        package.carer_gender_reason,
        package.short_visit_reason,
        "|".join(skill.skill for skill in package.skills),
        package.language,
        package.pen_picture,
        *_money(package),
    ]


def _money(package: Package) -> list[Cell]:
    health = split_of(package).health_percent
    funding = {0: Funding.COUNCIL, 100: Funding.HEALTH}.get(health, Funding.JOINT)
    ceiling = package.cost_ceiling_pence
    return [funding.value, health, "" if ceiling is None else f"{ceiling // 100}.{ceiling % 100:02d}"]
