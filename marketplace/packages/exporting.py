"""The export of packages: what is needed, under the import's column names.

Without identity the district stands for the postcode. With it the columns are those of the import and nothing else,
so that the file can be taken in again as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from app.audit import access
from app.database import db
from app.exports import Table
from app.files.writing import Cell
from app.parties.models import Team
from app.values.hours import hours_number
from marketplace.packages.funding import split_of
from marketplace.packages.import_rules import PACKAGES
from marketplace.packages.models import Package
from marketplace.packages.rules import Funding
from marketplace.packages.visits import weekly_visits_text
from marketplace.people.models import Person
from marketplace.providers.models import Provider

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
WHOLE_COLUMNS = tuple(column.name for column in PACKAGES.columns)


def packages_table(packages: Iterable[Package]) -> Table:
    """The packages without anything that says for whom."""
    return Table("packages", COLUMNS, (_in_order(_need(package), COLUMNS) for package in packages))


def whole_table(packages: Iterable[Package]) -> Table:
    """The packages with their people, in the columns of the import. Each person's identity is noted as read."""
    return Table("packages-with-people", WHOLE_COLUMNS, _whole_rows(packages))


def _whole_rows(packages: Iterable[Package]) -> Iterator[list[Cell]]:
    teams = {row.id: row.name for row in db.session.execute(select(Team.id, Team.name))}
    providers = {row.id: row.name for row in db.session.execute(select(Provider.id, Provider.name))}
    for package in packages:
        access.note_read(package.person_id)
        names: dict[str, Cell] = {
            "reference": package.council_reference or package.reference,
            "postcode": package.postcode,
            "referrer": teams.get(package.referring_team_id, "") if package.referring_team_id else "",
            "incumbent_provider": providers.get(package.incumbent_provider_id, "")
            if package.incumbent_provider_id
            else "",
        }
        yield _in_order(_need(package) | names | _person(package.person), WHOLE_COLUMNS)


def _in_order(values: dict[str, Cell], columns: Iterable[str]) -> list[Cell]:
    return [values[column] for column in columns]


def _person(person: Person) -> dict[str, Cell]:
    return {
        "person_name": person.name,
        "date_of_birth": person.date_of_birth.isoformat() if person.date_of_birth else "",
        "nhs_number": person.nhs_number or "",
        "address": person.address or "",
        "telephone": person.telephone or "",
    }


def _need(package: Package) -> dict[str, Cell]:
    visits = [visit.value for visit in package.visits]
    return {
        "reference": package.reference,
        "council_reference": package.council_reference,
        "status": package.status.value,
        "lot": package.lot.name,
        "source": package.source.value,
        "urgency": package.urgency.value,
        "planned_start": package.planned_start.isoformat(),
        "district": package.outcode,
        "zone": package.zone.name if package.zone else "",
        "weekly_hours": hours_number(package.weekly_minutes),
        "weekly_visits": weekly_visits_text(visits),
        "time_critical": "yes" if any(visit.time_critical for visit in visits) else "no",
        "carer_gender": package.carer_gender.value,
        "carer_gender_reason": package.carer_gender_reason,
        "short_visit_reason": package.short_visit_reason,
        "skills": "|".join(skill.skill for skill in package.skills),
        "language": package.language,
        "pen_picture": package.pen_picture,
        **_money(package),
    }


def _money(package: Package) -> dict[str, Cell]:
    health = split_of(package).health_percent
    funding = {0: Funding.COUNCIL, 100: Funding.HEALTH}.get(health, Funding.JOINT)
    ceiling = package.cost_ceiling_pence
    amount = "" if ceiling is None else f"{ceiling // 100}.{ceiling % 100:02d}"
    return {"funding": funding.value, "health_percent": health, "cost_ceiling_weekly": amount}
